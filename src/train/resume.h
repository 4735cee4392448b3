// What must agree before a run may go on.
#ifndef MICROGPT_TRAIN_RESUME_H_
#define MICROGPT_TRAIN_RESUME_H_

#include <cstddef>
#include <string>

#include "microgpt/checkpoint.h"
#include "microgpt/corpus.h"
#include "microgpt/trainer.h"

namespace microgpt {

// The saved configuration with the options applied.
// Throws Error(kUsage) for fewer steps than it has.
TrainConfig ContinuedConfig(const CheckpointState& state,
                            const ResumeOptions& options);

// Throws Error(kInput) unless the corpus is the saved one (or allowed to be
// another, with the same tokens) and this program cuts batches into as many
// shards as the one that saved.
void CheckResumable(const Checkpoint& checkpoint, const Corpus& corpus,
                    std::size_t num_shards, bool allow_changed_data);

// Whether what validations have found is true of the validation data given.
// `fingerprint` is of a validation corpus of its own, else empty: a part of
// `corpus` or none. Throws Error(kInput) for other data than saved unless they
// are allowed.
bool CheckValidation(const Checkpoint& checkpoint, const Corpus& corpus,
                     const std::string& fingerprint, bool allow_changed_data);

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_RESUME_H_
