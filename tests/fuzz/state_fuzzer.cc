// state.json, with and without its checksum, and back.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/state_json.h"
#include "microgpt/config.h"
#include "tests/fuzz/harness.h"

namespace microgpt::fuzz {
namespace {

constexpr std::string_view kPath = "folder/state.json";

StateFile ParseBody(std::string_view text) {
  return ParseStateBody(text, std::string(kPath));
}

StateFile ParseWhole(std::string_view text) {
  return ParseStateJson(text, std::string(kPath));
}

// The text alone would not show digits that are lost when it is written.
void CheckSameNumbers(const CheckpointState& a, const CheckpointState& b) {
  const std::vector<ConfigField> fields = FieldsOf(a.config);
  const std::vector<ConfigField> others = FieldsOf(b.config);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Require(fields[i].value == others[i].value,
            std::string(fields[i].name) + " changed from " + fields[i].value +
                " to " + others[i].value);
  }
  Require(a.progress.recent_losses == b.progress.recent_losses,
          "recent_losses changed");
  Require(a.progress.random == b.progress.random, "random changed");
  Require(a.run.input == b.run.input, "input changed");
  Require(a.run.val_input == b.run.val_input, "val_input changed");
  Require(a.progress.validation.best_loss == b.progress.validation.best_loss,
          "best_loss changed");
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  const std::string_view text = AsText(data, size);
  std::optional<StateFile> body;
  std::optional<StateFile> whole;
  Accepts(kPath, [&] { body = ParseBody(text); });
  Accepts(kPath, [&] { whole = ParseWhole(text); });
  Require(body || !whole, "the checksum makes a file valid");
  if (!body) return 0;
  ++accepted_inputs;

  const std::string saved = StateJson(*body);
  const StateFile again = ParseWhole(saved);
  Require(StateJson(again) == saved, "saved twice, it differs: " + saved);
  CheckSameNumbers(body->state, again.state);
  if (whole) Require(StateJson(*whole) == saved, "two ways of reading it");
  return 0;
}
