// For tests of this folder: short ways to write deltas, and random ones.
#ifndef KASANE_SRC_TREE_TREE_TEST_UTIL_H_
#define KASANE_SRC_TREE_TREE_TEST_UTIL_H_

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

inline DeltaEntry TestEntry(std::string path, EntryType type, uint32_t mode) {
  DeltaEntry e;
  e.path = std::move(path);
  e.entry.type = type;
  e.entry.mode = mode;
  return e;
}
inline DeltaEntry TestFile(std::string path, const std::string& content = "x", uint64_t link_group = 0) {
  DeltaEntry e = TestEntry(std::move(path), EntryType::kFile, 0644);
  e.entry.size = content.size();
  e.entry.content = Sha256Of(content);
  e.entry.link_group = link_group;
  return e;
}
inline DeltaEntry TestDir(std::string path, uint32_t mode = 0755) {
  return TestEntry(std::move(path), EntryType::kDirectory, mode);
}
inline DeltaEntry TestOpaque(std::string path) {
  DeltaEntry e = TestDir(std::move(path));
  e.opaque = true;
  return e;
}
inline DeltaEntry TestImplied(std::string path) {
  DeltaEntry e = TestDir(std::move(path), 0700);
  e.implied = true;
  return e;
}
inline DeltaEntry TestLink(std::string path, std::string target) {
  DeltaEntry e = TestEntry(std::move(path), EntryType::kSymlink, 0777);
  e.entry.link_target = std::move(target);
  return e;
}
inline DeltaEntry TestGone(std::string path) {
  DeltaEntry e;
  e.path = std::move(path);
  e.whiteout = true;
  return e;
}
inline Delta TestDelta(std::vector<DeltaEntry> entries) {
  return Delta::FromEntries(std::move(entries)).value();
}

// The plainest model of a tree: path to entry. The root is not in it.
using TreeModel = std::map<std::string, Entry>;

inline void RemoveBelow(TreeModel* model, const std::string& path) {
  for (auto it = model->begin(); it != model->end();) {
    it = absl::StartsWith(it->first, path + "/") ? model->erase(it) : std::next(it);
  }
}

inline void MakeParents(TreeModel* model, const std::string& path, const Timestamp& mtime) {
  for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    std::string parent = path.substr(0, slash);
    auto it = model->find(parent);
    if (it != model->end() && it->second.is_directory()) continue;
    Entry made;
    made.type = EntryType::kDirectory;
    made.mode = 0755;
    made.mtime = mtime;
    (*model)[parent] = made;
  }
}

// One entry after the other: what Tree::Apply promises, in the slowest way.
inline void ApplyToModel(const Delta& delta, TreeModel* model) {
  for (const DeltaEntry& e : delta.entries()) {
    auto old = model->find(e.path);
    bool old_is_directory = old != model->end() && old->second.is_directory();
    if (e.whiteout) {
      bool below_a_directory = true;
      for (size_t s = e.path.find('/'); s != std::string::npos; s = e.path.find('/', s + 1)) {
        auto parent = model->find(e.path.substr(0, s));
        below_a_directory &= parent != model->end() && parent->second.is_directory();
      }
      if (!below_a_directory) continue;
      model->erase(e.path);
      RemoveBelow(model, e.path);
      continue;
    }
    MakeParents(model, e.path, e.entry.mtime);
    if (e.opaque || !e.entry.is_directory()) RemoveBelow(model, e.path);
    if (!(e.implied && old_is_directory)) (*model)[e.path] = e.entry;
  }
}

inline TreeModel ModelOf(const Tree& tree) {
  TreeModel model;
  tree.Walk([&](const std::string& path, const Node& node) {
    if (!path.empty()) model[path] = node.entry;
    return true;
  });
  return model;
}

inline Delta DeltaOf(const TreeModel& model) {
  std::vector<DeltaEntry> entries;
  for (const auto& [path, entry] : model) {
    DeltaEntry e;
    e.path = path;
    e.entry = entry;
    entries.push_back(e);
  }
  return TestDelta(std::move(entries));
}

// A delta over few names, so that it meets what is there; no entry is below a non-directory of its own.
inline Delta RandomDelta(std::mt19937* random) {
  static const char* const kNames[] = {"a", "b", "a-b", "a.c", "z"};
  auto below = [&](uint32_t n) { return (*random)() % n; };
  std::map<std::string, DeltaEntry> entries;
  std::vector<std::string> linked;
  for (uint32_t i = below(8); i < 8; ++i) {
    std::string path = kNames[below(5)];
    for (uint32_t depth = below(4); depth > 0; --depth) absl::StrAppend(&path, "/", kNames[below(5)]);
    DeltaEntry e;
    switch (below(8)) {
      case 0:
      case 1:
        e = TestGone(path);
        break;
      case 2:
        e = TestOpaque(path);
        break;
      case 3:
        e = TestImplied(path);
        break;
      case 4:
        e = TestDir(path, 0700 + below(4));
        break;
      case 5:
        e = TestLink(path, kNames[below(5)]);
        break;
      case 6:
        e = TestFile(path, std::to_string(below(3)));
        break;
      default:
        e = TestFile(path, "linked");
        linked.push_back(path);
        break;
    }
    e.entry.mtime.seconds = below(2);
    entries[path] = e;
  }
  for (auto it = entries.begin(); it != entries.end();) {
    bool blocked = false;
    for (const auto& [path, e] : entries) {
      blocked |= !e.whiteout && !e.entry.is_directory() && absl::StartsWith(it->first, path + "/");
    }
    it = blocked ? entries.erase(it) : std::next(it);
  }
  std::set<std::string> members;
  for (const std::string& path : linked) {
    auto it = entries.find(path);
    if (it != entries.end() && it->second.entry.content == Sha256Of("linked")) members.insert(path);
  }
  uint64_t group = LinkGroupId(std::vector<std::string>(members.begin(), members.end()));
  std::vector<DeltaEntry> out;
  for (auto& [path, e] : entries) {
    if (members.size() > 1 && members.count(path) > 0) e.entry.link_group = group;
    out.push_back(e);
  }
  return TestDelta(std::move(out));
}

}  // namespace kasane

#endif  // KASANE_SRC_TREE_TREE_TEST_UTIL_H_
