// Headers that break a rule each: all are refused, naming the file.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "tests/base/error_of.h"
#include "tests/base/temp_folder.h"
#include "tests/checkpoint/safetensors_file.h"

namespace microgpt {
namespace {

using std::string_view_literals::operator""sv;

void ExpectRefused(const std::string& file, std::string_view name) {
  static const TempFolder folder;
  const std::string path = folder.Write("file", file);
  const Error error = ErrorOf([&] { ReadAll(path, SmallTensors()); });
  EXPECT_EQ(error.kind(), ErrorKind::kInput) << name;
  EXPECT_TRUE(Mentions(error, path)) << error.what();
  EXPECT_LT(std::string_view(error.what()).size(), path.size() + 300);
}

std::string Repeat(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(HostileHeaderTest, Lengths) {
  const std::string header = JoinEntries({kWte, kWpe, kLmHead});
  const std::string rest = header + CountingData(kSmallDataBytes);
  for (const std::uint64_t length : std::initializer_list<std::uint64_t>{
           std::numeric_limits<std::uint64_t>::max(),
           std::numeric_limits<std::uint64_t>::max() - 7, 1ull << 63,
           1ull << 32, 100'000'001, rest.size() + 1, rest.size(),
           header.size() + 1, header.size() - 1, 1, 0}) {
    ExpectRefused(WithLength(length, rest), std::to_string(length));
  }
  ExpectRefused(WithLength(0, ""), "nothing else");
}

// Each stands in the place of the entry of wte.
constexpr std::string_view kBadEntries[] = {
    // Offsets: beyond the data, reversed, overlap, gap, wrapping, miscounted.
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[28,36]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[8,0]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[20,28]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[18446744073709551612,4]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[18446744073709551607,18446744073709551615]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,4]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,4,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[]})"sv,
    // Shapes: other, transposed, more or fewer dimensions, products that wrap.
    R"("wte":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[0,1],"data_offsets":[0,0]})"sv,
    R"("wte":{"dtype":"F32","shape":[9223372036854775809,2],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]})"sv,
    R"("wte":{"dtype":"F32","shape":[4611686018427387906,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1,1,1,1,1,1,1,1],"data_offsets":[0,8]})"sv,
    // Types.
    R"("wte":{"dtype":"F16","shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"BF16","shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"I32","shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"f32","shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"","shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32\u0000","shape":[2,1],"data_offsets":[0,8]})"sv,
    // Fields: missing, twice, unknown.
    R"("wte":{"shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1]})"sv, R"("wte":{})"sv,
    R"("wte":{"dtype":"F32","dtype":"F32","shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8],"x":"y"})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8],"":[]})"sv,
    // Values of the wrong kind.
    R"("wte":{"dtype":["F32"],"shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":32,"shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":null,"shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":{},"shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":"2,1","data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":2,"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":["2","1"],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[[2],[1]],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[{},1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2.0,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2e0,1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[-2,-1],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[-0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,true],"data_offsets":[0,8]})"sv,
    R"("wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,18446744073709551624]})"sv,
    R"("wte":"F32")"sv, R"("wte":[2,1])"sv, R"("wte":8)"sv, R"("wte":null)"sv,
    R"("wte":{"wte":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}})"sv,
    // Names: other, empty, NUL, bad UTF-8, control characters.
    R"("wtf":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("wte\u0000":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]})"sv,
    R"("\ud800":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]})"sv,
    "\"wte\0\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}"sv,
    "\"wt\xFF\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}"sv,
    "\"wt\xC3\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}"sv,
    "\"wte\n\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}"sv,
    // Metadata that is none.
    R"("__metadata__":{"a":1})"sv, R"("__metadata__":{"a":{"b":"c"}})"sv,
    R"("__metadata__":{"a":[]})"sv, R"("__metadata__":{"a":null})"sv,
    R"("__metadata__":[])"sv, R"("__metadata__":3)"sv,
    R"("__metadata__":{},"__metadata__":{})"sv};

TEST(HostileHeaderTest, Entries) {
  for (const std::string_view entry : kBadEntries) {
    ExpectRefused(SmallFile(JoinEntries({entry, kWpe, kLmHead})), entry);
    ExpectRefused(SmallFile(JoinEntries({kWpe, kLmHead, entry})), entry);
    if (entry.starts_with("\"__metadata__")) {
      ExpectRefused(SmallFile(JoinEntries({kWte, kWpe, kLmHead, entry})),
                    entry);
    }
  }
}

TEST(HostileHeaderTest, MissingExtraAndRepeatedTensors) {
  ExpectRefused(SmallFile("{}"), "none");
  ExpectRefused(SmallFile("{}", ""), "none, no data");
  ExpectRefused(SmallFile(JoinEntries({kWpe, kLmHead})), "missing");
  ExpectRefused(SmallFile(JoinEntries({kWte, kWpe, kLmHead, kWte})), "twice");
  ExpectRefused(
      SmallFile(JoinEntries(
          {kWte, kWpe, kLmHead,
           R"("more":{"dtype":"F32","shape":[0],"data_offsets":[28,28]})"})),
      "extra");
}

TEST(HostileHeaderTest, BrokenJson) {
  const std::string good = JoinEntries({kWte, kWpe, kLmHead});
  for (const std::string& header :
       {good + "x", good + "{}", " " + good, "\xEF\xBB\xBF" + good,
        "[" + good + "]", good.substr(0, good.size() - 1),
        good.substr(0, good.size() - 1) + ",}", "{," + good.substr(1),
        good + "// comment", std::string("{"), std::string("{\""),
        std::string(100, ' '), std::string(100, '\0'),
        std::string(100, '\xFF')}) {
    ExpectRefused(SmallFile(header), header);
  }
}

TEST(HostileHeaderTest, NulDoesNotEndTheHeader) {
  const std::string good = JoinEntries({kWte, kWpe, kLmHead});
  ExpectRefused(SmallFile(good + std::string(1, '\0')), "NUL");
  ExpectRefused(SmallFile(good + std::string("\0garbage", 8)), "after NUL");
}

TEST(HostileHeaderTest, MetadataIsAnObject) {
  for (const std::string_view metadata :
       {R"("__metadata__":"")"sv, R"("__metadata__":"text")"sv}) {
    ExpectRefused(SmallFile(JoinEntries({metadata, kWte, kWpe, kLmHead})),
                  metadata);
    ExpectRefused(SmallFile(JoinEntries({kWte, kWpe, kLmHead, metadata})),
                  metadata);
  }
}

TEST(HostileHeaderTest, DeepNesting) {
  constexpr std::size_t kLevels = 100'000;
  for (const std::string& start :
       {std::string("{"), std::string("{\"wte\":"),
        std::string("{\"wte\":{\"shape\":"), std::string("{\"__metadata__\":"),
        std::string("{\"__metadata__\":{\"a\":")}) {
    ExpectRefused(SmallFile(start + Repeat("[", kLevels)), "arrays");
    ExpectRefused(
        SmallFile(start + Repeat("[", kLevels) + Repeat("]", kLevels) + "}"),
        "closed arrays");
    ExpectRefused(SmallFile(start + Repeat("{\"a\":", kLevels)), "objects");
  }
}

TEST(HostileHeaderTest, ValuesThatAreNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    for (std::size_t i = 0; i < kSmallDataBytes; i += sizeof(bad)) {
      std::string data = CountingData(kSmallDataBytes);
      std::memcpy(data.data() + i, &bad, sizeof(bad));
      ExpectRefused(SmallFile(JoinEntries({kWte, kWpe, kLmHead}), data),
                    "not finite");
    }
  }
}

TEST(HostileHeaderTest, NothingIsPassedOnBeforeTheHeaderIsChecked) {
  const TempFolder folder;
  const std::string path =
      folder.Write("file", SmallFile(JoinEntries({kWte, kWpe, kLmHead}) + "x"));
  int calls = 0;
  const Error error = ErrorOf([&] {
    ReadTensors(path, SmallTensors(),
                [&](std::string_view, std::span<const float>) { ++calls; });
  });
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_EQ(calls, 0);
}

TEST(HostileHeaderTest, MissingFilesAndFolders) {
  const TempFolder folder;
  for (const std::string& path : {folder.path(), folder.PathOf("missing")}) {
    const Error error = ErrorOf([&] { ReadAll(path, SmallTensors()); });
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_TRUE(Mentions(error, path)) << error.what();
  }
}

}  // namespace
}  // namespace microgpt
