#include "cli/input.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/format_bytes.h"
#include "cli/terminal.h"
#include "microgpt/error.h"
#include "microgpt/system.h"

namespace microgpt::cli {
namespace {

constexpr const char* kDefaultInput = "input.txt";
constexpr std::uint64_t kGibibyte = 1ull << 30;

}  // namespace

std::string InputPath(const Options& options) {
  if (!options.tokens.empty()) return options.tokens;
  if (options.Given("--input")) return options.input;
  struct stat status = {};
  return ::lstat(kDefaultInput, &status) == 0 ? kDefaultInput : "";
}

std::string AbsolutePath(const char* flag, const std::string& path) {
  if (path.empty()) return path;
  std::string absolute =
      std::filesystem::absolute(path).lexically_normal().string();
  try {
    (void)nlohmann::json(absolute).dump();
  } catch (const nlohmann::json::type_error&) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{}: '{}' is not UTF-8, and a checkpoint must name "
                            "the file; rename it",
                            flag, path));
  }
  return absolute;
}

Corpus LoadCorpus(const std::string& path, const Options& options) {
  const CorpusOptions cut = CorpusOptionsOf(options.train);
  if (cut.data.doc_mode == DocMode::kTokens) {
    return Corpus::FromFile(path, cut, Tokenizer::ForIds(options.vocab_size));
  }
  return path.empty() ? Corpus::BuiltIn(cut) : Corpus::FromFile(path, cut);
}

Corpus BuiltInCorpus(const CorpusOptions& cut, const Tokenizer& vocabulary) {
  return Corpus::FromText(std::string(BuiltInCorpusText()),
                          "the built-in corpus", cut, vocabulary);
}

void RefuseOtherTokens(const Options& options, const Checkpoint& checkpoint) {
  const bool ids = checkpoint.tokenizer().is_ids();
  const char* const wrong = ids ? "--input" : "--tokens";
  if (options.Given(wrong)) {
    throw Error(
        ErrorKind::kInput,
        fmt::format("{}: the model in {} knows {}; give {}", wrong,
                    checkpoint.folder(), ids ? "token ids" : "characters",
                    ids ? "--tokens" : "--input"));
  }
  const int saved = checkpoint.tokenizer().vocab_size();
  if (options.vocab_size != 0 && options.vocab_size != saved) {
    throw Error(ErrorKind::kInput,
                fmt::format("--vocab-size: vocab_size is {}, but {} in the "
                            "checkpoint {}; leave the flag out",
                            options.vocab_size, saved, checkpoint.folder()));
  }
}

std::optional<Corpus> LoadValidationCorpus(const Options& options,
                                           const Corpus& corpus) {
  if (options.val_input.empty()) return std::nullopt;
  return Corpus::FromFile(options.val_input, corpus.options(),
                          corpus.tokenizer());
}

TrainConfig CompleteConfig(const Options& options, const Corpus& corpus) {
  TrainConfig config = options.train;
  config.model.vocab_size = corpus.tokenizer().vocab_size();
  if (config.threads == 0) config.threads = DefaultThreads();
  return config;
}

std::string FormatEstimate(const MemoryEstimate& estimate) {
  return fmt::format(
      "{} (parameters {}, moments {}, gradients {}, activations {}, corpus {})",
      FormatBytes(estimate.total_bytes()),
      FormatBytes(estimate.parameter_bytes), FormatBytes(estimate.moment_bytes),
      FormatBytes(estimate.gradient_bytes),
      FormatBytes(estimate.activation_bytes),
      FormatBytes(estimate.corpus_bytes));
}

void CheckMemory(const TrainConfig& config, const Corpus& corpus) {
  const MemoryEstimate estimate =
      EstimateTrainingMemory(config, corpus.memory_bytes());
  // The corpus is in memory already.
  const std::uint64_t needed = estimate.total_bytes() - estimate.corpus_bytes;
  const std::optional<std::uint64_t> available = AvailableMemoryBytes();
  if (available && needed > *available) {
    throw Error(ErrorKind::kResources,
                fmt::format("this model needs {}, available {}; use a smaller "
                            "--n-embd, --n-layer, --block-size or --threads",
                            FormatEstimate(estimate), FormatBytes(*available)));
  }
  if (estimate.total_bytes() >= kGibibyte) {
    PrintNote("memory: " + FormatEstimate(estimate));
  }
}

}  // namespace microgpt::cli
