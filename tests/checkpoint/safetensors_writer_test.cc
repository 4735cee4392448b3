// What the writer writes, byte by byte, and that the reader takes it.
#include "checkpoint/safetensors_writer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "checkpoint/generation.h"
#include "tests/base/temp_folder.h"
#include "tests/checkpoint/safetensors_file.h"

namespace microgpt {
namespace {

class MemoryFile final : public NewFile {
 public:
  void Append(std::span<const char> bytes) override {
    content_.append(bytes.data(), bytes.size());
  }
  void Sync() override {}
  void Close() override {}
  const std::string& content() const { return content_; }

 private:
  std::string content_;
};

TEST(SafetensorsWriterTest, WritesAlignedHeaderAndPackedRows) {
  // Rows of two in strides of three.
  const std::vector<float> values = {1, 2, -1, 3, 4, -1, 5, 6, 7};
  const std::vector<TensorSource> sources = {
      {"wte", 2, 2, 3, values.data()}, {"wpe", 1, 3, 3, values.data() + 6}};
  MemoryFile file;
  ByteSink sink(file);
  WriteTensors(sources, sink);
  const FileSummary summary = sink.Finish();
  const std::string& bytes = file.content();
  EXPECT_EQ(summary.bytes, bytes.size());
  EXPECT_EQ(summary.xxh3, HashOf(bytes));
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  EXPECT_EQ(length % 8, 0u);
  const std::string header = bytes.substr(8, length);
  EXPECT_EQ(nlohmann::json::parse(header), nlohmann::json::parse(R"({
    "__metadata__": {"format": "pt"},
    "wte": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
    "wpe": {"dtype": "F32", "shape": [1, 3], "data_offsets": [16, 28]}})"));
  EXPECT_EQ(bytes.substr(8 + length), CountingData(28));
  const TempFolder temp;
  const NamedValues read =
      ReadAll(temp.Write("f", bytes),
              std::vector<TensorInfo>{{"wte", 2, 2}, {"wpe", 1, 3}});
  EXPECT_EQ(read, (NamedValues{{"wte", {1, 2, 3, 4}}, {"wpe", {5, 6, 7}}}));
}

TEST(SafetensorsWriterTest, LargePiecesAndSmallOnesGiveTheSameFile) {
  const std::string piece(3'000'000, 'x');
  MemoryFile large;
  ByteSink one(large);
  one.Append(piece);
  MemoryFile small;
  ByteSink many(small);
  for (std::size_t at = 0; at < piece.size(); at += 1000) {
    many.Append(std::string_view(piece).substr(at, 1000));
  }
  EXPECT_EQ(one.Finish(), many.Finish());
  EXPECT_EQ(large.content(), piece);
  EXPECT_EQ(small.content(), piece);
}

TEST(GenerationTest, NamesSortAsTheirNumbers) {
  EXPECT_EQ(GenerationName(1), "generation-000001");
  EXPECT_EQ(GenerationName(1234567), "generation-1234567");
  EXPECT_EQ(GenerationsAmong({"generation-1000000", "generation-000009",
                              "generation-999999", "lock"}),
            (std::vector<std::uint64_t>{9, 999'999, 1'000'000}));
}

TEST(GenerationTest, OtherNamesAreNone) {
  for (const char* name :
       {"", "generation-", "generation-1", "generation-00001",
        "generation-0000001", "generation-000000", "generation--00001",
        "generation-00000a", "generation-000001 ", ".partial-000001",
        "Generation-000001", "generation-9999999999999",
        "generation-18446744073709551617"}) {
    EXPECT_FALSE(GenerationNumber(name)) << name;
  }
  EXPECT_EQ(GenerationNumber("generation-000001"), 1u);
}

}  // namespace
}  // namespace microgpt
