// Training runs that are made to fail, and what must hold afterwards.
#ifndef MICROGPT_TESTS_CRASH_CRASH_FIXTURE_H_
#define MICROGPT_TESTS_CRASH_CRASH_FIXTURE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "tests/cli/cli_fixture.h"

namespace microgpt {

// A run that saves into the folder kSaved.
struct Scenario {
  Arguments run;
  // Digest of the newest generation before the run and after each of its
  // saves; "" where there is no generation yet.
  std::vector<std::string> states;
  std::string best;  // digest of the best model at the end; "": none is kept
};

class CrashTest : public CliTest {
 protected:
  // Paths in traces are recognised by it.
  static constexpr const char* kSaved = "saved-run";

  CrashTest();

  // A new run, which makes the folder and saves three times.
  Scenario FirstSaves() const;
  // A run that goes on after step 6 and saves twice. Each save removes an old
  // generation; leftovers of interrupted saves are there from the start.
  Scenario LaterSaves() const;

  // A new run that validates twice and finds a better model each time. It is
  // kept before the run is saved, so saves come in pairs.
  Scenario BestSaves() const;

  // Makes kSaved what it was before the run of the scenario.
  void Reset(const Scenario& scenario) const;
  // kSaved holds one of states[low..high], and every generation in it is
  // intact, those of best models too; going on from there, all ends as if
  // nothing had happened.
  void ExpectRecovery(const Scenario& scenario, std::size_t low,
                      std::size_t high) const;

  std::vector<std::string> NamesIn(const std::string& folder) const;  // sorted
  // How many names in kSaved, or in a folder in it, begin so; 0 if it is
  // missing.
  std::size_t CountSaved(const std::string& prefix,
                         const std::string& folder = "") const;
  void Copy(const std::string& from, const std::string& to) const;
  void Rename(const std::string& from, const std::string& to) const;
  std::string SavedDigest(const std::string& checkpoint) const;

 private:
  void MakeLeftover(const std::string& name) const;
  void ExpectIntact(const std::string& folder) const;
  void ExpectBest(const Scenario& scenario) const;
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CRASH_CRASH_FIXTURE_H_
