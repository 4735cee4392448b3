#include "base/cgroup.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <sstream>
#include <string_view>
#include <vector>

namespace microgpt {
namespace {

// Where a hierarchy is mounted and which group of it this process is in.
struct Hierarchy {
  std::string mount;  // with root in front
  std::string group;  // below mount: "" or "/a/b"
};

bool HasWord(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == word) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// proc/self/cgroup: "ID:CONTROLLERS:PATH"; version 2 has no controllers.
std::optional<std::string> GroupPath(const std::string& root,
                                     std::string_view controller) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string names = line.substr(first + 1, second - first - 1);
    const bool match =
        controller.empty() ? names.empty() : HasWord(names, controller);
    if (match) return line.substr(second + 1);
  }
  return std::nullopt;
}

// proc/self/mountinfo: "ID PARENT DEV ROOT MOUNT OPTIONS [TAGS] - TYPE SOURCE
// SUPER_OPTIONS". An empty controller means version 2.
std::optional<Hierarchy> FindHierarchy(const std::string& root,
                                       std::string_view controller) {
  const std::optional<std::string> path = GroupPath(root, controller);
  if (!path) return std::nullopt;
  std::ifstream file(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream left(line.substr(0, dash));
    std::istringstream right(line.substr(dash + 3));
    std::string skip, mount_root, mount, type, source, options;
    left >> skip >> skip >> skip >> mount_root >> mount;
    right >> type >> source >> options;
    const bool match = controller.empty()
                           ? type == "cgroup2"
                           : type == "cgroup" && HasWord(options, controller);
    if (!match) continue;
    std::string group = *path;
    const bool below = (group + "/").starts_with(mount_root + "/");
    if (mount_root != "/" && below) group.erase(0, mount_root.size());
    if (group == "/") group.clear();
    return Hierarchy{root + mount, group};
  }
  return std::nullopt;
}

std::vector<std::string> ReadWords(const std::string& path) {
  std::vector<std::string> words;
  std::ifstream file(path);
  for (std::string word; file >> word;) words.push_back(word);
  return words;
}

// Whole numbers only; "max", "-1" and anything else is no number.
std::optional<std::uint64_t> ParseCount(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> ReadCount(const std::string& path) {
  const std::vector<std::string> words = ReadWords(path);
  return words.size() == 1 ? ParseCount(words[0]) : std::nullopt;
}

template <typename T>
void KeepSmaller(std::optional<T>& best, std::optional<T> value) {
  if (value && (!best || *value < *best)) best = value;
}

// The smallest value of `read` over the group's folder and all above it.
template <typename T>
std::optional<T> SmallestUpwards(
    const std::optional<Hierarchy>& hierarchy,
    const std::function<std::optional<T>(const std::string&)>& read) {
  std::optional<T> best;
  if (!hierarchy) return best;
  std::string group = hierarchy->group;
  while (true) {
    KeepSmaller(best, read(hierarchy->mount + group));
    if (group.empty()) return best;
    group.erase(std::min(group.rfind('/'), group.size() - 1));
  }
}

std::optional<double> Ratio(std::optional<std::uint64_t> quota,
                            std::optional<std::uint64_t> period) {
  if (!quota || !period || *quota == 0 || *period == 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<std::uint64_t> Left(std::optional<std::uint64_t> limit,
                                  std::optional<std::uint64_t> used) {
  if (!limit) return std::nullopt;
  return *limit - std::min(*limit, used.value_or(0));
}

}  // namespace

std::optional<double> CgroupCpuQuota(const std::string& root) {
  std::optional<double> best = SmallestUpwards<double>(
      FindHierarchy(root, ""), [](const std::string& folder) {
        const std::vector<std::string> words = ReadWords(folder + "/cpu.max");
        return words.size() == 2
                   ? Ratio(ParseCount(words[0]), ParseCount(words[1]))
                   : std::nullopt;
      });
  KeepSmaller(best,
              SmallestUpwards<double>(
                  FindHierarchy(root, "cpu"), [](const std::string& folder) {
                    return Ratio(ReadCount(folder + "/cpu.cfs_quota_us"),
                                 ReadCount(folder + "/cpu.cfs_period_us"));
                  }));
  return best;
}

std::optional<std::uint64_t> CgroupMemoryLeft(const std::string& root) {
  std::optional<std::uint64_t> best = SmallestUpwards<std::uint64_t>(
      FindHierarchy(root, ""), [](const std::string& folder) {
        return Left(ReadCount(folder + "/memory.max"),
                    ReadCount(folder + "/memory.current"));
      });
  KeepSmaller(best,
              SmallestUpwards<std::uint64_t>(
                  FindHierarchy(root, "memory"), [](const std::string& folder) {
                    return Left(ReadCount(folder + "/memory.limit_in_bytes"),
                                ReadCount(folder + "/memory.usage_in_bytes"));
                  }));
  return best;
}

}  // namespace microgpt
