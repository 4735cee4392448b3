#include "tests/crash/crash_fixture.h"

#include <algorithm>
#include <filesystem>

namespace microgpt {
namespace {

namespace fs = std::filesystem;

// Folders that scenarios are built from.
constexpr const char* kPrepared = "prepared";
constexpr const char* kFinished = "finished";
constexpr const char* kBest = "best";

// Saving costs nothing but system calls, and those do not vary.
const Arguments kQuick = {"--quiet", "--num-samples", "0", "--threads", "1"};

const Arguments kNew =
    kQuick + Arguments{"--input",     "words", "--n-embd",     "4",
                       "--n-head",    "1",     "--block-size", "5",
                       "--num-steps", "6"};

Arguments SaveInto(const std::string& folder, const std::string& every) {
  return {"--out-dir", folder, "--save-every", every};
}

Arguments Resume(const std::string& folder) {
  return kQuick + Arguments{"--resume", folder};
}

std::string Generation(const std::string& folder, int number) {
  return folder + "/generation-00000" + std::to_string(number);
}

}  // namespace

// Generations 2 and 3 of kPrepared are after step 3 and 6, generations 1 and 2
// of "once" after step 0 and 6.
CrashTest::CrashTest() {
  Write("words", "anna\nbob\ncleo\n");
  Output(kNew + SaveInto(kPrepared, "3"));
  Output(kNew + SaveInto("once", "6"));
}

Scenario CrashTest::FirstSaves() const {
  Scenario scenario{kNew + SaveInto(kSaved, "3"),
                    {"", SavedDigest(Generation("once", 1)),
                     SavedDigest(Generation(kPrepared, 2)),
                     SavedDigest(Generation(kPrepared, 3))},
                    ""};
  EXPECT_EQ(SavedDigest(Generation("once", 2)), scenario.states.back());
  EXPECT_EQ(DigestOf(Output(kNew)), scenario.states.back());
  return scenario;
}

Scenario CrashTest::LaterSaves() const {
  const Arguments longer = {"--num-steps", "12"};
  Copy(kPrepared, kFinished);
  Output(Resume(kFinished) + longer);
  return {Resume(kSaved) + longer,
          {SavedDigest(Generation(kPrepared, 3)),
           SavedDigest(Generation(kFinished, 4)),
           SavedDigest(Generation(kFinished, 5))},
          ""};
}

// Validation changes no state, so those of FirstSaves come again.
Scenario CrashTest::BestSaves() const {
  const Scenario first = FirstSaves();
  const std::vector<std::string>& states = first.states;
  return {first.run + Arguments{"--val-input", "words", "--eval-every", "3"},
          {"", states[1], states[1], states[2], states[2], states[3]},
          states[3]};
}

void CrashTest::Reset(const Scenario& scenario) const {
  fs::remove_all(PathOf(kSaved));
  if (scenario.states.front().empty()) return;
  Copy(kPrepared, kSaved);
  MakeLeftover(".partial-000004");
  MakeLeftover(".removed-000001");
}

void CrashTest::MakeLeftover(const std::string& name) const {
  const std::string folder = std::string(kSaved) + "/" + name;
  fs::create_directory(PathOf(folder));
  Write(folder + "/model.safetensors", "half a mod");
}

void CrashTest::ExpectRecovery(const Scenario& scenario, std::size_t low,
                               std::size_t high) const {
  const auto begin = scenario.states.begin();
  const std::vector<std::string> allowed(
      begin + static_cast<std::ptrdiff_t>(low),
      begin + static_cast<std::ptrdiff_t>(high) + 1);
  std::string found;
  if (CountSaved("generation-") > 0) {
    found = SavedDigest(kSaved);
    ExpectIntact(kSaved);
  } else {
    EXPECT_TRUE(IsError(Run({"info", "--checkpoint", kSaved}), 3, {kSaved}));
  }
  EXPECT_GE(std::count(allowed.begin(), allowed.end(), found), 1)
      << "state '" << found << "', not between " << allowed.front() << " and "
      << allowed.back();

  const bool again = found.empty() || !scenario.states.front().empty();
  EXPECT_EQ(DigestOf(Output(again ? scenario.run : Resume(kSaved))),
            scenario.states.back());
  EXPECT_EQ(SavedDigest(kSaved), scenario.states.back());
  const std::size_t best = scenario.best.empty() ? 0 : 1;
  EXPECT_EQ(CountSaved("generation-") + CountSaved("lock") + best + 1,
            CountSaved(""));
  EXPECT_EQ(CountSaved("config.toml"), 1u);
  if (best > 0) ExpectBest(scenario);
}

void CrashTest::ExpectIntact(const std::string& folder) const {
  for (const std::string& name : NamesIn(folder)) {
    if (name == kBest) ExpectIntact(folder + "/" + name);
    if (name.starts_with("generation-")) SavedDigest(folder + "/" + name);
  }
}

void CrashTest::ExpectBest(const Scenario& scenario) const {
  EXPECT_EQ(SavedDigest(std::string(kSaved) + "/" + kBest), scenario.best);
  EXPECT_EQ(CountSaved("generation-", kBest) + CountSaved("lock", kBest),
            CountSaved("", kBest));
}

std::vector<std::string> CrashTest::NamesIn(const std::string& folder) const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(PathOf(folder))) {
    const std::string name = entry.path().filename().string();
    if (!IsRunFile(name)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::size_t CrashTest::CountSaved(const std::string& prefix,
                                  const std::string& folder) const {
  const std::string path = kSaved + (folder.empty() ? "" : "/" + folder);
  if (!fs::exists(PathOf(path))) return 0;
  std::size_t count = 0;
  for (const std::string& name : NamesIn(path)) {
    if (name.starts_with(prefix)) ++count;
  }
  return count;
}

void CrashTest::Copy(const std::string& from, const std::string& to) const {
  fs::copy(PathOf(from), PathOf(to), fs::copy_options::recursive);
}

void CrashTest::Rename(const std::string& from, const std::string& to) const {
  fs::rename(PathOf(from), PathOf(to));
}

std::string CrashTest::SavedDigest(const std::string& checkpoint) const {
  return DigestOf(Output({"info", "--checkpoint", checkpoint}));
}

}  // namespace microgpt
