// What this process may use of the machine, and what this library is. Functions
// are thread-safe and do not throw Error, unless they say otherwise.
#ifndef MICROGPT_SYSTEM_H_
#define MICROGPT_SYSTEM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "microgpt/export.h"

namespace microgpt {

// CPUs open to this process.
struct CpuBudget {
  std::string model_name;       // as the operating system names it, or empty
  int logical_cpus = 1;         // in the affinity mask
  int physical_cores = 1;       // distinct cores among those
  std::optional<double> quota;  // CPUs' worth of time per second (cgroup)
};

// Looks at the machine anew.
MICROGPT_EXPORT CpuBudget GetCpuBudget();

// Physical cores allowed by affinity and CPU quota, at least 1.
MICROGPT_EXPORT int DefaultThreads();

// Bytes that may still be allocated: the smallest of MemAvailable, the cgroup
// limits and the address-space limit, less what is in use under each; nothing
// where none is known.
MICROGPT_EXPORT std::optional<std::uint64_t> AvailableMemoryBytes();

// Names of the SIMD targets that this build and this CPU support, best first:
// "avx512", "avx2", "sse4", "ssse3", "neon", "sve", ..., "emu128" or "scalar".
MICROGPT_EXPORT std::vector<std::string> SimdTargets();

// The target in use: the best one, unless SetSimdTarget has chosen another.
MICROGPT_EXPORT std::string SimdTarget();

// Uses `name` for all kernels of the process from now on; results do not
// change. Throws Error(kUsage) if it is not one of SimdTargets(). Not
// thread-safe: call it while nothing trains, evaluates or samples.
MICROGPT_EXPORT void SetSimdTarget(std::string_view name);

// "oneTBB" or "std::thread": what ExecutorKind::kDefault means in this build.
MICROGPT_EXPORT std::string DefaultExecutorName();

// Of the libraries that speed depends on: "1.0.3" of Highway, "2021.8" of
// oneTBB as it runs, empty in a build without it.
MICROGPT_EXPORT std::string HighwayVersion();
MICROGPT_EXPORT std::string TbbVersion();

// Version of the library and the compiler that built it.
MICROGPT_EXPORT std::string Version();
MICROGPT_EXPORT std::string CompilerName();

}  // namespace microgpt

#endif  // MICROGPT_SYSTEM_H_
