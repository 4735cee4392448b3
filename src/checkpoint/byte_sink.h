// Writes one file of a generation, and knows afterwards what it wrote.
#ifndef MICROGPT_CHECKPOINT_BYTE_SINK_H_
#define MICROGPT_CHECKPOINT_BYTE_SINK_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/hash.h"

namespace microgpt {

// Size and checksum of a file, as state.json lists them.
struct FileSummary {
  std::uint64_t bytes = 0;
  std::string xxh3;  // Hash128::Hex()

  bool operator==(const FileSummary&) const = default;
};

// Collects small pieces into large writes. Single-threaded.
class ByteSink {
 public:
  explicit ByteSink(NewFile& file) : file_(file) { buffer_.reserve(kBytes); }

  void Append(std::string_view bytes) {
    hash_.Add(std::span<const char>(bytes));
    bytes_ += bytes.size();
    buffer_ += bytes;
    if (buffer_.size() >= kBytes) Flush();
  }
  void Append(std::span<const float> values) {
    Append({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  }

  // Writes what is still held back.
  FileSummary Finish() {
    if (!buffer_.empty()) Flush();
    return {bytes_, hash_.Hex()};
  }

 private:
  static constexpr std::size_t kBytes = 1 << 20;

  void Flush() {
    file_.Append(buffer_);
    buffer_.clear();
  }

  NewFile& file_;
  Hash128 hash_;
  std::uint64_t bytes_ = 0;
  std::string buffer_;
};

}  // namespace microgpt

#endif  // MICROGPT_CHECKPOINT_BYTE_SINK_H_
