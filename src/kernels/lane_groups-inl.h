// Cuts the heads of many documents into groups, one head per SIMD lane.
// Included once per SIMD target.
#include "hwy/highway.h"

#if defined(MICROGPT_KERNELS_LANE_GROUPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MICROGPT_KERNELS_LANE_GROUPS_INL_H_
#undef MICROGPT_KERNELS_LANE_GROUPS_INL_H_
#else
#define MICROGPT_KERNELS_LANE_GROUPS_INL_H_
#endif

#include <algorithm>
#include <span>

#include "kernels/simd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace microgpt {
namespace HWY_NAMESPACE {

// The (document, head) pairs of one group, a lane each, and the shape of its
// arrays: vectors of n lanes, [T, HS] for q, k, v and their like, [T, T] for
// probabilities and their like. Lanes beyond the last pair have no positions.
struct Group {
  RowRange rows[kVirtualLanes];
  std::size_t columns[kVirtualLanes] = {};  // where the head begins
  std::size_t n = 0;
  std::size_t positions = 0;  // T, of the longest lane
  // Lane 4 i + j has head i of document j, counted from the first lane's.
  bool quads = false;
  std::size_t head_size = 0;

  HWY_INLINE std::size_t RowFloats() const { return head_size * n; }
  HWY_INLINE std::size_t HeadFloats() const { return positions * RowFloats(); }
  HWY_INLINE std::size_t PairFloats() const {
    return positions * positions * n;
  }
  HWY_INLINE std::size_t SavedFloats() const {
    return 3 * HeadFloats() + PairFloats();
  }
};

// Cuts documents and heads into groups; the results do not depend on how.
class Grouping {
 public:
  Grouping(std::span<const RowRange> documents, std::size_t n_head,
           std::size_t head_size)
      : documents_(documents), n_head_(n_head) {
    group_.head_size = head_size;
  }

  // (document, head) pairs that are left.
  HWY_INLINE std::size_t left() const {
    return (documents_.size() - document_) * n_head_ - head_;
  }
  // Whether a group of quads with `heads` heads can be taken.
  HWY_INLINE bool HasQuads(std::size_t heads) const {
    return documents_.size() - document_ >= 4 && n_head_ - head_ >= heads &&
           group_.head_size % 4 == 0;
  }

  // The next n / 4 heads of the next four documents.
  HWY_INLINE const Group& NextQuads(std::size_t n) {
    Begin(n, true);
    for (std::size_t i = 0; i < n; ++i) {
      SetLane(i, documents_[document_ + i % 4], head_ + i / 4);
    }
    head_ += n / 4;
    if (head_ == n_head_) {
      head_ = 0;
      document_ += 4;
    }
    return group_;
  }

  // The next n pairs, heads fastest, as far as there are any.
  HWY_INLINE const Group& Next(std::size_t n) {
    Begin(n, false);
    for (std::size_t i = 0; i < n; ++i) {
      if (document_ == documents_.size()) {
        group_.rows[i] = RowRange();
        continue;
      }
      SetLane(i, documents_[document_], head_);
      if (++head_ == n_head_) {
        head_ = 0;
        ++document_;
      }
    }
    return group_;
  }

 private:
  HWY_INLINE void Begin(std::size_t n, bool quads) {
    group_.n = n;
    group_.positions = 0;
    group_.quads = quads;
  }
  HWY_INLINE void SetLane(std::size_t lane, RowRange rows, std::size_t head) {
    group_.rows[lane] = rows;
    group_.columns[lane] = head * group_.head_size;
    group_.positions = std::max(group_.positions, rows.count);
  }

  std::span<const RowRange> documents_;
  std::size_t n_head_;
  std::size_t document_ = 0;
  std::size_t head_ = 0;
  Group group_;
};

// Calls run(d, group) for groups of quads, with the widest vectors that the
// heads of four documents fill, as long as there are four.
template <std::size_t kLanes, class Run>
HWY_INLINE void ForEachQuadGroup(Grouping& grouping, Run& run) {
#if MICROGPT_QUADS
  const hn::CappedTag<float, kLanes> d;
  const std::size_t n = hn::Lanes(d);
  while (grouping.HasQuads(n / 4)) {
    run(d, grouping.NextQuads(n));
    // The last heads may need narrower vectors.
    if constexpr (kLanes > 4) {
      if (!grouping.HasQuads(n / 4))
        ForEachQuadGroup<kLanes / 2>(grouping, run);
    }
  }
  if constexpr (kLanes > 4) ForEachQuadGroup<kLanes / 2>(grouping, run);
#else
  (void)grouping;
  (void)run;
#endif
}

// The same for all other pairs, with the narrowest vectors that hold the rest.
template <std::size_t kLanes, class Run>
HWY_INLINE void ForEachOtherGroup(Grouping& grouping, Run& run) {
  const hn::CappedTag<float, kLanes> d;
  const std::size_t n = hn::Lanes(d);
  while (grouping.left() > n / 2) run(d, grouping.Next(n));
  if constexpr (kLanes > 4) {
    if (grouping.left() > 0) ForEachOtherGroup<kLanes / 2>(grouping, run);
  } else {
    while (grouping.left() > 0) run(d, grouping.Next(n));
  }
}

template <class Run>
HWY_INLINE void ForEachGroup(Grouping grouping, Run run) {
  ForEachQuadGroup<kVirtualLanes>(grouping, run);
  ForEachOtherGroup<kVirtualLanes>(grouping, run);
}

}  // namespace HWY_NAMESPACE
}  // namespace microgpt
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
