// Facts read from made-up system files, and from those of this machine.
#include "base/machine.h"

#include <gtest/gtest.h>

#include <string>

#include "microgpt/system.h"
#include "tests/base/temp_folder.h"

namespace microgpt {
namespace {

// Two sockets of two cores with two threads each: CPUs 0-3 and 4-7.
class MachineTest : public testing::Test {
 protected:
  void WriteCpus() {
    Write("sys/devices/system/cpu/online", "0-7\n");
    for (int cpu = 0; cpu < 8; ++cpu) {
      const std::string folder = CpuFolder(cpu);
      Write(folder + "topology/physical_package_id", cpu < 4 ? "0\n" : "1\n");
      Write(folder + "topology/core_id", std::to_string(cpu % 4 / 2) + "\n");
      Write(folder + "cpufreq/scaling_governor", "performance\n");
      const std::string core = std::to_string(cpu / 2 * 2) + "-" +
                               std::to_string(cpu / 2 * 2 + 1) + "\n";
      WriteCache(cpu, 0, "1", "Data", "32K", core);
      WriteCache(cpu, 1, "1", "Instruction", "32K", core);
      WriteCache(cpu, 2, "2", "Unified", "1024K", core);
      WriteCache(cpu, 3, "3", "Unified", "16M", cpu < 4 ? "0-3\n" : "4-7\n");
    }
  }
  void WriteCache(int cpu, int index, const std::string& level,
                  const std::string& type, const std::string& size,
                  const std::string& sharers) {
    const std::string folder =
        CpuFolder(cpu) + "cache/index" + std::to_string(index) + "/";
    Write(folder + "level", level + "\n");
    Write(folder + "type", type + "\n");
    Write(folder + "size", size + "\n");
    Write(folder + "shared_cpu_list", sharers);
  }
  static std::string CpuFolder(int cpu) {
    return "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/";
  }
  void Write(const std::string& name, const std::string& content) {
    root_.Write(name, content);
  }
  MachineInfo Read() const { return ReadMachineInfo(root_.path()); }

 private:
  TempFolder root_;
};

TEST_F(MachineTest, CountsCoresAndThreads) {
  WriteCpus();
  const MachineInfo machine = Read();
  EXPECT_EQ(machine.logical_cpus, 8);
  EXPECT_EQ(machine.physical_cores, 4);
  EXPECT_EQ(machine.threads_per_core, 2);
  EXPECT_EQ(machine.sockets, 2);
}

TEST_F(MachineTest, CountsSharedCachesOnce) {
  WriteCpus();
  const MachineInfo machine = Read();
  ASSERT_EQ(machine.caches.size(), 4u);
  const auto expect = [&](std::size_t i, int level, const std::string& type,
                          std::uint64_t bytes, int count) {
    EXPECT_EQ(machine.caches[i].level, level);
    EXPECT_EQ(machine.caches[i].type, type);
    EXPECT_EQ(machine.caches[i].bytes, bytes);
    EXPECT_EQ(machine.caches[i].count, count);
  };
  expect(0, 1, "Data", 32u << 10, 4);
  expect(1, 1, "Instruction", 32u << 10, 4);
  expect(2, 2, "Unified", 1u << 20, 4);
  expect(3, 3, "Unified", 16u << 20, 2);
}

TEST_F(MachineTest, ReadsTheRest) {
  WriteCpus();
  Write("proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\n");
  Write("proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\n");
  Write("proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-1,5\n");
  Write("etc/os-release", "NAME=x\nPRETTY_NAME=\"Some Linux 12\"\n");
  Write("sys/devices/system/node/online", "0-1\n");
  const MachineInfo machine = Read();
  EXPECT_EQ(machine.cpu, "Some CPU @ 3 GHz");
  EXPECT_EQ(machine.memory_bytes, 16384u * 1024);
  EXPECT_EQ(machine.affinity, "0-1,5");
  EXPECT_EQ(machine.system.find("Some Linux 12, "), 0u) << machine.system;
  EXPECT_EQ(machine.numa_nodes, 2);
  EXPECT_EQ(machine.governor, "performance");
  EXPECT_FALSE(machine.architecture.empty());
}

TEST_F(MachineTest, SaysWhenGovernorsDiffer) {
  WriteCpus();
  Write(CpuFolder(5) + "cpufreq/scaling_governor", "powersave\n");
  EXPECT_EQ(Read().governor, "mixed");
}

TEST_F(MachineTest, KnowsNothingWithoutFiles) {
  const MachineInfo machine = Read();
  EXPECT_EQ(machine.cpu, "");
  EXPECT_EQ(machine.logical_cpus, 0);
  EXPECT_EQ(machine.physical_cores, 0);
  EXPECT_EQ(machine.threads_per_core, 0);
  EXPECT_EQ(machine.memory_bytes, 0u);
  EXPECT_EQ(machine.governor, "");
  EXPECT_FALSE(machine.cpu_quota.has_value());
  EXPECT_TRUE(machine.caches.empty());
}

TEST_F(MachineTest, TakesNoListThatIsNone) {
  for (const char* text :
       {"x", "1-", "-1", "3-1", "1,,2", "0-99999999999", "1 2", ""}) {
    Write("sys/devices/system/cpu/online", std::string(text) + "\n");
    EXPECT_EQ(Read().logical_cpus, 0) << text;
  }
}

TEST(ThisMachineTest, HasWhatTheProcessMayUse) {
  const MachineInfo machine = GetMachineInfo();
  EXPECT_GE(machine.logical_cpus, GetCpuBudget().logical_cpus);
  EXPECT_EQ(machine.cpu, GetCpuBudget().model_name);
  EXPECT_GT(machine.memory_bytes, 0u);
}

}  // namespace
}  // namespace microgpt
