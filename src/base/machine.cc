#include "base/machine.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/cgroup.h"

namespace microgpt {
namespace {

constexpr int kMostCpus = 1 << 16;

// The first line, without blanks at its end; empty if there is no such file.
std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (!line.empty() &&
         std::isspace(static_cast<unsigned char>(line.back()))) {
    line.pop_back();
  }
  return line;
}

// What follows `name` and the separator, in the first line that begins so.
std::string Field(const std::string& path, std::string_view name,
                  char separator) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(separator);
    if (at == line.npos || !line.starts_with(name)) continue;
    const std::size_t begin = line.find_first_not_of(" \t", at + 1);
    return begin == line.npos ? "" : line.substr(begin);
  }
  return "";
}

// "0-3,8" as 0, 1, 2, 3, 8; nothing of what is no such list.
std::vector<int> CpuList(const std::string& text) {
  std::vector<int> cpus;
  const char* at = text.c_str();
  while (*at != '\0') {
    char* end = nullptr;
    const long first = std::strtol(at, &end, 10);
    if (end == at) return {};
    long last = first;
    if (*end == '-') {
      at = end + 1;
      last = std::strtol(at, &end, 10);
      if (end == at) return {};
    }
    if (first < 0 || last < first || last >= kMostCpus) return {};
    for (long cpu = first; cpu <= last; ++cpu) {
      cpus.push_back(static_cast<int>(cpu));
    }
    at = *end == ',' ? end + 1 : end;
    if (at == end && *at != '\0') return {};
  }
  return cpus;
}

// "32K", "1M" in bytes.
std::uint64_t CacheBytes(const std::string& text) {
  char* end = nullptr;
  const std::uint64_t number = std::strtoull(text.c_str(), &end, 10);
  switch (*end) {
    case 'K':
      return number << 10;
    case 'M':
      return number << 20;
    case 'G':
      return number << 30;
    default:
      return number;
  }
}

std::string Unquoted(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

std::string CpuFolder(const std::string& root, int cpu) {
  return root + "/sys/devices/system/cpu/cpu" + std::to_string(cpu);
}

void ReadTopology(const std::string& root, const std::vector<int>& cpus,
                  MachineInfo& machine) {
  std::set<std::string> packages;
  std::set<std::pair<std::string, std::string>> cores;
  for (const int cpu : cpus) {
    const std::string folder = CpuFolder(root, cpu) + "/topology/";
    const std::string package = FirstLine(folder + "physical_package_id");
    const std::string core = FirstLine(folder + "core_id");
    if (package.empty() || core.empty()) return;
    packages.insert(package);
    cores.emplace(package, core);
  }
  if (cores.empty()) return;
  machine.sockets = static_cast<int>(packages.size());
  machine.physical_cores = static_cast<int>(cores.size());
  machine.threads_per_core =
      static_cast<int>((cpus.size() + cores.size() - 1) / cores.size());
}

// Caches that several CPUs share are counted once.
std::vector<CacheInfo> Caches(const std::string& root,
                              const std::vector<int>& cpus) {
  std::map<std::pair<int, std::string>, CacheInfo> found;
  std::set<std::array<std::string, 3>> seen;  // level, type, who shares it
  for (const int cpu : cpus) {
    for (int index = 0; index < 16; ++index) {
      const std::string folder =
          CpuFolder(root, cpu) + "/cache/index" + std::to_string(index) + "/";
      const std::string level = FirstLine(folder + "level");
      const std::string type = FirstLine(folder + "type");
      if (level.empty() || type.empty()) break;
      std::string sharers = FirstLine(folder + "shared_cpu_list");
      if (sharers.empty()) sharers = std::to_string(cpu);
      if (!seen.insert({level, type, sharers}).second) continue;
      const int number = std::atoi(level.c_str());
      CacheInfo& cache = found[{number, type}];
      cache = {number, type,
               std::max(cache.bytes, CacheBytes(FirstLine(folder + "size"))),
               cache.count + 1};
    }
  }
  std::vector<CacheInfo> caches;
  caches.reserve(found.size());
  for (const auto& entry : found) caches.push_back(entry.second);
  return caches;
}

std::string Governor(const std::string& root, const std::vector<int>& cpus) {
  std::string governor;
  for (const int cpu : cpus) {
    const std::string of_cpu =
        FirstLine(CpuFolder(root, cpu) + "/cpufreq/scaling_governor");
    if (governor.empty()) governor = of_cpu;
    if (of_cpu != governor) return "mixed";
  }
  return governor;
}

std::string System(const std::string& root, const utsname& names) {
  const std::string name =
      Unquoted(Field(root + "/etc/os-release", "PRETTY_NAME", '='));
  const std::string kernel = std::string(names.sysname) + " " + names.release;
  return name.empty() ? kernel : name + ", " + kernel;
}

}  // namespace

MachineInfo ReadMachineInfo(const std::string& root) {
  MachineInfo machine;
  utsname names = {};
  if (::uname(&names) == 0) {
    machine.architecture = names.machine;
    machine.system = System(root, names);
  }
  const std::vector<int> cpus =
      CpuList(FirstLine(root + "/sys/devices/system/cpu/online"));
  machine.cpu = Field(root + "/proc/cpuinfo", "model name", ':');
  machine.logical_cpus = static_cast<int>(cpus.size());
  ReadTopology(root, cpus, machine);
  machine.numa_nodes = static_cast<int>(
      CpuList(FirstLine(root + "/sys/devices/system/node/online")).size());
  machine.governor = Governor(root, cpus);
  machine.affinity =
      Field(root + "/proc/self/status", "Cpus_allowed_list", ':');
  machine.cpu_quota = CgroupCpuQuota(root);
  // "16384 kB"
  machine.memory_bytes =
      std::strtoull(Field(root + "/proc/meminfo", "MemTotal", ':').c_str(),
                    nullptr, 10) *
      1024;
  machine.caches = Caches(root, cpus);
  return machine;
}

MachineInfo GetMachineInfo() { return ReadMachineInfo(""); }

}  // namespace microgpt
