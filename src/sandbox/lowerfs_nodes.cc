#include "src/sandbox/lowerfs_nodes.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <vector>

#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

constexpr uint64_t kInodeMask = (1ULL << 60) - 1;

// FNV-1a with a final mix: fixed for all time, unlike absl::Hash.
uint64_t HashName(uint64_t seed, absl::string_view name) {
  uint64_t h = seed ^ 0xcbf29ce484222325;
  for (char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93;
  return h ^ (h >> 32);
}

uint32_t TypeBits(EntryType type) {
  switch (type) {
    case EntryType::kFile:
      return S_IFREG;
    case EntryType::kDirectory:
      return S_IFDIR;
    case EntryType::kSymlink:
      return S_IFLNK;
    case EntryType::kFifo:
      return S_IFIFO;
    case EntryType::kCharDevice:
      return S_IFCHR;
    case EntryType::kBlockDevice:
      return S_IFBLK;
    case EntryType::kSocket:
      return S_IFSOCK;
  }
  return 0;
}

}  // namespace

std::string SeenNode::path() const {
  if (parent_ == nullptr) return "";
  std::string above = parent_->path();
  return above.empty() ? node_->name : absl::StrCat(above, "/", node_->name);
}

LowerNodes::LowerNodes(const Tree& tree) : tree_(tree) {
  absl::MutexLock lock(&mutex_);
  root_ = Add(&tree_.root(), nullptr, 1);
}

LowerNodes::~LowerNodes() {
  absl::MutexLock lock(&mutex_);
  for (LowerInode& inode : inodes_) delete[] inode.children_.load();
}

LowerInode* LowerNodes::FromId(uint64_t id) {
  absl::MutexLock lock(&mutex_);
  return id == 0 || id > inodes_.size() ? nullptr : &inodes_[id - 1];
}

LowerInode* LowerNodes::Add(const Node* node, LowerInode* parent, uint64_t number) {
  return &inodes_.emplace_back(static_cast<uint32_t>(inodes_.size() + 1), node, parent, number);
}

uint64_t LowerNodes::InodeNumber(uint64_t parent_inode, const Node& node) {
  uint64_t number = node.entry.link_group != 0 && !node.entry.is_directory()
                        ? HashName(1, absl::StrCat(node.entry.link_group))
                        : HashName(parent_inode, node.name);
  number &= kInodeMask;
  return number > 1 ? number : number + 2;
}

LowerInode* LowerNodes::NewInode(const Node* node, LowerInode* parent) {
  uint64_t group = node->entry.is_directory() ? 0 : node->entry.link_group;
  uint64_t number = InodeNumber(parent->inode(), *node);
  absl::MutexLock lock(&mutex_);
  if (group != 0) {
    LowerInode*& shared = link_groups_[group];
    if (shared == nullptr) shared = Add(node, parent, number);
    return shared;
  }
  return Add(node, parent, number);
}

LowerInode* LowerNodes::Child(LowerInode* directory, size_t index) {
  const std::vector<Node>& nodes = directory->node().children();
  std::atomic<LowerInode*>* slots = directory->children_.load(std::memory_order_acquire);
  if (slots == nullptr) {
    auto* fresh = new std::atomic<LowerInode*>[nodes.size()]();
    if (directory->children_.compare_exchange_strong(slots, fresh)) {
      slots = fresh;
    } else {
      delete[] fresh;
    }
  }
  LowerInode* inode = slots[index].load(std::memory_order_acquire);
  if (inode != nullptr) return inode;
  // Two threads may both make one; the loser's is never used.
  LowerInode* fresh = NewInode(&nodes[index], directory);
  return slots[index].compare_exchange_strong(inode, fresh) ? fresh : inode;
}

LowerInode* LowerNodes::Lookup(LowerInode* directory, absl::string_view name) {
  const Node* child = directory->node().Child(name);
  if (child == nullptr) return nullptr;
  return Child(directory, static_cast<size_t>(child - directory->node().children().data()));
}

void LowerNodes::FillAttributes(const LowerInode& inode, fuse_attr* attributes) const {
  const Entry& entry = inode.node().entry;
  *attributes = {};
  attributes->ino = inode.inode();
  attributes->mode = TypeBits(entry.type) | entry.mode;
  attributes->uid = entry.uid;
  attributes->gid = entry.gid;
  attributes->blksize = 4096;
  if (entry.is_directory()) {
    attributes->size = 4096;
    attributes->blocks = 8;
    // 1 says "unknown" to tools that would count subdirectories by it.
    attributes->nlink = 1;
    attributes->atime = attributes->mtime = attributes->ctime = kDirectoryTime;
    return;
  }
  attributes->size = entry.is_symlink() ? entry.link_target.size() : entry.size;
  attributes->blocks = entry.is_file() ? (entry.size + 4095) / 4096 * 8 : 0;
  attributes->nlink = tree_.LinkCount(entry);
  if (entry.type == EntryType::kCharDevice || entry.type == EntryType::kBlockDevice) {
    // The kernel's own encoding of 32 bits.
    attributes->rdev =
        (entry.device_minor & 0xff) | (entry.device_major << 8) | ((entry.device_minor & ~0xffu) << 12);
  }
  attributes->atime = attributes->mtime = attributes->ctime = static_cast<uint64_t>(entry.mtime.seconds);
  attributes->atimensec = attributes->mtimensec = attributes->ctimensec = entry.mtime.nanoseconds;
}

}  // namespace kasane
