// The losses that a run remembers.
#ifndef MICROGPT_TRAIN_LOSS_HISTORY_H_
#define MICROGPT_TRAIN_LOSS_HISTORY_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "microgpt/checkpoint.h"

namespace microgpt {

// The last kRecentLosses losses. Add never allocates.
class LossHistory {
 public:
  void Add(double loss) { losses_[count_++ % losses_.size()] = loss; }

  std::vector<double> OldestFirst() const {
    std::vector<double> losses;
    const std::size_t kept = std::min(count_, losses_.size());
    for (std::size_t i = count_ - kept; i < count_; ++i) {
      losses.push_back(losses_[i % losses_.size()]);
    }
    return losses;
  }

 private:
  std::array<double, kRecentLosses> losses_ = {};
  std::size_t count_ = 0;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_LOSS_HISTORY_H_
