// Files of token ids: headers, windows, and ids outside the vocabulary.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/corpus.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/memory_file.h"

namespace microgpt::fuzz {
namespace {

constexpr int kVocabSize = 50257;  // of the seeds

std::optional<Corpus> Read(const std::string& path, int block_size,
                           int vocab_size) {
  CorpusOptions options;
  options.data.doc_mode = DocMode::kTokens;
  options.block_size = block_size;
  std::optional<Corpus> corpus;
  Accepts(path, [&] {
    corpus = Corpus::FromFile(path, options, Tokenizer::ForIds(vocab_size));
  });
  return corpus;
}

std::uint32_t NumberAt(std::string_view bytes, std::size_t at,
                       std::size_t size) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[at + i]);
    number |= static_cast<std::uint32_t>(byte) << (8 * i);
  }
  return number;
}

// The formats, written a second time. Nothing if the file breaks a rule.
std::optional<std::vector<std::uint32_t>> Ids(std::string_view bytes) {
  std::size_t begin = 0;
  std::size_t id_bytes = 2;
  const std::uint32_t magic = bytes.size() < 4 ? 0 : NumberAt(bytes, 0, 4);
  if (magic == 20240520 || magic == 20240801) {
    begin = 1024;
    id_bytes = magic == 20240520 ? 2 : 4;
    if (bytes.size() < begin) return std::nullopt;
    const std::uint64_t count = NumberAt(bytes, 8, 4);
    if (NumberAt(bytes, 4, 4) != (id_bytes == 2 ? 1 : 7) ||
        count > 0x7FFFFFFF || count * id_bytes != bytes.size() - begin) {
      return std::nullopt;
    }
  }
  if ((bytes.size() - begin) % id_bytes != 0) return std::nullopt;
  std::vector<std::uint32_t> ids;
  for (std::size_t at = begin; at < bytes.size(); at += id_bytes) {
    ids.push_back(NumberAt(bytes, at, id_bytes));
  }
  if (ids.size() < 2) return std::nullopt;
  return ids;
}

void CheckWindows(const Corpus& corpus, std::size_t block_size,
                  const std::vector<std::uint32_t>& ids) {
  Require(corpus.num_documents() == (ids.size() - 2) / block_size + 1,
          "a wrong number of windows");
  std::vector<std::int32_t> window(block_size + 1);
  for (std::size_t i = 0; i < corpus.num_documents(); ++i) {
    const std::size_t begin = i * block_size;
    const std::size_t count = corpus.EncodeDocument(i, window);
    Require(count == std::min(block_size + 1, ids.size() - begin),
            "a wrong number of tokens");
    for (std::size_t t = 0; t < count; ++t) {
      Require(static_cast<std::uint32_t>(window[t]) == ids[begin + t],
              "a wrong token");
    }
  }
}

}  // namespace
}  // namespace microgpt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace microgpt;
  using namespace microgpt::fuzz;
  static MemoryFile file;
  file.Replace(AsText(data, size));
  const std::optional<std::vector<std::uint32_t>> ids = Ids(AsText(data, size));
  for (const int vocab_size : {1, 300, kVocabSize, 1 << 20}) {
    const bool valid =
        ids && std::all_of(ids->begin(), ids->end(), [&](std::uint32_t id) {
          return id < static_cast<std::uint32_t>(vocab_size);
        });
    for (const int block_size : {1, 3, 2000}) {
      const std::optional<Corpus> corpus =
          Read(file.path(), block_size, vocab_size);
      Require(corpus.has_value() == valid, "accepted or refused wrongly");
      if (!corpus) continue;
      CheckWindows(*corpus, static_cast<std::size_t>(block_size), *ids);
      if (vocab_size == kVocabSize) ++accepted_inputs;
    }
  }
  return 0;
}
