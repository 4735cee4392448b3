// Products and rows cut for several workers: whole, disjoint, the same bits.
#include "model/parallel.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "tests/kernels/each_target.h"
#include "tests/kernels/test_matrix.h"
#include "tests/train/train_util.h"
#include "train/executor.h"

namespace microgpt {
namespace {

TEST(ParallelTest, PartsFollowEachOtherToTheEnd) {
  for (const std::size_t unit : {1u, 16u, 24u}) {
    for (std::size_t total = 1; total <= 200; ++total) {
      for (std::size_t parts = 1; parts <= CeilDiv(total, unit); ++parts) {
        std::size_t end = 0;
        for (std::size_t i = 0; i < parts; ++i) {
          const RowRange part = PartOf(total, unit, parts, i);
          ASSERT_EQ(part.begin, end);
          ASSERT_EQ(part.begin % unit, 0u);
          ASSERT_GT(part.count, 0u);
          end += part.count;
        }
        ASSERT_EQ(end, total);
      }
    }
  }
}

TEST(ParallelTest, SmallProductsAreNotCut) {
  for (const std::size_t workers : {1u, 2u, 3u, 8u, 64u}) {
    EXPECT_EQ(GridFor(16, 64, 64, workers).count(), 1u);
    EXPECT_EQ(GridFor(1, 16, 1 << 20, workers).count(), 1u);
  }
  EXPECT_EQ(GridFor(1024, 3072, 768, 1).count(), 1u);
}

TEST(ParallelTest, LargeProductsHaveTilesForEveryWorker) {
  for (const std::size_t workers : {2u, 3u, 5u, 8u, 13u, 64u}) {
    for (const std::size_t rows : {64u, 256u, 1024u}) {
      for (const std::size_t cols : {768u, 2304u, 3072u, 50257u}) {
        const TileGrid grid = GridFor(rows, cols, 768, workers);
        EXPECT_EQ(grid.count() % workers, 0u) << rows << " " << cols;
        EXPECT_LE(grid.row_parts, CeilDiv(rows, 24));
        EXPECT_LE(grid.col_parts, CeilDiv(cols, 16));
      }
    }
  }
}

TEST(ParallelTest, TilesAreNearSquare) {
  EXPECT_EQ(GridFor(768, 768, 256, 2).row_parts % 2, 0u);
  EXPECT_EQ(GridFor(64, 3072, 768, 4).row_parts, 1u);
  EXPECT_EQ(GridFor(3072, 64, 768, 4).col_parts, 1u);
}

template <class Check>
void ForEachExecutor(Check check) {
  for (const ExecutorKind kind : ExecutorKinds()) {
    for (const int workers : {2, 3, 8}) {
      SCOPED_TRACE("workers " + std::to_string(workers));
      check(*MakeExecutor(kind, workers));
    }
  }
}

TEST(ParallelTest, RowsAreVisitedOnce) {
  ForEachExecutor([](Executor& executor) {
    for (const std::size_t rows : {1u, 15u, 16u, 17u, 100u, 1000u}) {
      for (const std::size_t row_floats : {1u, 1000u, 100'000u}) {
        std::vector<int> visits(rows);
        ForEachRows(executor, rows, row_floats, [&](RowRange part) {
          for (std::size_t i = 0; i < part.count; ++i) ++visits[part.begin + i];
        });
        ASSERT_EQ(visits, std::vector<int>(rows, 1));
      }
    }
  });
}

struct Shape {
  std::size_t rows;
  std::size_t inner;
  std::size_t cols;
};

// Large enough for several tiles, with odd ends in every direction.
constexpr Shape kShapes[] = {{131, 97, 200}, {500, 150, 30}};

TestMatrix RandomMatrix(std::size_t rows, std::size_t cols,
                        TestRandom& random) {
  TestMatrix matrix = TestMatrix::Inside(rows, cols, 3);
  matrix.FillRandom(random);
  return matrix;
}

// product(executor, y) with executors of one and of several workers, from the
// same y.
template <class Product>
void ExpectTheBitsOfOneCall(const Shape& shape, Product product) {
  ASSERT_GT(GridFor(shape.rows, shape.cols, shape.inner, 2).count(), 1u);
  const std::vector<float> start =
      TestRandom(7).Floats(shape.rows * shape.cols);
  const auto result = [&](Executor& executor) {
    TestMatrix y = TestMatrix::Inside(shape.rows, shape.cols, 0);
    y.Assign(start);
    product(executor, y.view());
    EXPECT_TRUE(y.GuardsIntact());
    return y.Values();
  };
  ForEachTarget([&] {
    const std::vector<float> expected =
        result(*MakeExecutor(ExecutorKind::kDefault, 1));
    ForEachExecutor([&](Executor& executor) {
      EXPECT_TRUE(SameBits(result(executor), expected));
    });
  });
}

TEST(ParallelTest, ProductsHaveTheBitsOfOneCall) {
  TestRandom random(5);
  for (const Shape& shape : kShapes) {
    const TestMatrix x = RandomMatrix(shape.rows, shape.inner, random);
    const TestMatrix w = RandomMatrix(shape.inner, shape.cols, random);
    for (const Write write : {Write::kOverwrite, Write::kAccumulate}) {
      ExpectTheBitsOfOneCall(shape, [&](Executor& executor, MatrixView y) {
        SplitMatMul(executor, x.view(), w.view(), y, write);
      });
    }
  }
}

TEST(ParallelTest, WeightGradientsHaveTheBitsOfOneCall) {
  TestRandom random(6);
  for (const Shape& shape : kShapes) {
    const TestMatrix dy = RandomMatrix(shape.inner, shape.rows, random);
    const TestMatrix x = RandomMatrix(shape.inner, shape.cols, random);
    for (const Write write : {Write::kOverwrite, Write::kAccumulate}) {
      ExpectTheBitsOfOneCall(shape, [&](Executor& executor, MatrixView dw) {
        SplitWeightGradient(executor, dy.view(), x.view(), dw, write);
      });
    }
  }
}

}  // namespace
}  // namespace microgpt
