// --help of every command, from the definitions that it is made of.
#include "cli/command_flags.h"
#include "cli/did_you_mean.h"
#include "microgpt/error.h"
#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

using cli::CommandFlags;
using cli::Flag;

// Blanks and line ends as one blank.
std::string Unwrapped(const std::string& text) {
  std::string words;
  for (const char letter : text) {
    const bool blank = letter == ' ' || letter == '\n';
    if (!blank) {
      words += letter;
    } else if (!words.ends_with(' ')) {
      words += ' ';
    }
  }
  return words;
}

using HelpTest = CliTest;

TEST_F(HelpTest, SaysEverythingAboutEveryFlag) {
  for (const CommandFlags& command : cli::FlagsOfCommands()) {
    const std::string help = Output({command.command->name, "--help"});
    const std::string words = Unwrapped(help);
    for (const Flag& flag : command.flags) {
      EXPECT_NE(help.find("\n" + flag.group + ":\n"), std::string::npos)
          << flag.group;
      const std::string value =
          flag.value_name.empty() ? "" : " " + flag.value_name;
      EXPECT_NE(words.find(flag.name + value + " " + Describe(flag) + " "),
                std::string::npos)
          << flag.name;
    }
    for (const cli::CommandExample& example : command.command->examples) {
      EXPECT_NE(help.find("  " + example.command_line + "\n"),
                std::string::npos);
    }
    EXPECT_NE(words.find("MICROGPT_N_EMBD=32"), std::string::npos);
    EXPECT_NE(words.find("--config"), std::string::npos);
    EXPECT_NE(words.find("Exit codes:"), std::string::npos);
  }
}

TEST_F(HelpTest, FitsATerminalOf80Columns) {
  for (const CommandFlags& command : cli::FlagsOfCommands()) {
    const Outcome outcome = Run({command.command->name, "--help"});
    EXPECT_EQ(outcome.err, "");
    for (const std::string& line : Lines(outcome.out)) {
      EXPECT_LE(line.size(), 80u) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
      EXPECT_EQ(line.find('\033'), std::string::npos);
    }
  }
}

TEST_F(HelpTest, ThatOfTrainListsTheCommands) {
  const std::string help = Output({"--help"});
  for (const CommandFlags& command : cli::FlagsOfCommands()) {
    EXPECT_NE(help.find("microgpt " + command.command->synopsis + "\n"),
              std::string::npos);
  }
}

// Defaults and ranges are read off the variables; those that are written by
// hand are those of the checks.
TEST_F(HelpTest, DefaultsAndRanges) {
  const std::string words = Unwrapped(Output({"--help"}));
  for (const char* text :
       {"--n-embd N width of the model, divisible by --n-head (default 16; 1 "
        "to "
        "1048576)",
        "--num-steps N optimizer steps (default 500; 0 to 1000000000000 steps)",
        "(default linear; linear, cosine or constant)",
        "--adam-eps X Adam's epsilon (default 1e-08; 1e-30 to 1)",
        "-t, --threads N worker threads"}) {
    EXPECT_NE(words.find(text), std::string::npos) << text;
  }
  EXPECT_NE(Unwrapped(Output({"bench", "--help"}))
                .find("(default 64; 1 to 1048576 documents)"),
            std::string::npos);
}

TEST_F(HelpTest, DefinitionsAreComplete) {
  for (const CommandFlags& command : cli::FlagsOfCommands()) {
    EXPECT_FALSE(command.command->examples.empty());
    for (const Flag& flag : command.flags) {
      EXPECT_TRUE(flag.name.starts_with("--")) << flag.name;
      EXPECT_FALSE(flag.help.empty() || flag.help.ends_with('.')) << flag.name;
      EXPECT_EQ(flag.value_name.empty(), flag.kind == cli::ValueKind::kSwitch);
      if (flag.path != cli::PathKind::kNone) {
        EXPECT_FALSE(flag.example.empty()) << flag.name;
        EXPECT_TRUE(flag.value_name == "FILE" || flag.value_name == "DIR");
      }
    }
  }
}

// Of one name, all commands understand the same kind of value, or keys of files
// would depend on the command; a list may stand for a number.
TEST_F(HelpTest, AFlagIsOfOneKindEverywhere) {
  for (const CommandFlags& command : cli::FlagsOfCommands()) {
    for (const Flag& flag : command.flags) {
      for (const Flag& first : cli::EveryFlag()) {
        if (first.name != flag.name || flag.name == "--threads") continue;
        EXPECT_EQ(first.kind, flag.kind) << flag.name;
        EXPECT_EQ(first.path, flag.path) << flag.name;
        EXPECT_EQ(first.short_name, flag.short_name) << flag.name;
      }
    }
  }
}

TEST_F(HelpTest, ExamplesAreUnderstood) {
  for (const CommandFlags& command : cli::FlagsOfCommands()) {
    for (const cli::CommandExample& example : command.command->examples) {
      Arguments arguments;
      std::string rest = example.command_line + " ";
      while (!rest.empty()) {
        arguments.push_back(rest.substr(0, rest.find(' ')));
        rest.erase(0, rest.find(' ') + 1);
      }
      ASSERT_EQ(arguments.front(), "microgpt");
      arguments.erase(arguments.begin());
      // The files they name are not here.
      const Outcome outcome = Run(arguments + Arguments{"--help"});
      EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
      std::vector<const char*> argv = {"microgpt"};
      for (const std::string& argument : arguments) {
        argv.push_back(argument.c_str());
      }
      try {
        cli::ParseOptions(static_cast<int>(argv.size()), argv.data());
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInput) << error.what();
      }
    }
  }
}

struct Suggestion {
  Arguments arguments;
  const char* meant;
};

TEST_F(HelpTest, DidYouMean) {
  const std::vector<Suggestion> cases = {
      {{"tarin"}, "train"},
      {{"smaple"}, "sample"},
      {{"evl"}, "eval"},
      {{"benhc"}, "bench"},
      {{"inof"}, "info"},
      {{"--n-embed", "3"}, "--n-embd"},
      {{"--ouptut-dir", "x"}, "--out-dir"},
      {{"--confg", "x"}, "--config"},
      {{"--versoin"}, "--version"},
      {{"--halp"}, "--help"},
      {{"sample", "--promt", "a"}, "--prompt"},
      {{"--lr-schedule", "cosin"}, "cosine"},
      {{"--doc-mode", "line"}, "lines"},
      {{"--long-docs", "chunks"}, "chunk"},
      {{"--preset", "nanogpt"}, "nano"}};
  for (const Suggestion& each : cases) {
    EXPECT_TRUE(IsError(Run(each.arguments), 2,
                        {"did you mean " + std::string(each.meant) + "?"}));
  }
  for (const Arguments& arguments :
       {Arguments{"frobnicate"}, Arguments{"--xyz"}, Arguments{"-q"},
        Arguments{"--activation", "tanh"}, Arguments{"--lr-schedule", "x"}}) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.err.find("did you mean"), std::string::npos)
        << outcome.err;
  }
}

TEST(NearestTest, CountsExchangedLettersOnce) {
  const std::vector<std::string> words = {"train", "brain"};
  EXPECT_EQ(cli::Nearest("tarin", words), "train");
  EXPECT_EQ(cli::Nearest("train", words), "train");
  EXPECT_EQ(cli::Nearest("", words), "");
  EXPECT_EQ(cli::Nearest("t", words), "");
  EXPECT_EQ(cli::Nearest("xxxxx", words), "");
  EXPECT_EQ(cli::Nearest("train", {}), "");
  EXPECT_EQ(cli::Nearest(std::string(100'000, 't'), words), "");
}

}  // namespace
}  // namespace microgpt
