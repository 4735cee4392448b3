// Curves of bounded size, against the definition.
#include "cli/report/curve.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "gtest/gtest.h"

namespace microgpt::cli {
namespace {

double ValueAt(std::int64_t step) {
  return std::sin(static_cast<double>(step)) * static_cast<double>(step % 97);
}

// The spans of every `stride`th step up to `last`, for steps of this width.
std::vector<CurvePoint> Simple(std::int64_t last, std::int64_t stride,
                               std::int64_t width) {
  std::vector<CurvePoint> points;
  std::int64_t index = -1;
  for (std::int64_t step = 1; step <= last; step += stride) {
    if ((step - 1) / width != index) {
      points.push_back({0, 0, 0, HUGE_VAL, -HUGE_VAL, 0});
      index = (step - 1) / width;
    }
    CurvePoint& point = points.back();
    point.step += static_cast<double>(step);
    point.mean += ValueAt(step);
    point.low = std::min(point.low, ValueAt(step));
    point.high = std::max(point.high, ValueAt(step));
    ++point.count;
  }
  for (CurvePoint& point : points) {
    point.step /= static_cast<double>(point.count);
    point.mean /= static_cast<double>(point.count);
  }
  return points;
}

void Check(std::int64_t last, std::int64_t stride, std::size_t most) {
  Curve curve(most);
  for (std::int64_t step = 1; step <= last; step += stride) {
    curve.Add(step, 2.0 * static_cast<double>(step), ValueAt(step));
  }
  std::int64_t width = 1;
  while (Simple(last, stride, width).size() > most) width *= 2;
  EXPECT_EQ(curve.width(), width);
  const std::vector<CurvePoint> expected = Simple(last, stride, width);
  const std::vector<CurvePoint> points = curve.Points();
  ASSERT_EQ(points.size(), expected.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_NEAR(points[i].step, expected[i].step, 1e-9 * expected[i].step);
    EXPECT_NEAR(points[i].time, 2 * expected[i].step, 1e-8 * expected[i].step);
    EXPECT_NEAR(points[i].mean, expected[i].mean, 1e-9);
    EXPECT_EQ(points[i].low, expected[i].low);
    EXPECT_EQ(points[i].high, expected[i].high);
    EXPECT_EQ(points[i].count, expected[i].count);
  }
}

TEST(CurveTest, ShortRunsAreDrawnStepByStep) {
  for (const std::int64_t last : {1, 2, 7, 8}) Check(last, 1, 8);
}

TEST(CurveTest, LongRunsAreMeansAndRanges) {
  for (const std::int64_t last : {9, 16, 17, 1000, 4097}) Check(last, 1, 8);
  Check(100'000, 1, 1000);
}

TEST(CurveTest, FewValuesInManySteps) {
  Check(1000, 100, 10);
  Check(1001, 100, 10);
  Check(100'000, 7, 1000);
}

TEST(CurveTest, StepsFarApart) {
  Curve curve(4);
  for (const std::int64_t step :
       {1LL, 2LL, 3LL, 999'999'999'999LL, 1'000'000'000'000LL}) {
    curve.Add(step, 0, 1);
  }
  EXPECT_LE(curve.Points().size(), 4u);
  EXPECT_EQ(curve.width(), 2);
}

TEST(CurveTest, MeansAreWeighted) {
  Curve curve(1);
  curve.Add(1, 0, 10, 3);
  curve.Add(2, 0, 50, 1);
  ASSERT_EQ(curve.Points().size(), 1u);
  EXPECT_DOUBLE_EQ(curve.Points()[0].mean, 20);
}

TEST(CurveTest, SmoothingBeginsWithTheFirstValue) {
  std::vector<CurvePoint> points(500);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].mean = i == 0 ? 5 : 1;
  }
  const std::vector<CurvePoint> smoothed = Smoothed(points);
  EXPECT_DOUBLE_EQ(smoothed[0].mean, 5);
  // 1 + 4 x 0.95^i over the sum of the weights.
  EXPECT_NEAR(smoothed[1].mean, (0.95 * 5 + 1) / 1.95, 1e-12);
  EXPECT_NEAR(smoothed.back().mean, 1, 1e-6);
  EXPECT_TRUE(Smoothed({}).empty());
  points.resize(20);
  EXPECT_DOUBLE_EQ(Smoothed(points)[1].mean, 1);
}

}  // namespace
}  // namespace microgpt::cli
