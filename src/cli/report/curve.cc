#include "cli/report/curve.h"

#include <algorithm>

namespace microgpt::cli {

void Curve::Join(const Span& from, Span& into) {
  into.low = into.count == 0 ? from.low : std::min(into.low, from.low);
  into.high = into.count == 0 ? from.high : std::max(into.high, from.high);
  into.count += from.count;
  into.steps += from.steps;
  into.times += from.times;
  into.weights += from.weights;
  into.values += from.values;
}

void Curve::Widen() {
  width_ *= 2;
  std::vector<Span> joined;
  for (const Span& span : spans_) {
    const std::int64_t index = span.index / 2;
    if (joined.empty() || joined.back().index != index) {
      joined.push_back({index});
    }
    Join(span, joined.back());
  }
  spans_ = std::move(joined);
}

void Curve::Add(std::int64_t step, double time, double value, double weight) {
  const std::int64_t index = (step - 1) / width_;
  if (spans_.empty() || spans_.back().index != index) {
    spans_.push_back({index});
  }
  const auto step_number = static_cast<double>(step);
  Join({index, 1, step_number, time, weight, weight * value, value, value},
       spans_.back());
  while (spans_.size() > most_) Widen();
}

std::vector<CurvePoint> Curve::Points() const {
  std::vector<CurvePoint> points;
  points.reserve(spans_.size());
  for (const Span& span : spans_) {
    const auto count = static_cast<double>(span.count);
    points.push_back({span.steps / count, span.times / count,
                      span.values / span.weights, span.low, span.high,
                      span.count});
  }
  return points;
}

std::vector<CurvePoint> Smoothed(std::vector<CurvePoint> points) {
  constexpr double kParts = 25;
  const double length =
      std::max(1.0, static_cast<double>(points.size()) / kParts);
  const double decay = 1 - 1 / length;
  double sum = 0;
  double weights = 0;
  for (CurvePoint& point : points) {
    sum = decay * sum + point.mean;
    weights = decay * weights + 1;
    point.mean = sum / weights;
    point.low = point.mean;
    point.high = point.mean;
  }
  return points;
}

}  // namespace microgpt::cli
