// The phases of a step, in the order in which they are shown.
#ifndef MICROGPT_CLI_BENCH_PHASES_H_
#define MICROGPT_CLI_BENCH_PHASES_H_

#include <array>
#include <vector>

#include "cli/bench/report.h"

namespace microgpt::cli {

struct PhaseColumn {
  const char* name;
  double PhaseReport::*field;
};

inline constexpr std::array<PhaseColumn, 6> kPhaseColumns = {{
    {"forward", &PhaseReport::forward},
    {"loss", &PhaseReport::loss},
    {"backward", &PhaseReport::backward},
    {"reduce", &PhaseReport::reduce},
    {"optimizer", &PhaseReport::optimizer},
    {"idle", &PhaseReport::idle},
}};

inline double SumOf(const PhaseReport& phases) {
  double sum = 0;
  for (const PhaseColumn& phase : kPhaseColumns) sum += phases.*phase.field;
  return sum;
}

// Of the threads; all 0 without any.
inline PhaseReport MeanPhases(const std::vector<PhaseReport>& threads) {
  PhaseReport mean;
  for (const PhaseColumn& phase : kPhaseColumns) {
    double sum = 0;
    for (const PhaseReport& thread : threads) sum += thread.*phase.field;
    if (!threads.empty()) {
      mean.*phase.field = sum / static_cast<double>(threads.size());
    }
  }
  return mean;
}

// 0 of nothing.
inline double ShareOf(double part, double sum) {
  return sum > 0 ? part / sum : 0;
}

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_BENCH_PHASES_H_
