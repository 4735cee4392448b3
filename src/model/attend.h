// Attention of all documents of a pack, whichever kernel takes them.
#ifndef MICROGPT_MODEL_ATTEND_H_
#define MICROGPT_MODEL_ATTEND_H_

#include "base/executor.h"
#include "model/activations.h"

namespace microgpt {

// From layer.qkv to layer.heads. REQUIRES: activations.ChooseAttention has run
// for the pack.
void AttendForward(const ModelConfig& config, const Activations& activations,
                   const LayerActivations& layer, Executor& executor);

// From activations.dnorm, the gradient of layer.heads, to layer.dqkv.
void AttendBackward(const ModelConfig& config, const Activations& activations,
                    const LayerActivations& layer, Executor& executor);

}  // namespace microgpt

#endif  // MICROGPT_MODEL_ATTEND_H_
