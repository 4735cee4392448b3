#include "train/document_pass.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace microgpt {
namespace {

// More rows would hardly make products faster, but activations larger.
constexpr std::size_t kRowsPerPack = 1024;

}  // namespace

PackShape DocumentPass::ShapeFor(const ModelConfig& config,
                                 std::size_t max_documents, Keep keep,
                                 std::size_t workers) {
  const std::size_t most = std::max<std::size_t>(
      1, kRowsPerPack / static_cast<std::size_t>(config.block_size));
  return PackShape::For(config, std::min(max_documents, most), keep, workers);
}

DocumentPass::DocumentPass(const ModelConfig& config, const PackShape& shape,
                           Executor& executor, PhaseTimer timer)
    : block_size_(static_cast<std::size_t>(config.block_size)),
      max_documents_(shape.documents),
      executor_(executor),
      timer_(timer),
      activations_(config, shape),
      window_(block_size_ + 1),
      inputs_(shape.rows),
      targets_(shape.rows),
      losses_(shape.rows) {
  assert(static_cast<std::size_t>(executor.num_workers()) <= shape.workers);
  rows_.reserve(max_documents_);
}

std::uint64_t DocumentPass::Bytes(const ModelConfig& config,
                                  const PackShape& shape) {
  return Activations::Bytes(config, shape) +
         shape.rows * (2 * sizeof(std::int32_t) + sizeof(double));
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
  num_rows_ = begin;
  return {inputs_.data(), targets_.data(), rows_, begin};
}

template <class Losses, class Gradients>
ShardLoss DocumentPass::ForEachPack(const Corpus& corpus,
                                    std::span<const std::size_t> documents,
                                    Losses losses, Gradients gradients) {
  ShardLoss loss;
  for (std::size_t begin = 0; begin < documents.size();
       begin += max_documents_) {
    const std::size_t count =
        std::min(max_documents_, documents.size() - begin);
    const DocumentPack pack = Encode(corpus, documents.subspan(begin, count));
    losses(pack);
    AddLosses(loss);
    if (loss.bad_document >= 0) {
      loss.bad_document += static_cast<std::int64_t>(begin);
      break;
    }
    gradients(pack);
  }
  return loss;
}

// The losses of the last pack; sets bad_document to a position in this pack.
void DocumentPass::AddLosses(ShardLoss& loss) const {
  loss.tokens += static_cast<std::int64_t>(num_rows_);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    for (std::size_t t = 0; t < rows_[i].count; ++t) {
      loss.sum += losses_[rows_[i].begin + t];
    }
    // BOS is the last target of a document that is not cut off.
    const std::int32_t last = targets_[rows_[i].begin + rows_[i].count - 1];
    if (last == Tokenizer::kBos) ++loss.ends;
    if (!std::isfinite(loss.sum)) {
      loss.bad_document = static_cast<std::int64_t>(i);
      return;
    }
  }
}

ShardLoss DocumentPass::RunForward(const Parameters& parameters,
                                   const Corpus& corpus,
                                   std::span<const std::size_t> documents) {
  return ForEachPack(
      corpus, documents,
      [&](const DocumentPack& pack) {
        Forward(parameters, pack, activations_, executor_);
        Loss(parameters, pack, activations_, losses_.data(), executor_);
      },
      [](const DocumentPack& /*pack*/) {});
}

ShardLoss DocumentPass::RunBackward(const Parameters& parameters,
                                    const Corpus& corpus,
                                    std::span<const std::size_t> documents,
                                    GradientBuffer& gradients) {
  Write write = Write::kOverwrite;
  return ForEachPack(
      corpus, documents,
      [&](const DocumentPack& pack) {
        timer_.Time(Phase::kForward, [&] {
          Forward(parameters, pack, activations_, executor_);
        });
        timer_.Time(Phase::kLoss, [&] {
          LossBackward(parameters, pack, activations_, losses_.data(),
                       gradients.tensors(), write, executor_);
        });
      },
      [&](const DocumentPack& pack) {
        timer_.Time(Phase::kBackward, [&] {
          if (write == Write::kOverwrite) gradients.ClearEmbeddings();
          gradients.AddRowsOf(pack);
          Backward(parameters, pack, activations_, gradients.tensors(), write,
                   executor_);
        });
        write = Write::kAccumulate;
      });
}

ShardLoss DocumentPass::Run(const Parameters& parameters, const Corpus& corpus,
                            std::span<const std::size_t> documents,
                            GradientBuffer& gradients) {
  const ShardLoss loss = RunBackward(parameters, corpus, documents, gradients);
  if (activations_.keep() == Keep::kForGradients && loss.bad_document < 0) {
    WeightGradients(gradients);
  }
  return loss;
}

ShardLoss DocumentPass::RunToEmbeddings(const Parameters& parameters,
                                        const Corpus& corpus,
                                        std::span<const std::size_t> documents,
                                        GradientBuffer& gradients) {
  assert(activations_.keep() == Keep::kForGradients);
  assert(documents.size() <= max_documents_);
  return RunBackward(parameters, corpus, documents, gradients);
}

void DocumentPass::WeightGradients(GradientBuffer& gradients) {
  timer_.Time(Phase::kBackward, [&] {
    microgpt::WeightGradients(activations_, num_rows_, gradients.tensors(),
                              executor_);
  });
}

ProductGradient DocumentPass::GradientOf(const TensorSpec& tensor) const {
  return microgpt::GradientOf(tensor, activations_, num_rows_);
}

double DocumentPass::GradientBound() const {
  return microgpt::GradientBound(activations_, num_rows_);
}

}  // namespace microgpt
