#include "src/trace/seen_order.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace kasane {
namespace {

const Node* DirectoryOf(const SeenNode& node) {
  return node.parent() == nullptr ? nullptr : &node.parent()->node();
}

// Children of one directory stand together, in the order of their names: they lie so in the tree.
bool ByDirectory(const SeenNode* a, const SeenNode* b) {
  const Node *above_a = DirectoryOf(*a), *above_b = DirectoryOf(*b);
  if (above_a != above_b) return std::less<>()(above_a, above_b);
  if (&a->node() != &b->node()) return std::less<>()(&a->node(), &b->node());
  return std::less<>()(a, b);
}

class Walk {
 public:
  using Visit = absl::FunctionRef<void(const std::string& path, const SeenNode& node)>;
  Walk(const std::vector<const SeenNode*>& nodes, Visit visit) : nodes_(nodes), visit_(visit) {}

  // The children of `directory`, to which `path_` leads; null: the root itself.
  void Below(const Node* directory) {
    auto at = std::partition_point(nodes_.begin(), nodes_.end(), [directory](const SeenNode* node) {
      return std::less<>()(DirectoryOf(*node), directory);
    });
    const size_t length = path_.size();
    while (at != nodes_.end() && DirectoryOf(**at) == directory) {
      const Node& node = (*at)->node();
      if (directory != nullptr) {
        if (length > 0) path_.push_back('/');
        path_ += node.name;
      }
      for (; at != nodes_.end() && &(*at)->node() == &node; ++at) visit_(path_, **at);
      if (node.entry.is_directory()) Below(&node);
      path_.resize(length);
    }
  }

 private:
  const std::vector<const SeenNode*>& nodes_;
  const Visit visit_;
  std::string path_;
};

}  // namespace

void WalkSeen(std::vector<const SeenNode*>* nodes,
              absl::FunctionRef<void(const std::string& path, const SeenNode& node)> visit) {
  absl::flat_hash_set<const SeenNode*> above;
  for (const SeenNode* node : *nodes) {
    const SeenNode* parent = node->parent();
    while (parent != nullptr && above.insert(parent).second) parent = parent->parent();
  }
  nodes->insert(nodes->end(), above.begin(), above.end());
  std::sort(nodes->begin(), nodes->end(), ByDirectory);
  // A directory may be there twice now.
  nodes->erase(std::unique(nodes->begin(), nodes->end()), nodes->end());
  Walk(*nodes, visit).Below(nullptr);
}

}  // namespace kasane
