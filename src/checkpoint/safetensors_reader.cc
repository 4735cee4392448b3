// A strict reader of safetensors files: everything in the header is checked
// before a byte of data is used, and nothing is kept of what was not asked for.
#include "checkpoint/safetensors_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/checked_math.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

static_assert(std::endian::native == std::endian::little);

// Of a header: what the tensors asked for can need, and as much metadata. The
// JSON parser takes a multiple of it.
constexpr std::uint64_t kMaxHeaderBytesPerTensor = 1024;
constexpr std::uint64_t kMaxOtherHeaderBytes = 65536;

// One header entry as it was found.
struct Entry {
  std::string dtype;
  std::vector<std::uint64_t> shape;
  std::vector<std::uint64_t> data_offsets;
};

// Receives the header's JSON. Depth 1 is the file, depth 2 a tensor or the
// metadata, depth 3 an array of a tensor; anything else ends the parse, so that
// neither nesting nor unknown names cost memory.
class HeaderReader {
 public:
  HeaderReader(std::string path, std::span<const TensorInfo> tensors)
      : path_(std::move(path)), entries_(tensors.size()) {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      index_of_.emplace(tensors[i].name, i);
    }
  }

  const std::vector<std::optional<Entry>>& entries() const { return entries_; }

  [[noreturn]] void Fail(const std::string& why) const {
    throw Error(ErrorKind::kInput,
                path_ + ": not a usable safetensors file: " + why);
  }

  // The interface that nlohmann::json::sax_parse calls.
  bool null() { Fail("null in the header"); }
  bool boolean(bool /*value*/) { Fail("a boolean in the header"); }
  bool number_integer(std::int64_t /*value*/) {
    Fail("a negative number in the header");
  }
  bool number_float(double /*value*/, const std::string& /*text*/) {
    Fail("a number that is not whole in the header");
  }
  bool binary(std::vector<std::uint8_t>& /*value*/) {
    Fail("binary data in the header");
  }
  bool number_unsigned(std::uint64_t value) {
    if (array_ == nullptr) Fail("a number where none belongs");
    if (array_->size() >= 8) Fail("an array with more than 8 numbers");
    array_->push_back(value);
    return true;
  }
  bool string(std::string& value) {
    if (depth_ == 2 && in_metadata_) return true;
    if (depth_ != 2 || field_ != "dtype") Fail("a text where none belongs");
    Current().dtype = value;
    return true;
  }
  bool start_object(std::size_t /*elements*/) {
    if (array_ != nullptr || ++depth_ > 2) Fail("nested too deeply");
    return true;
  }
  bool end_object() {
    --depth_;
    in_metadata_ = false;
    return true;
  }
  bool key(std::string& name) {
    if (depth_ == 1) {
      BeginEntry(name);
    } else if (!in_metadata_) {
      BeginField(name);
    } else if (!metadata_keys_.insert(name).second) {
      Fail("two metadata entries named '" + QuoteText(name) + "'");
    }
    return true;
  }
  bool start_array(std::size_t /*elements*/) {
    if (depth_ != 2 || in_metadata_ || array_ != nullptr) {
      Fail("an array where none belongs");
    }
    if (field_ == "shape") {
      array_ = &Current().shape;
    } else if (field_ == "data_offsets") {
      array_ = &Current().data_offsets;
    } else {
      Fail("an array where none belongs");
    }
    return true;
  }
  bool end_array() {
    array_ = nullptr;
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) {
    Fail("the header is not valid JSON at byte " + std::to_string(position));
  }

 private:
  void BeginEntry(const std::string& name) {
    in_metadata_ = name == "__metadata__";
    if (in_metadata_) {
      if (seen_metadata_) Fail("two entries named __metadata__");
      seen_metadata_ = true;
      return;
    }
    const auto at = index_of_.find(name);
    if (at == index_of_.end()) {
      Fail("tensor '" + QuoteText(name) + "' is not part of this model");
    }
    current_ = at->second;
    if (entries_[current_]) Fail("two tensors named '" + name + "'");
    entries_[current_].emplace();
    fields_ = {};
  }

  void BeginField(const std::string& name) {
    constexpr std::array<std::string_view, 3> kFields = {"dtype", "shape",
                                                         "data_offsets"};
    const auto at = std::find(kFields.begin(), kFields.end(), name);
    if (at == kFields.end()) Fail("unknown field '" + QuoteText(name) + "'");
    bool& seen = fields_[static_cast<std::size_t>(at - kFields.begin())];
    if (seen) Fail("field '" + name + "' given twice");
    seen = true;
    field_ = name;
  }

  Entry& Current() { return *entries_[current_]; }

  std::string path_;
  std::vector<std::optional<Entry>> entries_;  // one per tensor asked for
  std::unordered_map<std::string_view, std::size_t> index_of_;
  std::set<std::string> metadata_keys_;
  int depth_ = 0;
  std::size_t current_ = 0;
  std::array<bool, 3> fields_ = {};
  std::string field_;
  bool in_metadata_ = false;
  bool seen_metadata_ = false;
  std::vector<std::uint64_t>* array_ = nullptr;
};

// Throws unless the entry is what `info` asks for; returns its first byte.
std::uint64_t CheckEntry(const HeaderReader& reader, const TensorInfo& info,
                         const Entry& entry) {
  const std::string name = "tensor '" + info.name + "' ";
  if (entry.dtype != "F32") {
    reader.Fail(name + "has dtype '" + QuoteText(entry.dtype) +
                "', this program reads F32");
  }
  const std::vector<std::uint64_t> wanted = {info.rows, info.cols};
  if (entry.shape != wanted) {
    std::string found;
    for (const std::uint64_t size : entry.shape) {
      found += (found.empty() ? "" : ", ") + std::to_string(size);
    }
    reader.Fail(name + "has shape [" + found + "], this model needs [" +
                std::to_string(info.rows) + ", " + std::to_string(info.cols) +
                "]");
  }
  const auto& offsets = entry.data_offsets;
  const std::uint64_t bytes = info.rows * info.cols * sizeof(float);
  if (offsets.size() != 2 || offsets[0] > offsets[1] ||
      offsets[1] - offsets[0] != bytes) {
    reader.Fail(name + "has data_offsets that do not fit its shape");
  }
  return offsets[0];
}

// The data must be the tensors side by side, without gap, overlap or rest.
void CheckCoverage(const HeaderReader& reader,
                   std::span<const TensorInfo> tensors,
                   const std::vector<std::uint64_t>& begins,
                   std::uint64_t data_bytes) {
  std::vector<std::size_t> order(tensors.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return begins[a] < begins[b];
  });
  std::uint64_t end = 0;
  for (const std::size_t i : order) {
    if (begins[i] != end) {
      reader.Fail("the data of tensor '" + tensors[i].name +
                  "' overlaps another or leaves a gap");
    }
    end += tensors[i].rows * tensors[i].cols * sizeof(float);
  }
  if (end != data_bytes) {
    reader.Fail("the file holds " + std::to_string(data_bytes) +
                " bytes of data, its header describes " + std::to_string(end));
  }
}

std::string ReadHeader(const InputFile& file, std::size_t num_tensors,
                       const HeaderReader& reader) {
  std::array<char, 8> prefix;
  if (file.size() < prefix.size()) reader.Fail("shorter than 8 bytes");
  file.ReadAt(0, prefix);
  std::uint64_t length = 0;
  std::memcpy(&length, prefix.data(), sizeof(length));
  const std::uint64_t most =
      std::min(file.size() - prefix.size(),
               kMaxOtherHeaderBytes + num_tensors * kMaxHeaderBytesPerTensor);
  if (length > most) {
    reader.Fail("its header would be " + std::to_string(length) +
                " bytes long, at most " + std::to_string(most) +
                " are possible here");
  }
  std::string header(length, '\0');
  file.ReadAt(prefix.size(), header);
  if (!header.starts_with('{')) reader.Fail("the header does not begin with {");
  // The parser would take it for the end.
  if (header.find('\0') != std::string::npos) reader.Fail("NUL in the header");
  return header;
}

}  // namespace

void ReadTensors(const std::string& path, std::span<const TensorInfo> tensors,
                 const TensorSink& sink, TensorValues allowed) {
  ReadTensors(InputFile(path), tensors, sink, allowed);
}

void ReadTensors(const InputFile& file, std::span<const TensorInfo> tensors,
                 const TensorSink& sink, TensorValues allowed) {
  HeaderReader reader(file.path(), tensors);
  const std::string header = ReadHeader(file, tensors.size(), reader);
  nlohmann::json::sax_parse(header, &reader);
  std::vector<std::uint64_t> begins;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!reader.entries()[i]) {
      reader.Fail("tensor '" + tensors[i].name + "' is missing");
    }
    begins.push_back(CheckEntry(reader, tensors[i], *reader.entries()[i]));
  }
  const std::uint64_t data = 8 + header.size();
  CheckCoverage(reader, tensors, begins, file.size() - data);

  std::vector<float> values;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    values.resize(tensors[i].rows * tensors[i].cols);
    file.ReadAt(data + begins[i], {reinterpret_cast<char*>(values.data()),
                                   values.size() * sizeof(float)});
    const bool usable = allowed == TensorValues::kAny ||
                        std::all_of(values.begin(), values.end(),
                                    [](float x) { return std::isfinite(x); });
    if (!usable) {
      reader.Fail("tensor '" + tensors[i].name +
                  "' holds a value that is not finite");
    }
    sink(tensors[i].name, values);
  }
}

}  // namespace microgpt
