#include "microgpt/system.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <utility>

#include "base/cgroup.h"
#include "base/version.h"
#include "microgpt/config.h"

namespace microgpt {
namespace {

// Grows until the kernel accepts it: a machine may have more CPUs than
// cpu_set_t.
std::vector<int> AllowedCpus() {
  std::vector<int> cpus;
  for (unsigned capacity = 1024; capacity <= 1u << 20; capacity *= 2) {
    cpu_set_t* set = CPU_ALLOC(capacity);
    if (set == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(capacity);
    CPU_ZERO_S(bytes, set);
    const bool known = sched_getaffinity(0, bytes, set) == 0;
    for (unsigned cpu = 0; known && cpu < capacity; ++cpu) {
      if (CPU_ISSET_S(cpu, bytes, set)) {
        cpus.push_back(static_cast<int>(cpu));
      }
    }
    CPU_FREE(set);
    if (known) break;
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

// CPUs of one core share (package, core); without that knowledge each counts.
int PhysicalCores(const std::vector<int>& cpus) {
  std::set<std::pair<int, int>> cores;
  for (const int cpu : cpus) {
    const std::string folder =
        "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    int package = -1;
    int core = -1 - cpu;
    std::ifstream(folder + "physical_package_id") >> package;
    std::ifstream(folder + "core_id") >> core;
    cores.emplace(package, core);
  }
  return static_cast<int>(cores.size());
}

std::string CpuModelName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "";
}

// A field of a proc file in KiB, in bytes.
std::optional<std::uint64_t> ProcBytes(const char* path,
                                       std::string_view field) {
  std::ifstream file(path);
  std::string name;
  std::uint64_t kibibytes = 0;
  std::string rest;
  while (file >> name && std::getline(file, rest)) {
    if (name != field) continue;
    kibibytes = std::strtoull(rest.c_str(), nullptr, 10);
    return kibibytes * 1024;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> AddressSpaceLeft() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::nullopt;
  }
  const std::uint64_t used =
      ProcBytes("/proc/self/status", "VmSize:").value_or(0);
  return limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, used);
}

}  // namespace

CpuBudget GetCpuBudget() {
  const std::vector<int> cpus = AllowedCpus();
  CpuBudget budget;
  budget.model_name = CpuModelName();
  budget.logical_cpus = static_cast<int>(cpus.size());
  budget.physical_cores = PhysicalCores(cpus);
  budget.quota = CgroupCpuQuota("");
  return budget;
}

int DefaultThreads() {
  const CpuBudget budget = GetCpuBudget();
  int threads = std::min(budget.physical_cores, kMaxThreads);
  // Rounded down: a thread that the scheduler stops holds up all others.
  if (budget.quota)
    threads = std::min(threads, static_cast<int>(*budget.quota));
  return std::max(threads, 1);
}

std::optional<std::uint64_t> AvailableMemoryBytes() {
  std::optional<std::uint64_t> least;
  for (const auto& bytes : {ProcBytes("/proc/meminfo", "MemAvailable:"),
                            CgroupMemoryLeft(""), AddressSpaceLeft()}) {
    if (bytes && (!least || *bytes < *least)) least = bytes;
  }
  return least;
}

std::string Version() { return MICROGPT_VERSION; }

std::string CompilerName() {
#if defined(__clang__)
  const std::string name = "clang " __clang_version__;
  return name.substr(0, name.find_last_not_of(' ') + 1);  // "14.0.6 "
#else
  return "gcc " __VERSION__;
#endif
}

}  // namespace microgpt
