#include "kernels/cross_entropy.h"
#include "model/forward_backward.h"
#include "model/parallel.h"

namespace microgpt {
namespace {

// The chunk's logits become their gradient.
void CrossEntropy(const ModelConfig& config, const DocumentPack& pack,
                  RowRange chunk, const Activations& activations,
                  double* losses, Executor& executor) {
  const auto vocab_size = static_cast<std::size_t>(config.vocab_size);
  ForEachRows(executor, chunk.count, vocab_size, [&](RowRange part) {
    const std::size_t begin = chunk.begin + part.begin;
    SoftmaxCrossEntropy(activations.logits.Rows(part.begin, part.count),
                        vocab_size, pack.targets + begin, losses + begin);
  });
}

// Calls body(chunk) for near-equal parts of the pack whose logits are in memory
// at once, first rows first.
template <class Body>
void ForEachChunk(const DocumentPack& pack, const Activations& activations,
                  Body body) {
  const std::size_t chunks = CeilDiv(pack.rows, activations.logits.rows);
  for (std::size_t i = 0; i < chunks; ++i) {
    body(PartOf(pack.rows, 1, chunks, i));
  }
}

}  // namespace

void Logits(const Parameters& parameters, RowRange chunk,
            const Activations& activations, Executor& executor) {
  SplitMatMul(executor, activations.residual.Rows(chunk.begin, chunk.count),
              parameters.transposed().lm_head,
              activations.logits.Rows(0, chunk.count), Write::kOverwrite);
}

void Loss(const Parameters& parameters, const DocumentPack& pack,
          const Activations& activations, double* losses, Executor& executor) {
  ForEachChunk(pack, activations, [&](RowRange chunk) {
    Logits(parameters, chunk, activations, executor);
    CrossEntropy(parameters.layout().config(), pack, chunk, activations, losses,
                 executor);
  });
}

void LossBackward(const Parameters& parameters, const DocumentPack& pack,
                  const Activations& activations, double* losses,
                  const ModelTensors& gradients, Write write,
                  Executor& executor) {
  const MatrixView dresidual = activations.dresidual();
  ForEachChunk(pack, activations, [&](RowRange chunk) {
    Logits(parameters, chunk, activations, executor);
    CrossEntropy(parameters.layout().config(), pack, chunk, activations, losses,
                 executor);
    const MatrixView dlogits = activations.logits.Rows(0, chunk.count);
    SplitMatMul(executor, dlogits, parameters.weights().lm_head,
                dresidual.Rows(chunk.begin, chunk.count), Write::kOverwrite);
    if (activations.keep() == Keep::kForGradients) return;
    SplitWeightGradient(
        executor, dlogits, activations.residual.Rows(chunk.begin, chunk.count),
        gradients.lm_head, chunk.begin == 0 ? write : Write::kAccumulate);
  });
}

}  // namespace microgpt
