// Limits read from made-up proc and sys files.
#include "base/cgroup.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/base/temp_folder.h"

namespace microgpt {
namespace {

constexpr char kVersion2Mount[] =
    "24 1 0:22 / /proc rw - proc proc rw\n"
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 "
    "rw,nsdelegate\n";
constexpr char kVersion1Mounts[] =
    "32 23 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    "33 32 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup "
    "rw,cpu,cpuacct\n"
    "34 32 0:30 / /sys/fs/cgroup/memory rw shared:11 - cgroup cgroup "
    "rw,memory\n"
    "35 32 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n";
constexpr char kVersion1Groups[] =
    "9:name=systemd:/user.slice\n"
    "5:memory:/jobs/a\n"
    "4:cpu,cpuacct:/jobs/a\n"
    "3:cpuset:/other\n";

class CgroupTest : public testing::Test {
 protected:
  void Version2(const std::string& group) {
    Write("proc/self/mountinfo", kVersion2Mount);
    Write("proc/self/cgroup", "0::" + group + "\n");
  }
  void Version1() {
    Write("proc/self/mountinfo", kVersion1Mounts);
    Write("proc/self/cgroup", kVersion1Groups);
  }
  void Write(const std::string& name, const std::string& content) {
    root_.Write(name, content);
  }
  // A file of the version 2 hierarchy.
  void Set(const std::string& name, const std::string& content) {
    Write("sys/fs/cgroup" + name, content);
  }
  std::optional<double> Quota() { return CgroupCpuQuota(root_.path()); }
  std::optional<std::uint64_t> Memory() {
    return CgroupMemoryLeft(root_.path());
  }

  TempFolder root_;
};

TEST_F(CgroupTest, NoFilesMeanNoLimit) {
  EXPECT_EQ(Quota(), std::nullopt);
  EXPECT_EQ(Memory(), std::nullopt);
  Version2("/a/b");
  EXPECT_EQ(Quota(), std::nullopt);
  EXPECT_EQ(Memory(), std::nullopt);
}

TEST_F(CgroupTest, Version2InTheTopGroup) {
  Version2("/");
  Set("/cpu.max", "150000 100000\n");
  Set("/memory.max", "1000000\n");
  Set("/memory.current", "300000\n");
  EXPECT_EQ(Quota(), 1.5);
  EXPECT_EQ(Memory(), 700000u);
}

TEST_F(CgroupTest, Version2WithoutLimits) {
  Version2("/a");
  Set("/a/cpu.max", "max 100000\n");
  Set("/a/memory.max", "max\n");
  Set("/a/memory.current", "300000\n");
  EXPECT_EQ(Quota(), std::nullopt);
  EXPECT_EQ(Memory(), std::nullopt);
}

TEST_F(CgroupTest, TheSmallestLimitOnTheWayUpCounts) {
  Version2("/a/b/c");
  Set("/a/b/c/cpu.max", "400000 100000\n");
  Set("/a/b/cpu.max", "max 100000\n");
  Set("/a/cpu.max", "50000 50000\n");
  Set("/cpu.max", "200000 100000\n");
  EXPECT_EQ(Quota(), 1.0);
  Set("/a/b/c/memory.max", "9000\n");
  Set("/a/b/c/memory.current", "1000\n");
  Set("/a/b/memory.max", "10000\n");
  Set("/a/b/memory.current", "9500\n");
  Set("/a/memory.max", "max\n");
  EXPECT_EQ(Memory(), 500u);
}

TEST_F(CgroupTest, GroupsBesideTheWayDoNotCount) {
  Version2("/a/b");
  Set("/a/c/cpu.max", "1000 100000\n");
  Set("/a/b/c/cpu.max", "1000 100000\n");
  Set("/a/b/cpu.max", "300000 100000\n");
  EXPECT_EQ(Quota(), 3.0);
}

TEST_F(CgroupTest, UsageAboveTheLimitLeavesNothing) {
  Version2("/a");
  Set("/a/memory.max", "1000\n");
  Set("/a/memory.current", "1001\n");
  EXPECT_EQ(Memory(), 0u);
}

TEST_F(CgroupTest, UnknownUsageIsNone) {
  Version2("/a");
  Set("/a/memory.max", "1000\n");
  EXPECT_EQ(Memory(), 1000u);
}

TEST_F(CgroupTest, MalformedFilesMeanNoLimit) {
  Version2("/a");
  for (const char* const text :
       {"", "\n", "100000\n", "1 2 3\n", "x 100000\n", "100000 x\n",
        "-1 100000\n", "1.5 100000\n", "100000 0\n", "0 100000\n",
        "99999999999999999999 100000\n", "0x10 100000\n", "100000k 100000\n"}) {
    Set("/a/cpu.max", text);
    EXPECT_EQ(Quota(), std::nullopt) << text;
  }
  for (const char* const text : {"", "\n", "-1\n", "x\n", "1 2\n", "12k\n",
                                 "1e3\n", "99999999999999999999\n"}) {
    Set("/a/memory.max", text);
    EXPECT_EQ(Memory(), std::nullopt) << text;
  }
}

TEST_F(CgroupTest, MalformedProcFilesMeanNoLimit) {
  Set("/a/cpu.max", "1000 1000\n");
  Set("/cpu.max", "1000 1000\n");
  for (const char* const group :
       {"", "\n", "0\n", "0:\n", "garbage\n", ":\n"}) {
    Write("proc/self/mountinfo", kVersion2Mount);
    Write("proc/self/cgroup", group);
    EXPECT_EQ(Quota(), std::nullopt) << group;
  }
  for (const char* const mount :
       {"", "\n", " - \n", "30 23 0:26 / /sys/fs/cgroup rw\n",
        "30 23 0:26 / /sys/fs/cgroup rw - ext4 cgroup2 rw\n", "- cgroup2\n"}) {
    Write("proc/self/mountinfo", mount);
    Write("proc/self/cgroup", "0::/a\n");
    EXPECT_EQ(Quota(), std::nullopt) << mount;
  }
}

TEST_F(CgroupTest, OddGroupPathsEnd) {
  Set("/cpu.max", "100000 100000\n");
  for (const char* const group :
       {"", "a", "a/b", "//", "/a//b/", "/..", "/../../x", "/a b"}) {
    Version2(group);
    EXPECT_EQ(Quota(), 1.0) << group;
  }
}

TEST_F(CgroupTest, Version1) {
  Version1();
  const std::string cpu = "sys/fs/cgroup/cpu,cpuacct";
  Write(cpu + "/jobs/a/cpu.cfs_quota_us", "250000\n");
  Write(cpu + "/jobs/a/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Quota(), 2.5);
  Write(cpu + "/jobs/cpu.cfs_quota_us", "30000\n");
  Write(cpu + "/jobs/cpu.cfs_period_us", "60000\n");
  EXPECT_EQ(Quota(), 0.5);
  Write(cpu + "/jobs/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(Quota(), 2.5);
  const std::string memory = "sys/fs/cgroup/memory";
  EXPECT_EQ(Memory(), std::nullopt);
  Write(memory + "/jobs/a/memory.limit_in_bytes", "9223372036854771712\n");
  Write(memory + "/jobs/a/memory.usage_in_bytes", "500\n");
  EXPECT_EQ(Memory(), 9223372036854771212u);
  Write(memory + "/memory.limit_in_bytes", "4096\n");
  Write(memory + "/memory.usage_in_bytes", "96\n");
  EXPECT_EQ(Memory(), 4000u);
}

TEST_F(CgroupTest, Version1NeedsBothPeriodAndQuota) {
  Version1();
  const std::string cpu = "sys/fs/cgroup/cpu,cpuacct";
  Write(cpu + "/jobs/a/cpu.cfs_quota_us", "250000\n");
  EXPECT_EQ(Quota(), std::nullopt);
  Write(cpu + "/jobs/a/cpu.cfs_period_us", "0\n");
  EXPECT_EQ(Quota(), std::nullopt);
}

TEST_F(CgroupTest, ControllerNamesMatchAsWholeWords) {
  // cpuset and cpuacct alone are not cpu.
  Write("proc/self/mountinfo",
        "35 32 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup "
        "rw,cpuset,cpuacct\n");
  Write("proc/self/cgroup", "3:cpuset,cpuacct:/a\n");
  Write("sys/fs/cgroup/cpuset/a/cpu.cfs_quota_us", "1000\n");
  Write("sys/fs/cgroup/cpuset/a/cpu.cfs_period_us", "1000\n");
  EXPECT_EQ(Quota(), std::nullopt);
}

TEST_F(CgroupTest, BothVersionsTogether) {
  Version1();
  Write("proc/self/cgroup", std::string(kVersion1Groups) + "0::/jobs/b\n");
  const std::string cpu = "sys/fs/cgroup/cpu,cpuacct";
  Write(cpu + "/jobs/a/cpu.cfs_quota_us", "300000\n");
  Write(cpu + "/jobs/a/cpu.cfs_period_us", "100000\n");
  Write("sys/fs/cgroup/unified/jobs/b/cpu.max", "200000 100000\n");
  EXPECT_EQ(Quota(), 2.0);
}

TEST_F(CgroupTest, ContainerSeesItsOwnGroupAsMountRoot) {
  // Without a cgroup namespace the group is a path of the host.
  Write("proc/self/mountinfo",
        "34 32 0:30 /docker/1234 /sys/fs/cgroup/memory ro - cgroup cgroup "
        "rw,memory\n");
  Write("proc/self/cgroup", "5:memory:/docker/1234\n");
  Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "10000\n");
  Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "4000\n");
  EXPECT_EQ(Memory(), 6000u);
  Write("proc/self/cgroup", "5:memory:/docker/1234/inner\n");
  Write("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "5000\n");
  EXPECT_EQ(Memory(), 5000u);
}

TEST_F(CgroupTest, ContainerWithAGroupNamespace) {
  Write("proc/self/mountinfo",
        "30 23 0:26 /system.slice/c.scope /sys/fs/cgroup ro - cgroup2 cgroup "
        "rw\n");
  Write("proc/self/cgroup", "0::/\n");
  Set("/cpu.max", "50000 100000\n");
  EXPECT_EQ(Quota(), 0.5);
}

}  // namespace
}  // namespace microgpt
