// Reading safetensors from a file that is open already.
#ifndef MICROGPT_CHECKPOINT_SAFETENSORS_READER_H_
#define MICROGPT_CHECKPOINT_SAFETENSORS_READER_H_

#include <span>

#include "base/file.h"
#include "microgpt/safetensors.h"

namespace microgpt {

// See microgpt/safetensors.h.
void ReadTensors(const InputFile& file, std::span<const TensorInfo> tensors,
                 const TensorSink& sink, TensorValues allowed);

}  // namespace microgpt

#endif  // MICROGPT_CHECKPOINT_SAFETENSORS_READER_H_
