#include "cli/sample_log.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace microgpt::cli {
namespace {

constexpr int kMostSamples = 3;

}  // namespace

SampleLog::SampleLog(const std::string& path, std::int64_t every,
                     SampleOptions options, std::int64_t steps_done)
    : every_(every),
      options_(std::move(options)),
      kept_(FindKept(path, steps_done, false)),
      file_(path, kept_),
      last_step_(kept_.last_step) {
  options_.num_samples = std::min(options_.num_samples, kMostSamples);
}

bool SampleLog::Due(const Trainer& trainer) const {
  const std::int64_t step = trainer.steps_done();
  return step != last_step_ &&
         (step % every_ == 0 || step == trainer.config().num_steps ||
          trainer.stopped_early());
}

void SampleLog::Write(const Trainer& trainer) {
  if (trainer.steps_done() == last_step_) return;
  using nlohmann::ordered_json;
  last_step_ = trainer.steps_done();
  const ordered_json line = {
      {"step", last_step_},
      {"samples",
       Generate(trainer.model(), trainer.corpus().tokenizer(), options_)}};
  file_.Append(
      line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace microgpt::cli
