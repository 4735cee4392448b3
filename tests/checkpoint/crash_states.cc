#include "tests/checkpoint/crash_states.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

namespace microgpt {
namespace {

// Above these, a selection of the combinations is tried.
constexpr std::size_t kMostChangesInAnyOrder = 6;
constexpr std::size_t kMostVersions = 256;
constexpr std::size_t kMostContents = 64;

using Picks = std::vector<std::size_t>;

bool EachCombination(const Picks& counts,
                     const std::function<bool(const Picks&)>& visit) {
  Picks picks(counts.size(), 0);
  for (;;) {
    if (!visit(picks)) return false;
    std::size_t i = 0;
    while (i < picks.size() && ++picks[i] == counts[i]) picks[i++] = 0;
    if (i == picks.size()) return true;
  }
}

// Those that differ in one place from the first, or from the second, of all.
bool EachDeviation(const Picks& counts,
                   const std::function<bool(const Picks&)>& visit) {
  for (const std::size_t usual : {0u, 1u}) {
    Picks picks;
    for (const std::size_t count : counts) {
      picks.push_back(std::min(usual, count - 1));
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const std::size_t before = picks[i];
      for (picks[i] = 0; picks[i] < counts[i]; ++picks[i]) {
        if (!visit(picks)) return false;
      }
      picks[i] = before;
    }
  }
  return true;
}

// Calls visit with an index below each of the counts, which are not 0.
bool EachChoice(const Picks& counts, std::size_t most,
                const std::function<bool(const Picks&)>& visit) {
  std::size_t product = 1;
  for (const std::size_t count : counts) {
    product = std::min(product * count, most + 1);
  }
  return product <= most ? EachCombination(counts, visit)
                         : EachDeviation(counts, visit);
}

// Which of `count` changes are made.
std::set<std::vector<bool>> Selections(std::size_t count) {
  std::set<std::vector<bool>> selections;
  if (count <= kMostChangesInAnyOrder) {
    for (std::size_t bits = 0; bits < std::size_t{1} << count; ++bits) {
      std::vector<bool> selection;
      for (std::size_t i = 0; i < count; ++i) {
        selection.push_back((bits >> i & 1) != 0);
      }
      selections.insert(std::move(selection));
    }
    return selections;
  }
  for (std::size_t made = 0; made <= count; ++made) {
    std::vector<bool> selection(count, false);
    std::fill_n(selection.begin(), made, true);
    selections.insert(std::move(selection));
  }
  return selections;
}

}  // namespace

CrashStates::CrashStates(const DiskImage& start) {
  nodes_.push_back({.is_folder = true});
  for (const auto& [path, content] : start) {
    Add(path, !content);
    if (content) nodes_.back().content = *content;
    nodes_.back().durable_bytes = nodes_.back().content.size();
  }
  for (Node& node : nodes_) {
    node.first_names = node.names;
    node.changes.clear();
  }
}

void CrashStates::Apply(const Operation& operation) {
  const std::string& path = operation.path;
  switch (operation.kind) {
    case OperationKind::kSyncFile:
    case OperationKind::kSyncFolder:
      Sync(nodes_[Find(path)], operation.failed);
      return;
    default:
      if (!operation.applied) return;
  }
  switch (operation.kind) {
    case OperationKind::kMakeFolder:
      Add(path, true);
      break;
    case OperationKind::kCreateFile:
      Add(path, false);
      break;
    case OperationKind::kAppend:
      nodes_[Find(path)].content += operation.bytes;
      break;
    case OperationKind::kRename:
      if (FolderOf(path) != FolderOf(operation.to)) {
        throw std::logic_error("renaming to another folder is not modelled");
      }
      Record(FolderOf(path), {.from = NameOf(path),
                              .name = NameOf(operation.to),
                              .node = Find(path)});
      break;
    case OperationKind::kRemoveFile:
    case OperationKind::kRemoveFolder:
      Record(FolderOf(path), {.name = NameOf(path)});
      break;
    default:
      break;
  }
}

std::size_t CrashStates::Find(const std::string& path) const {
  if (path.empty()) return kRoot;
  return nodes_[Find(FolderOf(path))].names.at(NameOf(path));
}

void CrashStates::Add(const std::string& path, bool is_folder) {
  nodes_.push_back({.is_folder = is_folder});
  Record(FolderOf(path), {.name = NameOf(path), .node = nodes_.size() - 1});
}

void CrashStates::Record(const std::string& folder, Change change) {
  Node& node = nodes_[Find(folder)];
  Make(change, node.names);
  node.changes.push_back(std::move(change));
}

void CrashStates::Sync(Node& node, bool failed) {
  node.lost = node.lost || failed;
  if (!node.lost) node.durable_bytes = node.content.size();
  for (Change& change : node.changes) {
    if (change.durable) continue;
    change.lost = change.lost || failed;
    change.durable = !change.lost;
  }
}

void CrashStates::Make(const Change& change, Names& names) {
  if (!change.from.empty()) names.erase(change.from);
  if (change.node == kNothing) {
    names.erase(change.name);
  } else {
    names[change.name] = change.node;
  }
}

std::vector<CrashStates::Names> CrashStates::VersionsOf(const Node& folder) {
  const auto pending = static_cast<std::size_t>(
      std::count_if(folder.changes.begin(), folder.changes.end(),
                    [](const Change& change) { return !change.durable; }));
  std::vector<Names> versions;
  const auto add = [&](const std::vector<bool>& selection) {
    Names names = folder.first_names;
    std::size_t next = 0;
    for (const Change& change : folder.changes) {
      if (change.durable || selection[next++]) Make(change, names);
    }
    if (std::find(versions.begin(), versions.end(), names) == versions.end()) {
      versions.push_back(std::move(names));
    }
  };
  add(std::vector<bool>(pending, true));
  for (const auto& selection : Selections(pending)) add(selection);
  return versions;
}

std::vector<std::string> CrashStates::ContentsOf(const Node& file) {
  const std::string durable = file.content.substr(0, file.durable_bytes);
  const std::string tail = file.content.substr(file.durable_bytes);
  if (tail.empty()) return {durable};
  std::string garbage = tail;
  for (char& c : garbage) c = static_cast<char>(c ^ 0x55);
  std::vector<std::string> contents = {
      durable + tail, durable, durable + garbage,
      durable + std::string(tail.size(), '\0')};
  const std::size_t half = tail.size() / 2;
  for (const std::size_t size : {std::size_t{1}, half, tail.size() - 1}) {
    contents.push_back(durable + tail.substr(0, size));
  }
  contents.push_back(durable + tail.substr(0, half) + garbage.substr(half));
  return contents;
}

bool CrashStates::ForEach(const Visit& visit) const {
  for (const Names& root : VersionsOf(nodes_[kRoot])) {
    if (!ForEachBelow(root, visit)) return false;
  }
  return true;
}

bool CrashStates::ForEachBelow(const Names& root, const Visit& visit) const {
  std::vector<std::string> folders;
  std::vector<std::vector<Names>> versions;
  Picks counts;
  for (const auto& [name, node] : root) {
    if (!nodes_[node].is_folder) continue;
    folders.push_back(name + "/");
    versions.push_back(VersionsOf(nodes_[node]));
    counts.push_back(versions.back().size());
  }
  return EachChoice(counts, kMostVersions, [&](const Picks& picks) {
    Names paths = root;
    for (std::size_t i = 0; i < picks.size(); ++i) {
      for (const auto& [name, node] : versions[i][picks[i]]) {
        paths[folders[i] + name] = node;
      }
    }
    return ForEachContent(paths, visit);
  });
}

bool CrashStates::ForEachContent(const Names& paths, const Visit& visit) const {
  DiskImage image;
  std::vector<std::string> files;
  std::vector<std::vector<std::string>> contents;
  Picks counts;
  for (const auto& [path, node] : paths) {
    if (nodes_[node].is_folder) {
      image[path] = std::nullopt;
      continue;
    }
    files.push_back(path);
    contents.push_back(ContentsOf(nodes_[node]));
    counts.push_back(contents.back().size());
  }
  return EachChoice(counts, kMostContents, [&](const Picks& picks) {
    for (std::size_t i = 0; i < picks.size(); ++i) {
      image[files[i]] = contents[i][picks[i]];
    }
    return visit(image);
  });
}

}  // namespace microgpt
