// One number for the whole training state.
#ifndef MICROGPT_TRAIN_DIGEST_H_
#define MICROGPT_TRAIN_DIGEST_H_

#include <string>

#include "model/parameters.h"
#include "optim/adam.h"

namespace microgpt {

// XXH3 (128 bits, hex) of weights, m and v: little-endian float32 in tensor
// order, without padding.
std::string StateDigest(const Parameters& parameters, const Adam& adam);

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_DIGEST_H_
