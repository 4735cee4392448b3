#include "train/gradient_buffer.h"

#include <algorithm>
#include <cassert>

#include "kernels/gradient.h"
#include "model/parallel.h"

namespace microgpt {
namespace {

void ZeroRows(MatrixView view, RowSet& rows) {
  rows.ForEachRun(0, view.rows, [&](std::size_t begin, std::size_t end) {
    std::fill_n(view.Row(begin), (end - begin) * view.stride, 0.0f);
  });
  rows.Clear();
}

void AddRows(MatrixView sum, ConstMatrixView term, const RowSet& rows) {
  rows.ForEachRun(0, sum.rows, [&](std::size_t begin, std::size_t end) {
    AddInto(sum.Row(begin), term.Row(begin), (end - begin) * sum.stride);
  });
}

}  // namespace

GradientBuffer::GradientBuffer(const ParameterLayout& layout, ArenaPart part)
    : part_(part),
      arena_(layout.size(part), PageSlot::kFifth),
      tensors_(layout.Bind(arena_.data(), part)),
      wte_rows_(tensors_.wte.rows, tensors_.wte.stride),
      wpe_rows_(tensors_.wpe.rows, tensors_.wpe.stride) {}

void GradientBuffer::ClearEmbeddings() noexcept {
  ZeroRows(tensors_.wte, wte_rows_);
  ZeroRows(tensors_.wpe, wpe_rows_);
}

void GradientBuffer::AddRowsOf(const DocumentPack& pack) noexcept {
  if (!wte_rows_.always_full()) {
    for (std::size_t i = 0; i < pack.rows; ++i) {
      wte_rows_.Add(static_cast<std::size_t>(pack.inputs[i]));
    }
  }
  if (!wpe_rows_.always_full()) {
    std::size_t longest = 0;
    for (const RowRange& document : pack.documents) {
      longest = std::max(longest, document.count);
    }
    for (std::size_t t = 0; t < longest; ++t) wpe_rows_.Add(t);
  }
}

void GradientBuffer::Add(const GradientBuffer& other, Executor& executor) {
  assert(part_ == ArenaPart::kAll && other.part_ == ArenaPart::kAll);
  AddRows(tensors_.wte, other.tensors_.wte, other.wte_rows_);
  AddRows(tensors_.wpe, other.tensors_.wpe, other.wpe_rows_);
  AddRowsOf(other);
  const auto rest =
      static_cast<std::size_t>(tensors_.lm_head.data - arena_.data());
  ForEachRows(executor, (size() - rest) / kVirtualLanes, kVirtualLanes,
              [&](RowRange part) {
                const std::size_t begin = rest + part.begin * kVirtualLanes;
                AddInto(data() + begin, other.data() + begin,
                        part.count * kVirtualLanes);
              });
}

void GradientBuffer::AddRowsOf(const GradientBuffer& other) noexcept {
  wte_rows_.Add(other.wte_rows_);
  wpe_rows_.Add(other.wpe_rows_);
}

}  // namespace microgpt
