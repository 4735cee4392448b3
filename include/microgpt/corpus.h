// What a model is trained on: a text, or a file of token ids, as documents.
#ifndef MICROGPT_CORPUS_H_
#define MICROGPT_CORPUS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "microgpt/config.h"
#include "microgpt/export.h"
#include "microgpt/tokenizer.h"

namespace microgpt {

class DocumentSource;
class Random;

// How an input is cut into documents.
struct CorpusOptions {
  DataConfig data;  // val_split has no effect here, see SplitOff
  // Predictions of a document, where lines are not taken as they are.
  int block_size = ModelConfig().block_size;
};

// How a run with this configuration cuts its corpus. Thread-safe; never throws.
MICROGPT_EXPORT CorpusOptions CorpusOptionsOf(const TrainConfig& config);

// What training with blocks of a given size leaves unused.
struct Truncation {
  std::uint64_t documents = 0;  // that are longer
  std::uint64_t tokens = 0;     // their predictions beyond block_size
};

// Documents that are encoded on demand, in an order of training. With b =
// block_size, they are, by doc_mode:
//   kLines   The lines of a text. Line ends (\n and \r\n) are removed, empty
//            lines skipped. Each is BOS, its characters, BOS. With long_docs
//            kChunk, every b predictions of that are a document of their own,
//            the last one may be shorter.
//   kText    The text as one stream: BOS, its characters, BOS. Line ends are
//            characters, \r\n counts as \n. Document i is the tokens
//            [i b, (i + 1) b] of it; the last one may be shorter.
//   kTokens  The same of a file of token ids, as they are, without BOS.
// A UTF-8 byte-order mark at the start of a text is removed, nothing else is
// stripped.
// Memory: the text (of token ids nothing), and 4 bytes per document (8 from
// 4 GiB of text or 2^32 documents upward).
// Thread-compatible: const members may run concurrently. Copies share the text.
class MICROGPT_EXPORT Corpus {
 public:
  // Reads a regular file once; a file of token ids is checked once and then
  // read again, window by window, for as long as the corpus lives.
  // Throws Error(kInput) if the path is missing, a directory, FIFO or device,
  // holds no document or is not valid UTF-8 (with line and byte offset);
  // Error(kIo) if reading fails; Error(kUsage) for kTokens, which needs a
  // vocabulary.
  static Corpus FromFile(const std::string& path,
                         const CorpusOptions& options = {});

  // The same with the tokens of another corpus, or of Tokenizer::ForIds.
  // Throws Error(kInput) also if there is a character or id that `vocabulary`
  // does not have, naming it and its line or position, and if `vocabulary` is
  // one of ids and the mode is not, or the other way round.
  static Corpus FromFile(const std::string& path, const CorpusOptions& options,
                         const Tokenizer& vocabulary);
  static Corpus FromFile(const std::string& path, const Tokenizer& vocabulary) {
    return FromFile(path, {}, vocabulary);
  }

  // `name` stands for the text in error messages. Throw like FromFile.
  // REQUIRES: not kTokens.
  static Corpus FromText(std::string text, const std::string& name,
                         const CorpusOptions& options = {});
  static Corpus FromText(std::string text, const std::string& name,
                         const CorpusOptions& options,
                         const Tokenizer& vocabulary);
  static Corpus FromText(std::string text, const std::string& name,
                         const Tokenizer& vocabulary) {
    return FromText(std::move(text), name, {}, vocabulary);
  }

  // The given names that are part of the program: 12,003 lines.
  // REQUIRES: not kTokens.
  static Corpus BuiltIn(const CorpusOptions& options = {});

  // The tokens of the documents: those of `vocabulary`, or of the text.
  const Tokenizer& tokenizer() const;
  // As given when it was read.
  const CorpusOptions& options() const { return options_; }
  // Of those left after SplitOff. At least 1.
  std::size_t num_documents() const;
  // XXH3 (128 bits, hex) of the text, or of the file of token ids, whatever the
  // order of documents, how they are cut and what was split off. Reads all of
  // it. Throws Error(kIo) if a file of token ids cannot be read any more.
  std::string Fingerprint() const;
  // Bytes held in memory. The text counts for the corpus that read it, not for
  // what was split off from it.
  std::uint64_t memory_bytes() const;

  // Writes the tokens of document `index`, as far as they fit into `tokens`,
  // and returns how many were written, at least two if there is room.
  // REQUIRES: index < num_documents(). Never allocates, and throws for token
  // ids only: Error(kIo) if the file cannot be read any more, Error(kInput) if
  // it has got ids outside the vocabulary.
  std::size_t EncodeDocument(std::size_t index,
                             std::span<std::int32_t> tokens) const;

  // Document `index` as text: its characters in UTF-8, without BOS and line
  // end, or its ids. Throws like EncodeDocument.
  std::string Document(std::size_t index) const;

  // What is not used of lines that are taken as they are; nothing is left of
  // windows. Reads the whole text. REQUIRES: block_size > 0.
  Truncation TruncatedAt(int block_size) const;

  // Throws Error(kUsage) unless the documents are those of `wanted`.
  void ExpectOptions(const CorpusOptions& wanted) const;

  // Removes part of the documents and returns them, for validation. Of n lines
  // these are round(fraction * n), drawn by a random stream of its own; both
  // parts keep the order of the file, and no line is in both. Of n windows of a
  // stream it is the last round(fraction * n). At least one, and not all.
  // Both parts share the text. Throws Error(kInput) if n < 2.
  // REQUIRES: 0 < fraction < 1; the corpus has not been shuffled.
  Corpus SplitOff(double fraction, std::uint64_t seed);

  // For the trainer: Fisher-Yates from the last document down (Knuth, TAOCP
  // 3.4.2 P).
  void Shuffle(Random& random);

 private:
  // Where each document begins, as its source names places; 32 bits wherever
  // they suffice.
  using Places =
      std::variant<std::vector<std::uint32_t>, std::vector<std::uint64_t>>;

  Corpus(std::shared_ptr<const DocumentSource> source,
         const CorpusOptions& options);
  // Some of its documents.
  Corpus(std::shared_ptr<const DocumentSource> source,
         const CorpusOptions& options, Places part);

  std::uint64_t PlaceOf(std::size_t index) const noexcept;

  std::shared_ptr<const DocumentSource> source_;
  CorpusOptions options_;
  Places places_;            // in the order of training
  bool counts_text_ = true;  // in memory_bytes
};

// The text of the built-in corpus: given names, one per line. Valid for as long
// as the program runs. Thread-safe; never throws.
MICROGPT_EXPORT std::string_view BuiltInCorpusText();

}  // namespace microgpt

#endif  // MICROGPT_CORPUS_H_
