// Documents of one length, and what their attention needs, to run kernels on.
#ifndef MICROGPT_BENCH_ATTENTION_OPERANDS_H_
#define MICROGPT_BENCH_ATTENTION_OPERANDS_H_

#include <cstddef>
#include <vector>

#include "base/aligned_buffer.h"
#include "bench/operand.h"
#include "kernels/attention.h"
#include "kernels/packed_attention.h"

namespace microgpt {

// One document.
class LongAttention {
 public:
  LongAttention(std::size_t positions, std::size_t width, std::size_t n_head)
      : width_(width),
        n_head_(n_head),
        qkv_(positions, 3 * width),
        out_(positions, width),
        dqkv_(positions, 3 * width),
        saved_(AttentionSavedFloats(positions, n_head).value()),
        scratch_(AttentionScratchFloats(positions, width / n_head).value()) {}

  void Forward() {
    AttentionForward(qkv_.view(), width_, n_head_, {0, n_head_}, saved_.data(),
                     scratch_.data(), out_.view());
  }
  void Backward() {
    AttentionBackward(out_.view(), qkv_.view(), width_, n_head_, {0, n_head_},
                      saved_.data(), scratch_.data(), dqkv_.view());
  }

 private:
  std::size_t width_;
  std::size_t n_head_;
  Operand qkv_;
  Operand out_;
  Operand dqkv_;
  AlignedBuffer<float> saved_;
  AlignedBuffer<float> scratch_;
};

// `count` documents, one after the other.
class ShortAttention {
 public:
  ShortAttention(std::size_t count, std::size_t positions, std::size_t width,
                 std::size_t n_head)
      : width_(width),
        n_head_(n_head),
        qkv_(count * positions, 3 * width),
        out_(count * positions, width),
        dqkv_(count * positions, 3 * width),
        saved_(PackedAttentionSavedFloats(count, positions, width, n_head)
                   .value()),
        scratch_(
            PackedAttentionScratchFloats(positions, width, n_head).value()) {
    for (std::size_t i = 0; i < count; ++i) {
      documents_.push_back({i * positions, positions});
    }
  }

  void Forward() {
    PackedAttentionForward(qkv_.view(), width_, n_head_, documents_,
                           saved_.data(), scratch_.data(), out_.view());
  }
  void Backward() {
    PackedAttentionBackward(out_.view(), width_, n_head_, documents_,
                            saved_.data(), scratch_.data(), dqkv_.view());
  }

 private:
  std::size_t width_;
  std::size_t n_head_;
  std::vector<RowRange> documents_;
  Operand qkv_;
  Operand out_;
  Operand dqkv_;
  AlignedBuffer<float> saved_;
  AlignedBuffer<float> scratch_;
};

}  // namespace microgpt

#endif  // MICROGPT_BENCH_ATTENTION_OPERANDS_H_
