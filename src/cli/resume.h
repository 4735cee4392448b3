// Going on with a saved run: what the checkpoint says and what flags may
// change.
#ifndef MICROGPT_CLI_RESUME_H_
#define MICROGPT_CLI_RESUME_H_

#include "cli/options.h"
#include "microgpt/checkpoint.h"
#include "microgpt/corpus.h"

namespace microgpt::cli {

// options with configuration, input, seed of samples, --save-every and
// --out-dir of the saved run where no flag gives them.
// --num-steps may be larger than saved, --early-stop-patience may change.
// Throws Error(kInput), with both values, for a flag that contradicts the
// checkpoint; Error(kUsage) if there is no folder to save into.
Options MergeWithCheckpoint(const Options& options,
                            const Checkpoint& checkpoint);

// The corpus of merged options. Where its data have changed and may, its
// characters must be among the checkpoint's.
Corpus LoadSavedCorpus(const Options& merged, const Checkpoint& checkpoint);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_RESUME_H_
