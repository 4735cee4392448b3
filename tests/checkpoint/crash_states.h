// What may be on a disk when the power goes.
#ifndef MICROGPT_TESTS_CHECKPOINT_CRASH_STATES_H_
#define MICROGPT_TESTS_CHECKPOINT_CRASH_STATES_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/checkpoint/recording_file_system.h"

namespace microgpt {

// A disk that promises no more than POSIX does. Syncing a file makes its
// content durable, syncing a folder the names in it. Until then
//  - each name made, renamed or removed in a folder counts or does not,
//    whatever happened to the others; a rename counts as a whole;
//  - what was appended to a file is there, missing, torn or garbage.
// What a failed sync was to write may be lost for good.
class CrashStates {
 public:
  // All of `start` is durable. REQUIRES: folders inside of folders are empty.
  explicit CrashStates(const DiskImage& start);

  void Apply(const Operation& operation);

  // Called with a possible state; false ends the search.
  using Visit = std::function<bool(const DiskImage&)>;

  // Visits the states that a loss of power now may leave, some of them more
  // than once: all combinations where they are few, else a selection.
  // Returns false if a visit did.
  bool ForEach(const Visit& visit) const;

 private:
  using Names = std::map<std::string, std::size_t>;  // to nodes_

  // A name made, removed (no node) or, with `from`, changed.
  struct Change {
    std::string from = {};
    std::string name = {};
    std::size_t node = 0;
    bool durable = false;
    bool lost = false;
  };
  struct Node {
    bool is_folder = false;
    bool lost = false;
    // Of files.
    std::string content = {};
    std::size_t durable_bytes = 0;
    // Of folders: names as the process sees them, and durable ones at first.
    Names names = {};
    Names first_names = {};
    std::vector<Change> changes = {};
  };

  static constexpr std::size_t kRoot = 0;
  static constexpr std::size_t kNothing = 0;  // nothing can hold the root

  std::size_t Find(const std::string& path) const;
  void Add(const std::string& path, bool is_folder);
  void Record(const std::string& folder, Change change);
  void Sync(Node& node, bool failed);

  static void Make(const Change& change, Names& names);
  // Everything that the folder may hold, the file may contain; first all that
  // was done, then only what is durable.
  static std::vector<Names> VersionsOf(const Node& folder);
  static std::vector<std::string> ContentsOf(const Node& file);
  bool ForEachBelow(const Names& root, const Visit& visit) const;
  bool ForEachContent(const Names& paths, const Visit& visit) const;

  std::vector<Node> nodes_;
};

}  // namespace microgpt

#endif  // MICROGPT_TESTS_CHECKPOINT_CRASH_STATES_H_
