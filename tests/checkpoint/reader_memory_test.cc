// Reading takes no more memory than the file and 2 MiB, whatever the header.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/base/counting_new.h"
#include "tests/base/error_of.h"
#include "tests/base/temp_folder.h"
#include "tests/checkpoint/safetensors_file.h"

namespace microgpt {
namespace {

constexpr std::size_t kSlack = 2 << 20;
constexpr std::size_t kBig = 8 << 20;

// Peak of the memory that reading `file` takes, in bytes.
std::size_t PeakOfReading(const std::string& file) {
  const TempFolder folder;
  const std::string path = folder.Write("file", file);
  ResetPeak();
  const std::size_t before = LiveBytes();
  try {
    ReadTensors(path, SmallTensors(),
                [](std::string_view, std::span<const float>) {});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
  }
  return PeakBytes() - before;
}

std::string Repeat(std::string_view text, std::size_t bytes) {
  std::string result;
  result.reserve(bytes + text.size());
  while (result.size() < bytes) result += text;
  return result;
}

TEST(ReaderMemoryTest, HeaderLengthsAreNotBelieved) {
  const std::string rest =
      JoinEntries({kWte, kWpe, kLmHead}) + CountingData(kSmallDataBytes);
  for (const std::uint64_t length :
       {std::uint64_t{1} << 63, std::uint64_t{1} << 40,
        std::uint64_t{99'999'999}, ~std::uint64_t{0}}) {
    EXPECT_LT(PeakOfReading(WithLength(length, rest)), kSlack);
  }
}

TEST(ReaderMemoryTest, BigHeadersCostTheirSizeOnce) {
  const std::string good = JoinEntries({kWte, kWpe, kLmHead});
  for (const std::string& header :
       {good + std::string(kBig, ' '), Repeat("{\"a\":", kBig),
        "{\"wte\":" + Repeat("[", kBig),
        "{\"wte\":{\"shape\":[" + Repeat("1,", kBig),
        "{\"__metadata__\":{" + Repeat("\"key\":\"value\",", kBig),
        "{\"__metadata__\":{" + Repeat("\"key\":\"value\",", kBig) +
            "\"a\":\"\"}," + good.substr(1)}) {
    const std::string file = SmallFile(header);
    EXPECT_LT(PeakOfReading(file), file.size() + kSlack)
        << header.substr(0, 40);
  }
}

TEST(ReaderMemoryTest, BigTextsInHeaders) {
  const std::string good = JoinEntries({kWte, kWpe, kLmHead});
  const std::string text(kBig, 'x');
  for (const std::string& header :
       {"{\"" + text + "\":", "{\"__metadata__\":{\"a\":\"" + text,
        "{\"__metadata__\":{\"a\":\"" + text + "\"}," + good.substr(1),
        "{\"wte\":{\"dtype\":\"" + text,
        "{\"wte\":{\"shape\":[" + std::string(kBig, '1')}) {
    const std::string file = SmallFile(header);
    EXPECT_LT(PeakOfReading(file), file.size() + kSlack)
        << header.substr(0, 40);
  }
}

}  // namespace
}  // namespace microgpt
