// Sets of rows, small and large, against std::set.
#include "train/row_set.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

#include "tests/kernels/compare.h"

namespace microgpt {
namespace {

constexpr std::size_t kStride = 1024;  // 64 rows and more are not small

using Runs = std::vector<std::pair<std::size_t, std::size_t>>;

Runs RunsOf(const RowSet& rows, std::size_t first, std::size_t last) {
  Runs runs;
  rows.ForEachRun(first, last, [&](std::size_t begin, std::size_t end) {
    runs.emplace_back(begin, end);
  });
  return runs;
}

Runs RunsOf(const std::set<std::size_t>& rows, std::size_t first,
            std::size_t last) {
  Runs runs;
  for (std::size_t row = first; row < last; ++row) {
    if (!rows.contains(row)) continue;
    if (!runs.empty() && runs.back().second == row) {
      runs.back().second = row + 1;
    } else {
      runs.emplace_back(row, row + 1);
    }
  }
  return runs;
}

TEST(RowSetTest, SmallMatricesAreAlwaysFull) {
  RowSet rows(63, kStride);
  EXPECT_TRUE(rows.always_full());
  EXPECT_EQ(RunsOf(rows, 0, 63), (Runs{{0, 63}}));
  rows.Clear();
  rows.Add(5);
  rows.Add(RowSet(63, kStride));
  EXPECT_EQ(RunsOf(rows, 7, 20), (Runs{{7, 20}}));
  EXPECT_EQ(RunsOf(rows, 7, 7), Runs());
  EXPECT_FALSE(RowSet(64, kStride).always_full());
}

TEST(RowSetTest, BeginsEmpty) {
  EXPECT_EQ(RunsOf(RowSet(300, kStride), 0, 300), Runs());
}

TEST(RowSetTest, EveryRangeHasTheRunsOfStdSet) {
  TestRandom random(1);
  for (const std::size_t size : {64u, 65u, 127u, 128u, 200u}) {
    for (const std::size_t count : {1u, 10u, 60u, 1000u}) {
      RowSet rows(size, kStride);
      std::set<std::size_t> expected;
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t row = random.Index(size);
        rows.Add(row);
        expected.insert(row);
      }
      for (std::size_t first = 0; first <= size; first += 7) {
        for (std::size_t last = first; last <= size; ++last) {
          ASSERT_EQ(RunsOf(rows, first, last), RunsOf(expected, first, last))
              << "[" << first << ", " << last << ") of " << size;
        }
      }
    }
  }
}

TEST(RowSetTest, AddsAnotherSetAndForgets) {
  RowSet rows(200, kStride);
  RowSet other(200, kStride);
  for (const std::size_t row : {0u, 63u, 64u}) rows.Add(row);
  for (const std::size_t row : {1u, 64u, 199u}) other.Add(row);
  rows.Add(other);
  EXPECT_EQ(RunsOf(rows, 0, 200), (Runs{{0, 2}, {63, 65}, {199, 200}}));
  EXPECT_EQ(RunsOf(other, 0, 200), (Runs{{1, 2}, {64, 65}, {199, 200}}));
  rows.Clear();
  EXPECT_EQ(RunsOf(rows, 0, 200), Runs());
}

}  // namespace
}  // namespace microgpt
