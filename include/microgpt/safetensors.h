// Weights in safetensors files.
#ifndef MICROGPT_SAFETENSORS_H_
#define MICROGPT_SAFETENSORS_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "microgpt/export.h"
#include "microgpt/model.h"

namespace microgpt {

// Called once per tensor, in the order of `tensors`. values: row-major, valid
// during the call only.
using TensorSink =
    std::function<void(std::string_view name, std::span<const float> values)>;

// Which values a reader lets pass.
enum class TensorValues {
  kFinite,
  kAny,  // NaN and infinity too
};

// Reads the named tensors of a safetensors file (F32, row-major [rows, cols])
// and passes each to `sink`. The whole header is validated before anything is
// passed on. Memory: the header and one tensor.
// Throws Error(kInput) naming the file for a malformed file, a missing, extra
// or differently shaped tensor or a value that is not allowed; Error(kIo) if
// reading fails, Error(kResources) if a tensor does not fit into memory, and
// what the sink throws. After a throw the sink may have seen some of the
// tensors. Thread-safe.
MICROGPT_EXPORT void ReadTensors(const std::string& path,
                                 std::span<const TensorInfo> tensors,
                                 const TensorSink& sink,
                                 TensorValues allowed = TensorValues::kFinite);

}  // namespace microgpt

#endif  // MICROGPT_SAFETENSORS_H_
