#include "data/token_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "microgpt/error.h"

namespace microgpt {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kHeaderBytes = 256 * sizeof(std::int32_t);
constexpr std::size_t kScanBytes = 1 << 20;
// Read at once by Encode, on its stack.
constexpr std::size_t kPartIds = 1024;

struct Format {
  std::int32_t magic;
  std::int32_t version;
  std::size_t id_bytes;
};

constexpr Format kFormats[] = {{20240520, 1, 2}, {20240801, 7, 4}};

[[noreturn]] void Fail(const InputFile& file, const std::string& why) {
  throw Error(ErrorKind::kInput, file.path() + ": " + why);
}

TokenLayout ReadHeaded(const InputFile& file, const Format& format) {
  if (file.size() < kHeaderBytes) {
    Fail(file, "its header is cut off, it has " + std::to_string(file.size()) +
                   " of " + std::to_string(kHeaderBytes) + " bytes");
  }
  std::array<std::int32_t, 2> fields;  // version, number of ids
  std::array<char, sizeof(fields)> bytes;
  file.ReadAt(sizeof(std::int32_t), bytes);
  std::memcpy(fields.data(), bytes.data(), bytes.size());
  if (fields[0] != format.version) {
    Fail(file, "is a token file of version " + std::to_string(fields[0]) +
                   "; of those with number " + std::to_string(format.magic) +
                   ", version " + std::to_string(format.version) + " is read");
  }
  const std::uint64_t rest = file.size() - kHeaderBytes;
  const auto count = static_cast<std::uint64_t>(std::max(fields[1], 0));
  if (fields[1] < 0 || count * format.id_bytes != rest) {
    Fail(file, "its header says " + std::to_string(fields[1]) +
                   " tokens, but " + std::to_string(rest) +
                   " bytes follow; it is cut off or damaged");
  }
  return {kHeaderBytes, count, format.id_bytes};
}

TokenLayout ReadLayout(const InputFile& file) {
  std::int32_t magic = 0;
  if (file.size() >= sizeof(magic)) {
    std::array<char, sizeof(magic)> bytes;
    file.ReadAt(0, bytes);
    std::memcpy(&magic, bytes.data(), bytes.size());
  }
  for (const Format& format : kFormats) {
    if (magic == format.magic) return ReadHeaded(file, format);
  }
  if (file.size() % sizeof(std::uint16_t) != 0) {
    Fail(file, "has an odd number of bytes, " + std::to_string(file.size()) +
                   ", so it does not hold 16-bit token ids");
  }
  return {0, file.size() / sizeof(std::uint16_t), sizeof(std::uint16_t)};
}

}  // namespace

TokenLayout ReadTokenLayout(const InputFile& file) {
  const TokenLayout layout = ReadLayout(file);
  if (layout.count < 2) {
    Fail(file, "holds " + std::to_string(layout.count) +
                   " tokens, at least 2 are needed");
  }
  return layout;
}

TokenFile::TokenFile(const std::string& path, const Tokenizer& tokenizer,
                     int block_size)
    : DocumentSource(tokenizer),
      file_(path),
      layout_(ReadTokenLayout(file_)),
      window_(static_cast<std::uint64_t>(block_size)),
      num_windows_((layout_.count - 2) / window_ + 1),
      fingerprint_(Check()) {
  assert(tokenizer.is_ids());
}

// Looks at every id. Returns the fingerprint, of the header too: the same bytes
// are other tokens behind another one.
std::string TokenFile::Check() const {
  Hash128 hash;
  std::vector<char> buffer(kScanBytes);
  std::vector<std::int32_t> ids(kScanBytes / layout_.id_bytes);
  std::uint64_t at = 0;
  while (at < file_.size()) {
    const bool header = at < layout_.begin;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(
        kScanBytes, (header ? layout_.begin : file_.size()) - at));
    const std::span<char> bytes = std::span(buffer).first(wanted);
    file_.ReadAt(at, bytes);
    hash.Add(std::span<const char>(bytes));
    if (!header) {
      Decode(bytes, (at - layout_.begin) / layout_.id_bytes,
             std::span(ids).first(wanted / layout_.id_bytes));
    }
    at += wanted;
  }
  return hash.Hex();
}

// first: the position of the first id in the file, for the error.
void TokenFile::Decode(std::span<const char> bytes, std::uint64_t first,
                       std::span<std::int32_t> ids) const {
  const auto vocab_size = static_cast<std::uint32_t>(tokenizer().vocab_size());
  std::uint32_t largest = 0;
  const auto decode = [&](auto id) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      std::memcpy(&id, bytes.data() + i * sizeof(id), sizeof(id));
      largest = std::max<std::uint32_t>(largest, id);
      ids[i] = static_cast<std::int32_t>(id);
    }
  };
  if (layout_.id_bytes == sizeof(std::uint16_t)) {
    decode(std::uint16_t{});
  } else {
    decode(std::uint32_t{});
  }
  if (largest < vocab_size) return;
  const auto bad = std::find_if(ids.begin(), ids.end(), [&](std::int32_t id) {
    return static_cast<std::uint32_t>(id) >= vocab_size;
  });
  Fail(file_, "token " +
                  std::to_string(
                      first + static_cast<std::uint64_t>(bad - ids.begin())) +
                  " (counted from 0) has id " +
                  std::to_string(static_cast<std::uint32_t>(*bad)) +
                  ", but the vocabulary has " + std::to_string(vocab_size) +
                  " ids from 0 on; give the --vocab-size that it was made for");
}

void TokenFile::ForEachPlace(
    FunctionRef<void(std::uint64_t place)> visit) const {
  for (std::uint64_t i = 0; i < num_windows_; ++i) visit(i);
}

std::uint64_t TokenFile::CountPredictions(std::uint64_t place) const {
  return std::min(window_, layout_.count - 1 - place * window_);
}

std::size_t TokenFile::Encode(std::uint64_t place,
                              std::span<std::int32_t> tokens) const {
  const auto count = static_cast<std::size_t>(
      std::min<std::uint64_t>(tokens.size(), CountPredictions(place) + 1));
  std::array<char, kPartIds * sizeof(std::uint32_t)> buffer;
  for (std::size_t done = 0; done < count;) {
    const std::size_t part = std::min(kPartIds, count - done);
    const std::uint64_t first = place * window_ + done;
    const std::span<char> bytes =
        std::span(buffer).first(part * layout_.id_bytes);
    file_.ReadAt(layout_.begin + first * layout_.id_bytes, bytes);
    Decode(bytes, first, tokens.subspan(done, part));
    done += part;
  }
  return count;
}

std::string TokenFile::Document(std::uint64_t place) const {
  std::vector<std::int32_t> ids(
      static_cast<std::size_t>(CountPredictions(place)) + 1);
  Encode(place, ids);
  return tokenizer().Decode(ids);
}

}  // namespace microgpt
