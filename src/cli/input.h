// Choosing the corpus, and refusing models that cannot fit.
#ifndef MICROGPT_CLI_INPUT_H_
#define MICROGPT_CLI_INPUT_H_

#include <string>

#include "cli/options.h"
#include "microgpt/config.h"
#include "microgpt/corpus.h"

namespace microgpt::cli {

// The file of --input, else input.txt of the current folder if there is one,
// else nothing, for the built-in names.
std::string InputPath(const Options& options);
// The corpus there; the built-in names for an empty path.
Corpus LoadCorpus(const std::string& path);

// config with vocab_size and threads filled in.
TrainConfig CompleteConfig(const Options& options, const Corpus& corpus);

// "1.5 GiB".
std::string FormatBytes(std::uint64_t bytes);

// One line with every part of the estimate.
std::string FormatEstimate(const MemoryEstimate& estimate);

// Prints the estimate on stderr from 1 GiB upward. Throws Error(kResources)
// with the estimate if it exceeds the available memory. Allocates nothing.
void CheckMemory(const TrainConfig& config, const Corpus& corpus);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_INPUT_H_
