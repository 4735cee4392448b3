// --init-from with good, damaged and hostile safetensors files.
#include <algorithm>
#include <functional>
#include <limits>
#include <ostream>
#include <utility>

#include "tests/cli/cli_fixture.h"
#include "tests/cli/safetensors_builder.h"

namespace microgpt {
namespace {

using Entries = std::vector<HeaderEntry>;

constexpr std::uint64_t kHugeLength = std::numeric_limits<std::uint64_t>::max();

class InitFromTest : public CliTest {
 protected:
  InitFromTest() { Write("corpus", "ab\n"); }

  Outcome Load(const std::string& file) const {
    Write("weights", file);
    return RunWith("weights");
  }
  Outcome RunWith(const std::string& path) const {
    return Run({"--input", "corpus", "--n-embd", "2", "--n-head", "1",
                "--n-layer", "0", "--block-size", "1", "--num-steps", "0",
                "--num-samples", "0", "--threads", "1", "--init-from", path});
  }
  std::string Load(const Entries& entries, const std::string& data) const {
    const Outcome outcome = Load(FileOf(HeaderOf(entries), data));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return DigestOf(outcome.out);
  }
};

TEST_F(InitFromTest, WeightsReachTheModel) {
  const std::string digest = Load(SmallEntries(), SmallData(1));
  EXPECT_EQ(digest, Load(SmallEntries(), SmallData(1)));
  EXPECT_NE(digest, Load(SmallEntries(), SmallData(2)));
}

TEST_F(InitFromTest, OrderPaddingAndMetadataDoNotMatter) {
  const std::string digest = Load(SmallEntries(), SmallData(1));
  Entries reversed = SmallEntries();
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(digest, Load(reversed, SmallData(1)));
  const std::string header = HeaderOf(SmallEntries());
  const std::string described =
      "{\"__metadata__\":{\"by\":\"me\"}," + header.substr(1) + "   ";
  EXPECT_EQ(digest, DigestOf(Load(FileOf(described, SmallData(1))).out));
}

TEST_F(InitFromTest, TruncatedAtEveryLength) {
  const std::string whole = FileOf(HeaderOf(SmallEntries()), SmallData(1));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_TRUE(IsError(Load(whole.substr(0, size)), 3, {"weights: "}))
        << "at " << size;
  }
  EXPECT_EQ(Load(whole).exit_code, 0);
}

TEST_F(InitFromTest, NotAFile) {
  EXPECT_TRUE(IsError(RunWith("nowhere"), 3, {"nowhere"}));
  EXPECT_TRUE(IsError(RunWith("."), 3, {".: "}));
  EXPECT_TRUE(IsError(RunWith("/dev/zero"), 3, {"/dev/zero"}));
  EXPECT_TRUE(IsError(RunWith("/dev/null"), 3, {"/dev/null"}));
}

TEST_F(InitFromTest, OfAnotherShape) {
  Write("weights", FileOf(HeaderOf(SmallEntries()), SmallData(1)));
  EXPECT_TRUE(IsError(Run({"--init-from", "weights"}), 3,
                      {"weights: ", "wte", "[3, 2]", "[27, 16]"}));
}

struct DamagedFile {
  std::string name;
  std::string word;  // of the message, beside the file's name
  std::function<std::string()> build;
};

void PrintTo(const DamagedFile& damaged, std::ostream* out) {
  *out << damaged.name;
}

class DamagedFileTest : public InitFromTest,
                        public testing::WithParamInterface<DamagedFile> {};

TEST_P(DamagedFileTest, IsRefused) {
  const Outcome outcome = Load(GetParam().build());
  EXPECT_TRUE(IsError(outcome, 3, {"weights: ", GetParam().word}));
  EXPECT_EQ(outcome.err.find('\0'), std::string::npos);
}

// A file whose only fault is what `change` does to its entries.
DamagedFile WithEntries(std::string name, std::string word,
                        std::function<void(Entries&)> change) {
  return {std::move(name), std::move(word), [change = std::move(change)] {
            Entries entries = SmallEntries();
            change(entries);
            return FileOf(HeaderOf(entries), SmallData(1));
          }};
}

DamagedFile WithField(std::string name, std::string word,
                      std::string HeaderEntry::*field, std::string json) {
  return WithEntries(
      std::move(name), std::move(word),
      [field, json = std::move(json)](Entries& e) { e[0].*field = json; });
}

DamagedFile WithHeader(std::string name, std::string word,
                       const std::string& header) {
  return {std::move(name), std::move(word),
          [header] { return FileOf(header, SmallData(1)); }};
}

DamagedFile WithBytes(std::string name, std::string word,
                      std::function<std::string()> build) {
  return {std::move(name), std::move(word), std::move(build)};
}

std::string Nested(const std::string& begin, int levels) {
  std::string header = "{\"wte\":";
  for (int i = 0; i < levels; ++i) header += begin;
  return header;
}

// First value replaced.
std::string DataBeginning(float value) {
  std::string data = SmallData(1);
  const auto* bytes = reinterpret_cast<const char*>(&value);
  std::copy_n(bytes, sizeof(value), data.begin());
  return data;
}

std::vector<DamagedFile> BadEntries() {
  constexpr auto kName = &HeaderEntry::name;
  constexpr auto kDtype = &HeaderEntry::dtype;
  constexpr auto kShape = &HeaderEntry::shape;
  constexpr auto kOffsets = &HeaderEntry::offsets;
  return {
      WithField("ShapeSwapped", "[2, 3]", kShape, "[2,3]"),
      WithField("ShapeFlat", "[6]", kShape, "[6]"),
      WithField("ShapeDeep", "[3, 2, 1]", kShape, "[3,2,1]"),
      WithField("ShapeEmpty", "wte", kShape, "[]"),
      WithField("ShapeZero", "[0, 2]", kShape, "[0,2]"),
      WithField("ShapeNegative", "header", kShape, "[-3,2]"),
      WithField("ShapeFraction", "header", kShape, "[3.5,2]"),
      WithField("ShapeText", "text", kShape, "\"3,2\""),
      WithField("ShapeWraps", "wte", kShape, "[9223372036854775808,4]"),
      WithField("ShapeTooBig", "header", kShape, "[18446744073709551616,2]"),
      WithField("ShapeLong", "8 numbers", kShape, "[1,1,1,1,1,1,1,3,2]"),
      WithField("DtypeHalf", "'F16'", kDtype, "\"F16\""),
      WithField("DtypeBrain", "'BF16'", kDtype, "\"BF16\""),
      WithField("DtypeDouble", "'F64'", kDtype, "\"F64\""),
      WithField("DtypeInteger", "'I32'", kDtype, "\"I32\""),
      WithField("DtypeSmall", "'f32'", kDtype, "\"f32\""),
      WithField("DtypeEmpty", "dtype", kDtype, "\"\""),
      WithField("DtypeNewline", "dtype", kDtype, "\"F\\n32\""),
      WithField("DtypeNumber", "number", kDtype, "32"),
      WithField("DtypeNull", "null", kDtype, "null"),
      WithField("OffsetsReversed", "data_offsets", kOffsets, "[24,0]"),
      WithField("OffsetsOverlap", "overlaps", kOffsets, "[8,32]"),
      WithField("OffsetsSame", "overlaps", kOffsets, "[32,56]"),
      WithField("OffsetsOutside", "overlaps", kOffsets, "[56,80]"),
      WithField("OffsetsFarOutside", "overlaps", kOffsets,
                "[18446744073709551591,18446744073709551615]"),
      WithField("OffsetsShort", "data_offsets", kOffsets, "[0,20]"),
      WithField("OffsetsLong", "data_offsets", kOffsets, "[0,28]"),
      WithField("OffsetsOne", "data_offsets", kOffsets, "[0]"),
      WithField("OffsetsThree", "data_offsets", kOffsets, "[0,24,24]"),
      WithField("OffsetsNegative", "negative", kOffsets, "[-1,23]"),
      WithField("NameWithNul", "not part of this model", kName,
                "\"wte\\u0000\""),
      WithField("NameWithRawNul", "NUL", kName, std::string("\"w\0e\"", 5)),
      WithField("NameNotUtf8", "JSON", kName, "\"w\xFF\""),
      WithField("NameSurrogate", "JSON", kName, "\"w\\ud800\""),
      WithField("NameWithEscape", "not part of this model", kName,
                "\"\\u001b[31m\\n\""),
      WithField("NameEmpty", "not part of this model", kName, "\"\""),
      WithField("NameLong", "not part of this model", kName,
                "\"" + std::string(10'000, 'n') + "\"")};
}

std::vector<DamagedFile> BadHeaders() {
  const std::string header = HeaderOf(SmallEntries());
  const std::string wte = SmallEntries()[0].ToJson();
  return {
      WithEntries("MissingFirst", "'wte' is missing",
                  [](Entries& e) { e.erase(e.begin()); }),
      WithEntries("MissingLast", "'lm_head' is missing",
                  [](Entries& e) { e.pop_back(); }),
      WithEntries("Extra", "'more'",
                  [](Entries& e) {
                    e.push_back({"\"more\"", "\"F32\"", "[0]", "[56,56]"});
                  }),
      WithEntries("Duplicate", "two tensors",
                  [](Entries& e) { e.push_back(e[0]); }),
      WithEntries("Gap", "gap", [](Entries& e) { e[2].offsets = "[36,60]"; }),
      WithHeader("DuplicateField", "dtype",
                 "{\"wte\":{\"dtype\":\"F32\"," + wte.substr(7) + "}"),
      WithHeader("UnknownField", "strides",
                 "{\"wte\":{\"strides\":[1,1]," + wte.substr(7) + "}"),
      WithHeader("NoFields", "wte", "{\"wte\":{}}"),
      WithHeader("Empty", "missing", "{}"),
      WithHeader("NotJson", "JSON", "{wte}"),
      WithHeader("NotAnObject", "{", "[1,2,3]"),
      WithHeader("Spaces", "{", "        "),
      WithHeader("NoHeader", "{", ""),
      WithHeader("CutShort", "JSON", header.substr(0, header.size() - 1)),
      WithHeader("AfterTheEnd", "JSON", header + "{}"),
      WithHeader(
          "MetadataTwice", "__metadata__",
          "{\"__metadata__\":{},\"__metadata__\":{}," + header.substr(1)),
      WithHeader("MetadataNested", "nested",
                 "{\"__metadata__\":{\"a\":{}}," + header.substr(1)),
      WithHeader("MetadataNumber", "number",
                 "{\"__metadata__\":{\"a\":1}," + header.substr(1)),
      WithHeader("ManyObjects", "nested", Nested("{\"dtype\":", 5000)),
      WithHeader("ManyArrays", "array", Nested("[", 50'000)),
      WithHeader("FarTooManyObjects", "header", Nested("{\"dtype\":", 100'000)),
      WithHeader("FarTooManyArrays", "header", Nested("[", 100'000))};
}

std::vector<DamagedFile> BadBytes() {
  const std::string header = HeaderOf(SmallEntries());
  return {
      WithBytes("LengthHuge", "18446744073709551615",
                [header] {
                  return FileWithLength(kHugeLength, header, SmallData(1));
                }),
      WithBytes("LengthWraps", "18446744073709551608",
                [header] {
                  return FileWithLength(kHugeLength - 7, header, SmallData(1));
                }),
      WithBytes("LengthBeyondTheFile", "10000",
                [header] { return FileWithLength(10'000, header, ""); }),
      WithBytes("LengthZero", "{",
                [header] { return FileWithLength(0, header, SmallData(1)); }),
      WithBytes("TrailingBytes", "57 bytes of data",
                [header] { return FileOf(header, SmallData(1) + "x"); }),
      WithBytes("OneByteShort", "55 bytes of data",
                [header] { return FileOf(header, SmallData(1).substr(1)); }),
      WithBytes("NoData", "0 bytes of data",
                [header] { return FileOf(header, ""); }),
      WithBytes("NotANumber", "'wte' holds a value that is not finite",
                [header] {
                  return FileOf(
                      header,
                      DataBeginning(std::numeric_limits<float>::quiet_NaN()));
                }),
      WithBytes("Infinite", "'wte' holds a value that is not finite",
                [header] {
                  return FileOf(
                      header,
                      DataBeginning(-std::numeric_limits<float>::infinity()));
                }),
      WithBytes("Text", "weights", [] { return std::string(500, 'a'); }),
      WithBytes("Zeros", "weights", [] { return std::string(500, '\0'); })};
}

std::string NameOf(const testing::TestParamInfo<DamagedFile>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Entries, DamagedFileTest,
                         testing::ValuesIn(BadEntries()), NameOf);
INSTANTIATE_TEST_SUITE_P(Headers, DamagedFileTest,
                         testing::ValuesIn(BadHeaders()), NameOf);
INSTANTIATE_TEST_SUITE_P(Bytes, DamagedFileTest, testing::ValuesIn(BadBytes()),
                         NameOf);

}  // namespace
}  // namespace microgpt
