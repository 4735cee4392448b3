// Limits that a control group puts on this process (Linux, versions 1 and 2).
#ifndef MICROGPT_BASE_CGROUP_H_
#define MICROGPT_BASE_CGROUP_H_

#include <cstdint>
#include <optional>
#include <string>

namespace microgpt {

// `root` is put before every path read ("" for the real system); tests pass a
// folder with made-up proc and sys files. Missing or odd files mean no limit.

// CPUs' worth of time per second: the smallest quota / period from the group of
// this process up to the top.
std::optional<double> CgroupCpuQuota(const std::string& root);

// Bytes that may still be allocated: the smallest limit less usage on that way.
std::optional<std::uint64_t> CgroupMemoryLeft(const std::string& root);

}  // namespace microgpt

#endif  // MICROGPT_BASE_CGROUP_H_
