// What this process may use of the machine.
#ifndef MICROGPT_SYSTEM_H_
#define MICROGPT_SYSTEM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microgpt {

// CPUs open to this process.
struct CpuBudget {
  std::string model_name;       // as the operating system names it, or empty
  int logical_cpus = 1;         // in the affinity mask
  int physical_cores = 1;       // distinct cores among those
  std::optional<double> quota;  // CPUs' worth of time per second (cgroup)
};
CpuBudget GetCpuBudget();

// Physical cores allowed by affinity and CPU quota, at least 1.
int DefaultThreads();

// Bytes that may still be allocated: the smallest of MemAvailable, the cgroup
// limits and the address-space limit, less what is in use under each; nothing
// where none is known.
std::optional<std::uint64_t> AvailableMemoryBytes();

// Names of the SIMD targets that this build and this CPU support, best first:
// "avx512", "avx2", "sse4", "ssse3", "neon", "sve", ..., "emu128" or "scalar".
std::vector<std::string> SimdTargets();

// The target in use.
std::string SimdTarget();

// Uses `name` for all kernels from now on; results do not change.
// Throws Error(kUsage) if it is not one of SimdTargets().
// Not thread-safe: call it while nothing trains or samples.
void SetSimdTarget(std::string_view name);

// "oneTBB" or "std::thread": what ExecutorKind::kDefault means in this build.
std::string DefaultExecutorName();

// Of the libraries that speed depends on: "1.0.3" of Highway, "2021.8" of
// oneTBB as it runs, empty in a build without it.
std::string HighwayVersion();
std::string TbbVersion();

// Version of the library and the compiler that built it.
std::string Version();
std::string CompilerName();

}  // namespace microgpt

#endif  // MICROGPT_SYSTEM_H_
