// Encodes the documents of one shard and runs them through the model and back.
#ifndef MICROGPT_TRAIN_DOCUMENT_PASS_H_
#define MICROGPT_TRAIN_DOCUMENT_PASS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/executor.h"
#include "microgpt/corpus.h"
#include "model/activations.h"
#include "model/forward_backward.h"
#include "model/parameters.h"
#include "train/gradient_buffer.h"
#include "train/step_profile.h"

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
  // What such an object has room for. A shard with more documents goes through
  // it in several packs, which leaves the same bits.
  static PackShape ShapeFor(const ModelConfig& config,
                            std::size_t max_documents, Keep keep,
                            std::size_t workers);

  // `executor` must outlive the pass; its workers share the work of a pack and
  // are as many as `shape` has room for, or fewer; `timer` learns how long
  // training takes. Throws Error(kResources).
  DocumentPass(const ModelConfig& config, const PackShape& shape,
               Executor& executor, PhaseTimer timer = {});

  // Bytes that such an object holds. Throws Error(kResources).
  static std::uint64_t Bytes(const ModelConfig& config, const PackShape& shape);

  // Whose time the next run is.
  void SetTimer(PhaseTimer timer) { timer_ = timer; }

  // The forward pass and its losses alone.
  // documents: indices into the corpus, not empty.
  ShardLoss RunForward(const Parameters& parameters, const Corpus& corpus,
                       std::span<const std::size_t> documents);

  // Overwrites gradients with the gradient of the sum of losses. Stops on the
  // way if a loss is not finite.
  ShardLoss Run(const Parameters& parameters, const Corpus& corpus,
                std::span<const std::size_t> documents,
                GradientBuffer& gradients);

  // What follows is for passes with Keep::kForGradients.

  // Run without the gradients of weight matrices.
  // REQUIRES: the documents fit into one pack.
  ShardLoss RunToEmbeddings(const Parameters& parameters, const Corpus& corpus,
                            std::span<const std::size_t> documents,
                            GradientBuffer& gradients);
  // The rest, for the documents of the last run.
  void WeightGradients(GradientBuffer& gradients);

  // Of the last run; see model/forward_backward.h.
  std::size_t num_rows() const { return num_rows_; }
  ProductGradient GradientOf(const TensorSpec& tensor) const;
  double GradientBound() const;

 private:
  DocumentPack Encode(const Corpus& corpus,
                      std::span<const std::size_t> documents);
  // For one pack after the other: losses(pack), which leaves them in losses_,
  // then gradients(pack). Stops between the two if a loss is not finite.
  template <class Losses, class Gradients>
  ShardLoss ForEachPack(const Corpus& corpus,
                        std::span<const std::size_t> documents, Losses losses,
                        Gradients gradients);
  ShardLoss RunBackward(const Parameters& parameters, const Corpus& corpus,
                        std::span<const std::size_t> documents,
                        GradientBuffer& gradients);
  void AddLosses(ShardLoss& loss) const;

  std::size_t block_size_;
  std::size_t max_documents_;
  std::size_t num_rows_ = 0;  // of the last pack
  Executor& executor_;
  PhaseTimer timer_;
  Activations activations_;
  std::vector<std::int32_t> window_;  // [block_size + 1]
  std::vector<std::int32_t> inputs_;
  std::vector<std::int32_t> targets_;
  std::vector<double> losses_;
  std::vector<RowRange> rows_;
};

}  // namespace microgpt

#endif  // MICROGPT_TRAIN_DOCUMENT_PASS_H_
