// What a benchmark was run on: facts that a reader needs to compare numbers.
#ifndef MICROGPT_MACHINE_H_
#define MICROGPT_MACHINE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "microgpt/export.h"

namespace microgpt {

// Caches of one level and type.
struct CacheInfo {
  int level = 0;
  std::string type;         // "Data", "Instruction" or "Unified"
  std::uint64_t bytes = 0;  // of each
  int count = 0;            // of the whole machine
};

// The whole machine, whatever part of it this process may use. Texts are empty
// and counts 0 where the operating system does not tell.
struct MachineInfo {
  std::string cpu;           // as the operating system names it
  std::string architecture;  // "x86_64"
  std::string system;        // "Debian GNU/Linux 12 (bookworm), Linux 6.1.0"
  int sockets = 0;
  int physical_cores = 0;
  int logical_cpus = 0;
  int threads_per_core = 0;  // 2 or more: SMT
  int numa_nodes = 0;
  std::string governor;  // of CPU frequencies; "mixed" if not all agree
  std::string affinity;  // CPUs that this process may run on, "0-3,8"
  std::optional<double> cpu_quota;  // CPUs' worth of time per second (cgroup)
  std::uint64_t memory_bytes = 0;
  std::vector<CacheInfo> caches;
};

// Looks at the machine anew. Thread-safe. Never throws for odd or missing
// system files.
MICROGPT_EXPORT MachineInfo GetMachineInfo();

// How this library was built.
struct BuildInfo {
  std::string version;    // as Version()
  std::string commit;     // "4f2a...", "-dirty" appended; empty if not known
  std::string compiler;   // as CompilerName()
  std::string flags;      // those that matter for speed
  std::string simd;       // target in use
  std::string executor;   // what ExecutorKind::kDefault means
  std::string libraries;  // "Highway 1.0.3, oneTBB 2021.8"
  bool optimized = true;  // false: a Debug build, -O0
};

// Thread-safe, as long as nobody calls SetSimdTarget.
MICROGPT_EXPORT BuildInfo GetBuildInfo();

}  // namespace microgpt

#endif  // MICROGPT_MACHINE_H_
