#include "cli/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "cli/terminal.h"
#include "microgpt/machine.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

// Larger alphabets than this are worth a look at how often their characters
// occur.
constexpr std::size_t kManyCharacters = 256;
constexpr std::uint64_t kFewOccurrences = 10;

bool IsControl(char32_t c) {
  const bool blank = c >= U'\t' && c <= U'\r';
  return (c < 0x20 && !blank) || c == 0x7F;
}

// The smallest block size of a few that holds nearly all documents.
int RoomyBlockSize(const Corpus& corpus, int block_size) {
  constexpr int kEnough = 4096;  // attention takes the square of it
  int larger = block_size;
  while (larger < kEnough) {
    larger = std::min(larger * 2, kEnough);
    const std::uint64_t longer = corpus.TruncatedAt(larger).documents;
    if (longer * 20 <= corpus.num_documents()) break;
  }
  return larger;
}

}  // namespace

void WarnAboutThreads(int threads) {
  const int cpus = GetCpuBudget().logical_cpus;
  if (threads > cpus) {
    PrintWarning(fmt::format("{} threads on {} CPUs will be slower than {}",
                             threads, cpus, cpus));
  }
}

void WarnAboutBuild() {
  if (GetBuildInfo().optimized) return;
  PrintWarning(
      "this is a Debug build, many times slower than a release build; "
      "configure with meson setup --buildtype=release");
}

std::string VocabularyAdvice(const Tokenizer& tokenizer, std::uint64_t tokens) {
  const std::vector<char32_t>& characters = tokenizer.code_points();
  const auto control =
      std::find_if(characters.begin(), characters.end(), IsControl);
  if (control != characters.end()) {
    return fmt::format(
        "the input holds control characters (U+{:04X}): if it is a binary "
        "file, give a text; token ids go to --tokens",
        static_cast<std::uint32_t>(*control));
  }
  const std::uint64_t occurrences =
      tokens / std::max<std::uint64_t>(1, characters.size());
  if (characters.size() > kManyCharacters && occurrences < kFewOccurrences) {
    return fmt::format(
        "the input has {} different characters, and each occurs {} times on "
        "average, too few to learn from; give more text, or one with fewer "
        "characters",
        characters.size(), occurrences);
  }
  return "";
}

void WarnAboutVocabulary(const Corpus& corpus) {
  if (corpus.tokenizer().is_ids()) return;
  const bool many = corpus.tokenizer().code_points().size() > kManyCharacters;
  // With a block size of 0 every prediction is one beyond it. Counting them
  // takes a look at the whole text.
  const std::uint64_t tokens = many ? corpus.TruncatedAt(0).tokens : 0;
  const std::string advice = VocabularyAdvice(corpus.tokenizer(), tokens);
  if (!advice.empty()) PrintWarning(advice);
}

void AdviseOnTruncation(const Corpus& corpus, const TrainConfig& config,
                        bool quiet) {
  const DataConfig& data = config.data;
  if (data.doc_mode != DocMode::kLines ||
      data.long_docs != LongDocs::kTruncate) {
    return;
  }
  const int block_size = config.model.block_size;
  const Truncation unused = corpus.TruncatedAt(block_size);
  const bool most = unused.documents * 2 > corpus.num_documents();
  if (unused.documents == 0 || (quiet && !most)) return;
  const std::string line = fmt::format(
      "{} of {} documents are longer than --block-size {}, their last {} "
      "tokens are not used; --long-docs chunk would use them",
      unused.documents, corpus.num_documents(), block_size, unused.tokens);
  if (!most) {
    PrintNote(line);
    return;
  }
  const int roomy = RoomyBlockSize(corpus, block_size);
  PrintWarning(line +
               fmt::format(", --block-size {} all of {}%", roomy,
                           100 - 100 * corpus.TruncatedAt(roomy).documents /
                                     corpus.num_documents()));
}

}  // namespace microgpt::cli
