// Curves of bounded size, however long a run is.
#ifndef MICROGPT_CLI_REPORT_CURVE_H_
#define MICROGPT_CLI_REPORT_CURVE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace microgpt::cli {

// The values of neighbouring steps.
struct CurvePoint {
  double step = 0;  // mean of the steps
  double time = 0;  // mean of their times, seconds
  double mean = 0;  // weighted
  double low = 0;
  double high = 0;
  std::int64_t count = 0;
};

// Cuts the steps into spans of equal length, 1, 2, 4, ... steps: the shortest
// for which at most `most` spans hold any value. Not a sample of the values:
// each is in the mean and the range of its span.
class Curve {
 public:
  explicit Curve(std::size_t most) : most_(most) {}

  // REQUIRES: step > 0 and above that of the call before, weight > 0.
  void Add(std::int64_t step, double time, double value, double weight = 1);

  std::vector<CurvePoint> Points() const;
  // Steps per span.
  std::int64_t width() const { return width_; }
  bool empty() const { return spans_.empty(); }

 private:
  struct Span {
    std::int64_t index = 0;
    std::int64_t count = 0;
    double steps = 0;  // sums
    double times = 0;
    double weights = 0;
    double values = 0;
    double low = 0;
    double high = 0;
  };
  static void Join(const Span& from, Span& into);
  void Widen();

  std::size_t most_;
  std::int64_t width_ = 1;
  std::vector<Span> spans_;
};

// Exponential means over a twenty-fifth of the points; they begin with the
// first value, not with zero.
std::vector<CurvePoint> Smoothed(std::vector<CurvePoint> points);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_REPORT_CURVE_H_
