#include "train/document_pass.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace microgpt {

DocumentPass::DocumentPass(const ModelConfig& config, std::size_t max_documents)
    : block_size_(static_cast<std::size_t>(config.block_size)),
      activations_(config, max_documents, max_documents * block_size_),
      window_(block_size_ + 1),
      inputs_(max_documents * block_size_),
      targets_(inputs_.size()),
      losses_(inputs_.size()) {
  rows_.reserve(max_documents);
}

std::uint64_t DocumentPass::Bytes(const ModelConfig& config,
                                  std::size_t max_documents) {
  const std::size_t rows =
      max_documents * static_cast<std::size_t>(config.block_size);
  return Activations::Bytes(config, max_documents, rows) +
         rows * (2 * sizeof(std::int32_t) + sizeof(double));
}

DocumentPack DocumentPass::Encode(const Corpus& corpus,
                                  std::span<const std::size_t> documents) {
  rows_.clear();
  std::size_t begin = 0;
  for (const std::size_t document : documents) {
    const std::size_t count = corpus.EncodeDocument(document, window_) - 1;
    const auto at = static_cast<std::ptrdiff_t>(begin);
    std::copy_n(window_.begin(), count, inputs_.begin() + at);
    std::copy_n(window_.begin() + 1, count, targets_.begin() + at);
    rows_.push_back({begin, count});
    begin += count;
  }
  return {inputs_.data(), targets_.data(), rows_, begin};
}

ShardLoss DocumentPass::Run(const Parameters& parameters, const Corpus& corpus,
                            std::span<const std::size_t> documents,
                            GradientBuffer& gradients) {
  const ShardLoss loss =
      RunToEmbeddings(parameters, corpus, documents, gradients);
  if (loss.bad_document < 0) WeightGradients(gradients);
  return loss;
}

void DocumentPass::WeightGradients(GradientBuffer& gradients) {
  microgpt::WeightGradients(activations_, num_rows_, gradients.tensors());
}

ProductGradient DocumentPass::GradientOf(const TensorSpec& tensor) const {
  return microgpt::GradientOf(tensor, activations_, num_rows_);
}

double DocumentPass::GradientBound() const {
  return microgpt::GradientBound(activations_, num_rows_);
}

ShardLoss DocumentPass::RunToEmbeddings(const Parameters& parameters,
                                        const Corpus& corpus,
                                        std::span<const std::size_t> documents,
                                        GradientBuffer& gradients) {
  const DocumentPack pack = Encode(corpus, documents);
  const ShardLoss loss = ForwardAndLoss(parameters, pack);
  if (loss.bad_document < 0) {
    gradients.ClearEmbeddings();
    gradients.AddRowsOf(pack);
    BackwardToEmbeddings(parameters, pack, activations_, gradients.tensors());
  }
  return loss;
}

ShardLoss DocumentPass::RunForward(const Parameters& parameters,
                                   const Corpus& corpus,
                                   std::span<const std::size_t> documents,
                                   const ShardLoss& so_far) {
  return ForwardAndLoss(parameters, Encode(corpus, documents), so_far);
}

ShardLoss DocumentPass::ForwardAndLoss(const Parameters& parameters,
                                       const DocumentPack& pack,
                                       const ShardLoss& so_far) {
  num_rows_ = pack.rows;
  assert(pack.rows <= losses_.size());
  Forward(parameters, pack, activations_);
  Loss(parameters.layout().config(), pack, activations_, losses_.data());
  ShardLoss loss = so_far;
  loss.tokens += static_cast<std::int64_t>(pack.rows);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    for (std::size_t t = 0; t < rows_[i].count; ++t) {
      loss.sum += losses_[rows_[i].begin + t];
    }
    // BOS is the last target of a document that is not cut off.
    const std::int32_t last = targets_[rows_[i].begin + rows_[i].count - 1];
    if (last == Tokenizer::kBos) ++loss.ends;
    if (!std::isfinite(loss.sum)) {
      loss.bad_document = static_cast<std::int64_t>(i);
      return loss;
    }
  }
  return loss;
}

}  // namespace microgpt
