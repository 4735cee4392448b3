#include "model/attend.h"

#include <algorithm>

#include "kernels/attention.h"
#include "kernels/packed_attention.h"
#include "model/parallel.h"

namespace microgpt {
namespace {

// Of the backward pass twice as many.
double ForwardFlops(std::span<const RowRange> documents, std::size_t width) {
  double pairs = 0;
  for (const RowRange& document : documents) {
    const auto positions = static_cast<double>(document.count);
    pairs += positions * (positions + 1) / 2;
  }
  return 4 * pairs * static_cast<double>(width);
}

// Calls body(worker, document, heads) for all heads of all long documents, cut
// into groups of heads where there are several workers and enough work.
template <class Body>
void ForEachHeadRange(std::span<const RowRange> documents, std::size_t n_head,
                      double flops, Executor& executor, Body body) {
  if (documents.empty()) return;
  std::size_t groups = 0;
  if (executor.num_workers() > 1) {
    const std::size_t parts =
        PartsFor(flops, static_cast<std::size_t>(executor.num_workers()));
    if (parts > 1) groups = std::min(CeilDiv(parts, documents.size()), n_head);
  }
  if (groups == 0) {
    for (const RowRange& document : documents) {
      body(0, document, HeadRange{0, n_head});
    }
    return;
  }
  executor.ForEachWithAffinity(
      documents.size() * groups, [&](int worker, std::size_t index) {
        const RowRange heads = PartOf(n_head, 1, groups, index % groups);
        body(worker, documents[index / groups],
             HeadRange{heads.begin, heads.begin + heads.count});
      });
}

float* SavedOf(const LayerActivations& layer, const RowRange& document,
               std::size_t n_head) {
  return layer.softmax_terms +
         AttentionSavedFloats(document.begin, n_head).value();
}

}  // namespace

// Short documents stay on one thread: their attention is a small part of the
// work of a model that is wide enough for several.
void AttendForward(const ModelConfig& config, const Activations& activations,
                   const LayerActivations& layer, Executor& executor) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto n_head = static_cast<std::size_t>(config.n_head);
  PackedAttentionForward(layer.qkv, width, n_head,
                         activations.short_documents(), layer.packed_attention,
                         activations.AttentionScratch(0), layer.heads);
  const std::span<const RowRange> documents = activations.long_documents();
  ForEachHeadRange(documents, n_head, ForwardFlops(documents, width), executor,
                   [&](int worker, const RowRange& document, HeadRange heads) {
                     AttentionForward(
                         layer.qkv.Rows(document.begin, document.count), width,
                         n_head, heads, SavedOf(layer, document, n_head),
                         activations.AttentionScratch(worker),
                         layer.heads.Rows(document.begin, document.count));
                   });
}

void AttendBackward(const ModelConfig& config, const Activations& activations,
                    const LayerActivations& layer, Executor& executor) {
  const auto width = static_cast<std::size_t>(config.n_embd);
  const auto n_head = static_cast<std::size_t>(config.n_head);
  PackedAttentionBackward(activations.dnorm, width, n_head,
                          activations.short_documents(), layer.packed_attention,
                          activations.AttentionScratch(0), layer.dqkv);
  const std::span<const RowRange> documents = activations.long_documents();
  ForEachHeadRange(documents, n_head, 2 * ForwardFlops(documents, width),
                   executor,
                   [&](int worker, const RowRange& document, HeadRange heads) {
                     AttentionBackward(
                         activations.dnorm.Rows(document.begin, document.count),
                         layer.qkv.Rows(document.begin, document.count), width,
                         n_head, heads, SavedOf(layer, document, n_head),
                         activations.AttentionScratch(worker),
                         layer.dqkv.Rows(document.begin, document.count));
                   });
}

}  // namespace microgpt
