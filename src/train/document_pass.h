// Encodes the documents of one shard and runs them through the model and back.
#ifndef MICROGPT_TRAIN_DOCUMENT_PASS_H_
#define MICROGPT_TRAIN_DOCUMENT_PASS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "microgpt/corpus.h"
#include "model/activations.h"
#include "model/forward_backward.h"
#include "model/parameters.h"
#include "train/gradient_buffer.h"

namespace microgpt {

// What a shard adds to the batch.
struct ShardLoss {
  double sum = 0;  // of the cross-entropies of all tokens, nats
  std::int64_t tokens = 0;
  std::int64_t ends = 0;  // of those, predictions of a document's end
  // Position in the shard of the first document whose loss is not finite, or
  // -1.
  std::int64_t bad_document = -1;
};

// Private to one worker; allocates in the constructor only.
class DocumentPass {
 public:
  // For packs of at most max_documents documents. Throws Error(kResources).
  DocumentPass(const ModelConfig& config, std::size_t max_documents);

  // Bytes that such an object holds. Throws Error(kResources).
  static std::uint64_t Bytes(const ModelConfig& config,
                             std::size_t max_documents);

  // The forward pass and its losses alone. They are added to those of
  // `so_far`, with the bits of one pack that had both.
  // documents: indices into the corpus, not empty.
  ShardLoss RunForward(const Parameters& parameters, const Corpus& corpus,
                       std::span<const std::size_t> documents,
                       const ShardLoss& so_far = {});

  // Overwrites gradients with the gradient of the sum of losses. Same as the
  // two that follow.
  ShardLoss Run(const Parameters& parameters, const Corpus& corpus,
                std::span<const std::size_t> documents,
                GradientBuffer& gradients);

  // All but the gradients of weight matrices. Stops after the forward pass if a
  // loss is not finite.
  ShardLoss RunToEmbeddings(const Parameters& parameters, const Corpus& corpus,
                            std::span<const std::size_t> documents,
                            GradientBuffer& gradients);
  // The rest, for the documents of the last run.
  void WeightGradients(GradientBuffer& gradients);

  // Of the last run; see model/forward_backward.h.
  ProductGradient GradientOf(const TensorSpec& tensor) const;
  double GradientBound() const;

 private:
  DocumentPack Encode(const Corpus& corpus,
                      std::span<const std::size_t> documents);
  ShardLoss ForwardAndLoss(const Parameters& parameters,
                           const DocumentPack& pack,
                           const ShardLoss& so_far = {});

  std::size_t block_size_;
  std::size_t num_rows_ = 0;  // of the last pack
  Activations activations_;
  std::vector<std::int32_t> window_;  // [block_size + 1]
  std::vector<std::int32_t> inputs_;
  std::vector<std::int32_t> targets_;
  std::vector<double> losses_;
  std::vector<RowRange> rows_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_DOCUMENT_PASS_H_
