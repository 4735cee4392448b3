// Timing of small pieces of work.
#ifndef MICROGPT_BENCH_STOPWATCH_H_
#define MICROGPT_BENCH_STOPWATCH_H_

#include <algorithm>
#include <chrono>
#include <limits>

namespace microgpt {

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(Clock::now() - begin_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_ = Clock::now();
};

// Seconds of work(): the best mean of several runs, each of which repeats it
// for `run_seconds` or longer. What disturbs a machine makes it slower only.
template <class Work>
double BestSeconds(int runs, double run_seconds, Work work) {
  work();
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < runs; ++run) {
    const Stopwatch watch;
    int calls = 0;
    double seconds = 0;
    do {
      work();
      ++calls;
      seconds = watch.Seconds();
    } while (seconds < run_seconds);
    best = std::min(best, seconds / calls);
  }
  return best;
}

}  // namespace microgpt

#endif  // MICROGPT_BENCH_STOPWATCH_H_
