// Choosing the corpus, and refusing models that cannot fit.
#ifndef MICROGPT_CLI_INPUT_H_
#define MICROGPT_CLI_INPUT_H_

#include <optional>
#include <string>

#include "cli/options.h"
#include "microgpt/checkpoint.h"
#include "microgpt/config.h"
#include "microgpt/corpus.h"

namespace microgpt::cli {

// The file of --tokens or --input, nothing for the built-in names. Without
// these flags input.txt of the current folder if there is one, else nothing.
std::string InputPath(const Options& options);
// A path as files of a run can name it from every folder; empty for an empty
// one. Throws Error(kUsage), naming the flag, if it is not UTF-8.
std::string AbsolutePath(const char* flag, const std::string& path);

// The corpus there, cut as options.train says; the built-in names for an empty
// path. Throws as Corpus::FromFile does.
Corpus LoadCorpus(const std::string& path, const Options& options);

// The built-in names, whose characters must be in `vocabulary`.
Corpus BuiltInCorpus(const CorpusOptions& cut, const Tokenizer& vocabulary);

// Throws Error(kInput) if --input is given for a model of token ids, --tokens
// for one of characters, or a --vocab-size that is not the checkpoint's.
void RefuseOtherTokens(const Options& options, const Checkpoint& checkpoint);

// The corpus of --val-input, cut and with tokens as the training corpus, if
// any. Throws Error(kInput) if it has other tokens.
std::optional<Corpus> LoadValidationCorpus(const Options& options,
                                           const Corpus& corpus);

// config with vocab_size and threads filled in.
TrainConfig CompleteConfig(const Options& options, const Corpus& corpus);

// One line with every part of the estimate.
std::string FormatEstimate(const MemoryEstimate& estimate);

// Prints the estimate on stderr from 1 GiB upward. Throws Error(kResources)
// with the estimate if it exceeds the available memory. Allocates nothing.
void CheckMemory(const TrainConfig& config, const Corpus& corpus);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_INPUT_H_
