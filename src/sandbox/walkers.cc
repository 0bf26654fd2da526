#include "src/sandbox/walkers.h"

#include <algorithm>
#include <vector>

namespace kasane {
namespace {

constexpr int kEnough = 2;
constexpr uint32_t kCheckEach = 16;
constexpr size_t kMostThreads = 4096;  // a RUN may start any number of them; who comes later starts anew

bool IsLeaf(const SeenNode& directory) {
  const std::vector<Node>& names = directory.node().children();
  return !names.empty() &&
         std::none_of(names.begin(), names.end(), [](const Node& n) { return n.entry.is_directory(); });
}

}  // namespace

void Walkers::Opens(uint32_t pid, const SeenNode& directory) {
  bool leaf = IsLeaf(directory);
  absl::MutexLock lock(&mutex_);
  if (walks_.size() >= kMostThreads) walks_.clear();
  Walk& walk = walks_[pid];
  if (walk.leaf != nullptr) {
    walk.in_turn = walk.looked >= walk.leaf->node().children().size() ? walk.in_turn + 1 : 0;
  }
  walk.opened = &directory;
  walk.anticipated = walk.in_turn >= kEnough && ++walk.directories % kCheckEach != 0;
  walk.leaf = leaf && !walk.anticipated ? &directory : nullptr;
  walk.looked = 0;
}

void Walkers::Looks(uint32_t pid, const SeenNode& node) {
  absl::MutexLock lock(&mutex_);
  auto it = walks_.find(pid);
  if (it != walks_.end() && it->second.leaf != nullptr && node.parent() == it->second.leaf)
    ++it->second.looked;
}

bool Walkers::Anticipates(uint32_t pid, const SeenNode& directory) {
  absl::MutexLock lock(&mutex_);
  auto it = walks_.find(pid);
  return it != walks_.end() && it->second.opened == &directory && it->second.anticipated;
}

}  // namespace kasane
