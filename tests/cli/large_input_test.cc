// Corpora of extreme shapes: memory in proportion to the file, and an end.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "tests/cli/cli_fixture.h"

namespace microgpt {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsMeasurable = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
constexpr bool kMemoryIsMeasurable = false;
#else
constexpr bool kMemoryIsMeasurable = true;
#endif
#else
constexpr bool kMemoryIsMeasurable = true;
#endif

constexpr std::uintmax_t kEnoughSpace = 3'000'000'000;

class LargeInputTest : public CliTest {
 protected:
  // `text` over and over, then `end`.
  void WriteRepeated(const std::string& text, std::size_t times,
                     const std::string& end) const {
    constexpr std::size_t kBlockTimes = 100'000;
    std::string block;
    for (std::size_t i = 0; i < kBlockTimes; ++i) block += text;
    std::ofstream file(PathOf("corpus"), std::ios::binary);
    for (; times > 0; times -= std::min(times, kBlockTimes)) {
      const std::size_t part = std::min(times, kBlockTimes);
      file.write(block.data(),
                 static_cast<std::streamsize>(part * text.size()));
    }
    file << end;
    file.close();
    ASSERT_TRUE(file) << "cannot write the corpus";
  }

  void ExpectTrains(const std::string& counts) const {
    Invocation invocation = Prepare({"--input", "corpus", "--num-steps", "3",
                                     "--num-samples", "1", "--threads", "2"});
    invocation.limit = std::chrono::seconds(600);
    const Outcome outcome = RunProgram(invocation);
    ASSERT_FALSE(outcome.timed_out);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(outcome.out.starts_with(counts)) << outcome.out;
    if (kMemoryIsMeasurable) {
      const auto file_kib = std::filesystem::file_size(PathOf("corpus")) / 1024;
      EXPECT_LE(static_cast<std::uintmax_t>(outcome.peak_kib),
                3 * file_kib + 64 * 1024);
    }
  }
};

TEST_F(LargeInputTest, OneLine) {
  const bool enough =
      std::filesystem::space(folder()).available >= kEnoughSpace;
  WriteRepeated("abcdefghij", enough ? 100'000'000 : 20'000'000, "");
  ExpectTrains("vocab size: 11, num docs: 1\n");
}

TEST_F(LargeInputTest, EmptyLines) {
  WriteRepeated("\n", 20'000'000, "anna\n");
  ExpectTrains("vocab size: 3, num docs: 1\n");
}

TEST_F(LargeInputTest, ShortLines) {
  WriteRepeated("a\n", 5'000'000, "");
  ExpectTrains("vocab size: 2, num docs: 5000000\n");
}

// Larger than what it may take of memory by far; the file has no blocks on the
// disk.
TEST_F(LargeInputTest, TokenFileBeyondMemory) {
  constexpr std::uintmax_t kTokens = 3'000'000'000;
  Write("ids", "");
  std::filesystem::resize_file(PathOf("ids"), 2 * kTokens);
  Invocation invocation =
      Prepare({"--tokens", "ids", "--vocab-size", "2", "--block-size", "1024",
               "--n-embd", "4", "--num-steps", "3", "--num-samples", "0",
               "--val-split", "0.001", "--threads", "2"});
  invocation.limit = std::chrono::seconds(600);
  const Outcome outcome = RunProgram(invocation);
  ASSERT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("vocab size: 2, num docs: 29"))
      << outcome.out;
  if (kMemoryIsMeasurable) {
    EXPECT_LT(outcome.peak_kib, 96 * 1024);
  }
}

TEST_F(LargeInputTest, ErrorAfterManyLines) {
  WriteRepeated("\n", 20'000'000, "\xFF");
  EXPECT_TRUE(IsError(Run({"--input", "corpus"}), 3,
                      {"line 20000001,", "byte offset 20000000:"}));
}

}  // namespace
}  // namespace microgpt
