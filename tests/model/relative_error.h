// How far a float tensor is from its double reference.
#ifndef MICROGPT_TESTS_MODEL_RELATIVE_ERROR_H_
#define MICROGPT_TESTS_MODEL_RELATIVE_ERROR_H_

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace microgpt {

struct RelativeError {
  double norm = 0;  // |actual - expected| / |expected|, Euclidean
  double max = 0;   // largest difference / largest expected magnitude
};

// A reference of zeros asks for zeros. NaN gives infinite errors.
template <class T>
RelativeError CompareTensors(const std::vector<T>& actual,
                             const std::vector<double>& expected) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (actual.size() != expected.size()) return {kInfinity, kInfinity};
  double squares = 0;
  double error_squares = 0;
  double max = 0;
  double max_error = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double error = std::abs(static_cast<double>(actual[i]) - expected[i]);
    if (std::isnan(error)) return {kInfinity, kInfinity};
    squares += expected[i] * expected[i];
    error_squares += error * error;
    max = std::max(max, std::abs(expected[i]));
    max_error = std::max(max_error, error);
  }
  if (max_error == 0) return {};
  return {std::sqrt(error_squares / squares), max_error / max};
}

}  // namespace microgpt

#endif  // MICROGPT_TESTS_MODEL_RELATIVE_ERROR_H_
