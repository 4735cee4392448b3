// Valid files are read whatever their layout; cut and flipped ones never give
// other tensors.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/random.h"
#include "microgpt/model.h"
#include "tests/base/error_of.h"
#include "tests/base/temp_folder.h"
#include "tests/checkpoint/safetensors_file.h"

namespace microgpt {
namespace {

const std::string& PlainHeader() {
  static const std::string header = JoinEntries({kWte, kWpe, kLmHead});
  return header;
}

TEST(SafetensorsTest, ReadsInTheOrderAskedFor) {
  const TempFolder folder;
  for (const std::string& header :
       {PlainHeader(), JoinEntries({kLmHead, kWte, kWpe}),
        JoinEntries(
            {R"("__metadata__":{"format":"pt","x":""})", kWte, kWpe, kLmHead}),
        JoinEntries({kWte, kWpe, kLmHead, R"("__metadata__":{})"}),
        PlainHeader() + std::string(17, ' '), "{ " + PlainHeader().substr(1)}) {
    const std::string path = folder.Write("file", SmallFile(header));
    EXPECT_EQ(ReadAll(path, SmallTensors()), SmallValues()) << header;
  }
}

TEST(SafetensorsTest, FindsDataInAnyOrder) {
  const TempFolder folder;
  const std::string header = JoinEntries(
      {R"("wte":{"data_offsets":[20,28],"shape":[2,1],"dtype":"F32"})",
       R"("wpe":{"shape":[1,3],"dtype":"F32","data_offsets":[0,12]})",
       R"("lm_head":{"dtype":"F32","shape":[1,2],"data_offsets":[12,20]})"});
  const NamedValues expected = {
      {"wte", {6, 7}}, {"wpe", {1, 2, 3}}, {"lm_head", {4, 5}}};
  EXPECT_EQ(ReadAll(folder.Write("file", SmallFile(header)), SmallTensors()),
            expected);
}

TEST(SafetensorsTest, EscapesInNamesAreResolved) {
  const TempFolder folder;
  const std::string header = JoinEntries(
      {R"("wt\u0065":{"dtype":"F\u00332","shape":[2,1],"data_offsets":[0,8]})",
       kWpe, kLmHead});
  EXPECT_EQ(ReadAll(folder.Write("file", SmallFile(header)), SmallTensors()),
            SmallValues());
}

// A model's tensors, written one after the other.
std::string FileOf(const Model& model) {
  std::string header;
  std::string data;
  for (const TensorInfo& tensor : model.tensors()) {
    std::vector<float> values(tensor.rows * tensor.cols);
    model.GetTensor(tensor.name, values);
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(values.data()),
                values.size() * sizeof(float));
    header += header.empty() ? "{" : ",";
    header += "\"" + tensor.name + "\":{\"dtype\":\"F32\",\"shape\":[" +
              std::to_string(tensor.rows) + "," + std::to_string(tensor.cols) +
              "],\"data_offsets\":[" + std::to_string(begin) + "," +
              std::to_string(data.size()) + "]}";
  }
  return SmallFile(header + "}", data);
}

TEST(SafetensorsTest, AModelComesBackBitForBit) {
  const TempFolder folder;
  Model model({30, 8, 20, 3, 5, Activation::kRelu2});
  Random random(1);
  model.Initialize(random, 0.5);
  const std::string path = folder.Write("file", FileOf(model));
  Model copy(model.config());
  ReadTensors(path, model.tensors(),
              [&](std::string_view name, std::span<const float> values) {
                copy.SetTensor(name, values);
              });
  EXPECT_EQ(FileOf(copy), FileOf(model));
}

TEST(SafetensorsTest, EveryOtherLengthIsRefused) {
  const TempFolder folder;
  const std::string file = SmallFile(PlainHeader() + "   ");
  const std::string path = folder.Write("file", file);
  for (std::size_t size = file.size(); size-- > 0;) {
    std::filesystem::resize_file(path, size);
    const Error error = ErrorOf([&] { ReadAll(path, SmallTensors()); });
    ASSERT_EQ(error.kind(), ErrorKind::kInput) << size;
    ASSERT_TRUE(Mentions(error, path)) << error.what();
  }
  for (std::size_t extra = 1; extra <= 16; ++extra) {
    folder.Write("file", file + std::string(extra, '\0'));
    EXPECT_EQ(ErrorOf([&] { ReadAll(path, SmallTensors()); }).kind(),
              ErrorKind::kInput);
  }
}

// Flips every bit before the data, in place: rewriting files is slow. Returns
// the bytes where a flip went unnoticed; the tensors must then be the right
// ones all the same.
std::vector<std::size_t> UnnoticedBytes(const std::string& header) {
  const TempFolder folder;
  const std::string content = SmallFile(header);
  const std::string path = folder.Write("file", content);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto put = [&](std::size_t at, int byte) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte)).flush();
    ASSERT_TRUE(file.good());
  };
  std::vector<std::size_t> unnoticed;
  for (std::size_t bit = 0; bit < (8 + header.size()) * 8; ++bit) {
    put(bit / 8, content[bit / 8] ^ (1 << (bit % 8)));
    try {
      EXPECT_EQ(ReadAll(path, SmallTensors()), SmallValues()) << "bit " << bit;
      unnoticed.push_back(bit / 8);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInput) << "bit " << bit;
      EXPECT_TRUE(Mentions(error, path)) << error.what();
    }
    put(bit / 8, content[bit / 8]);
  }
  EXPECT_EQ(ReadAll(path, SmallTensors()), SmallValues());
  return unnoticed;
}

TEST(SafetensorsTest, EveryFlippedBitOfAPlainHeaderIsNoticed) {
  EXPECT_EQ(UnnoticedBytes(PlainHeader()), std::vector<std::size_t>());
}

TEST(SafetensorsTest, FlippedBitsGoUnnoticedInMetadataAndPaddingOnly) {
  const std::string metadata = R"("__metadata__":{"format":"pt"})";
  const std::string header =
      JoinEntries({metadata, kWte, kWpe, kLmHead}) + "  ";
  const std::size_t begin = 8 + header.find('{', 1);
  const std::size_t end = 8 + header.find('}');
  const std::size_t padding = 8 + header.size() - 2;
  const std::vector<std::size_t> unnoticed = UnnoticedBytes(header);
  EXPECT_FALSE(unnoticed.empty());
  for (const std::size_t byte : unnoticed) {
    EXPECT_TRUE((byte > begin && byte < end) || byte >= padding) << byte;
  }
}

}  // namespace
}  // namespace microgpt
