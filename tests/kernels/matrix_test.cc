// Strides of padded rows.
#include "kernels/matrix.h"

#include "gtest/gtest.h"

namespace microgpt {
namespace {

TEST(PaddedColsTest, RoundsUpToWholeCacheLines) {
  EXPECT_EQ(PaddedCols(0), 0u);
  EXPECT_EQ(PaddedCols(1), 16u);
  EXPECT_EQ(PaddedCols(16), 16u);
  EXPECT_EQ(PaddedCols(17), 32u);
}

// Rows 1 KiB apart, or a multiple of it, fall into few sets of a cache.
TEST(RowStrideTest, IsTheNextWholeCacheLineThatIsNoMultipleOf1KiB) {
  for (std::size_t cols = 0; cols <= 5000; ++cols) {
    const std::size_t stride = RowStride(cols);
    ASSERT_GE(stride, cols);
    ASSERT_EQ(stride % kVirtualLanes, 0u) << cols;
    ASSERT_NE(stride * sizeof(float) % 1024, 0u) << cols;
    const std::size_t spare = stride - PaddedCols(cols);
    ASSERT_EQ(spare, PaddedCols(cols) % 256 == 0 ? kVirtualLanes : 0) << cols;
  }
}

TEST(RowStrideTest, OfSomeSizes) {
  EXPECT_EQ(RowStride(1), 16u);
  EXPECT_EQ(RowStride(27), 32u);
  EXPECT_EQ(RowStride(240), 240u);
  EXPECT_EQ(RowStride(241), 272u);
  EXPECT_EQ(RowStride(256), 272u);
  EXPECT_EQ(RowStride(257), 272u);
  EXPECT_EQ(RowStride(768), 784u);
  EXPECT_EQ(RowStride(3072), 3088u);
}

TEST(MatrixViewTest, PartsKeepTheStride) {
  float values[5 * 16] = {};
  const MatrixView matrix{values, 5, 11, 16};
  const MatrixView part = matrix.Rows(1, 3).Cols(2, 4);
  EXPECT_EQ(part.data, values + 16 + 2);
  EXPECT_EQ(part.rows, 3u);
  EXPECT_EQ(part.cols, 4u);
  EXPECT_EQ(part.Row(2), values + 3 * 16 + 2);
  const ConstMatrixView constant =
      ConstMatrixView(matrix).Rows(1, 3).Cols(2, 4);
  EXPECT_EQ(constant.data, part.data);
  EXPECT_EQ(constant.rows, part.rows);
  EXPECT_EQ(constant.cols, part.cols);
  EXPECT_EQ(constant.stride, part.stride);
}

}  // namespace
}  // namespace microgpt
