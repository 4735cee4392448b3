// One digest, whatever the machine is asked to use; another one whenever the
// configuration changes.
#include <sstream>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

class DeterminismTest : public CliTest {
 protected:
  DeterminismTest() { Write("corpus", "anna\nbob\ncleo\ndora\nemil\nfay\n"); }

  Arguments Flags() const {
    return {"--input",      "corpus", "--num-steps",   "30",
            "--batch-size", "5",      "--num-samples", "4"};
  }
  // The output without its only line that may differ, and stderr unread: more
  // threads than processors are worth a warning.
  std::string Results(const Invocation& invocation) const {
    const Outcome outcome = RunProgram(invocation);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    std::string results;
    for (const std::string& line : Lines(outcome.out)) {
      if (!line.starts_with("training time: ")) results += line + "\n";
    }
    return results;
  }
  std::string Results(const Arguments& more) const {
    return Results(Prepare(Flags() + more));
  }
};

TEST_F(DeterminismTest, RepeatedRun) {
  EXPECT_EQ(Results(Arguments{}), Results(Arguments{}));
}

TEST_F(DeterminismTest, Threads) {
  const std::string results = Results({"--threads", "1"});
  for (const char* threads : {"2", "3", "8", "64"}) {
    EXPECT_EQ(Results({"-t", threads}), results) << threads << " threads";
  }
}

TEST_F(DeterminismTest, MoreThreadsThanProcessorsAreSaid) {
  const Outcome outcome = Run(Flags() + Arguments{"--threads", "1024"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(outcome.err.empty() ||
              outcome.err.starts_with("microgpt: warning: 1024 threads"))
      << outcome.err;
}

TEST_F(DeterminismTest, EverySimdTargetOfInfo) {
  std::string info = Output({"info"});
  const std::string key = "(available: ";
  ASSERT_NE(info.find(key), std::string::npos) << info;
  info.erase(0, info.find(key) + key.size());
  std::istringstream names(info.substr(0, info.find(')')));
  const std::string results = Results(Arguments{});
  int targets = 0;
  for (std::string name; names >> name; ++targets) {
    if (name.ends_with(',')) name.pop_back();
    EXPECT_EQ(Results({"--simd", name}), results) << name;
    const std::string chosen = Output({"info", "--simd", name});
    EXPECT_NE(chosen.find("\nsimd: " + name + " ("), std::string::npos);
  }
  EXPECT_GT(targets, 0);
}

TEST_F(DeterminismTest, Locale) {
  const std::string results = Results(Arguments{});
  for (const char* name : {"LC_ALL", "LANG", "LC_NUMERIC"}) {
    for (const char* locale : {"de_DE.UTF-8", "tr_TR.UTF-8", "C", "no such"}) {
      Invocation invocation = Prepare(Flags());
      invocation.environment[name] = locale;
      EXPECT_EQ(Results(invocation), results) << name << "=" << locale;
    }
  }
}

TEST_F(DeterminismTest, ConfigurationChangesTheDigest) {
  const std::string digest = DigestOf(Results(Arguments{}));
  const std::vector<Arguments> changes = {{"--seed", "43"},
                                          {"--seed", "0"},
                                          {"--no-shuffle"},
                                          {"--activation", "relu"},
                                          {"--learning-rate", "0.011"},
                                          {"--beta1", "0.91"},
                                          {"--beta2", "0.96"},
                                          {"--adam-eps", "1e-7"},
                                          {"--init-std", "0.021"},
                                          {"--n-head", "2"},
                                          {"--n-layer", "2"},
                                          {"--n-embd", "32"},
                                          {"--block-size", "9"}};
  for (const Arguments& change : changes) {
    EXPECT_NE(DigestOf(Results(change)), digest) << change.front();
  }
}

TEST_F(DeterminismTest, DefaultsAreTheDocumentedOnes) {
  EXPECT_EQ(Results({"--n-embd",        "16",    "--n-layer",     "1",
                     "--block-size",    "8",     "--n-head",      "4",
                     "--learning-rate", "0.01",  "--seed",        "42",
                     "--activation",    "relu2", "--beta1",       "0.9",
                     "--beta2",         "0.95",  "--adam-eps",    "1e-8",
                     "--init-std",      "0.02",  "--temperature", "0.5"}),
            Results(Arguments{}));
}

TEST_F(DeterminismTest, SmallestShapesWork) {
  Write("one", "a");
  for (const Arguments& shape :
       {Arguments{"--block-size", "1"}, Arguments{"--n-layer", "0"},
        Arguments{"--n-embd", "1", "--n-head", "1"}, Arguments{"-i", "one"},
        Arguments{"--learning-rate", "0"}, Arguments{"--init-std", "0"}}) {
    const Arguments flags = {"--num-steps", "3"};
    EXPECT_EQ(Output(flags + shape + Arguments{"--quiet"}),
              Output(flags + shape + Arguments{"--quiet", "-t", "1"}))
        << shape.front();
  }
}

}  // namespace
}  // namespace microgpt
