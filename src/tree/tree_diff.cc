#include "src/tree/tree_diff.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "src/tree/directory.h"

namespace kasane {
namespace {

std::vector<std::string> WhatDiffers(const Entry& a, const Entry& b) {
  if (a.type != b.type) return {"type"};
  std::vector<std::string> what;
  if (a.size != b.size || a.content != b.content) what.emplace_back("content");
  if (a.mode != b.mode) what.emplace_back("mode");
  if (a.uid != b.uid || a.gid != b.gid) what.emplace_back("owner");
  if (a.link_target != b.link_target) what.emplace_back("link target");
  if (a.device_major != b.device_major || a.device_minor != b.device_minor) what.emplace_back("device");
  if (a.xattrs != b.xattrs) what.emplace_back("xattrs");
  return what;
}

class Differ {
 public:
  // One of the two may be null.
  void Compare(const std::string& path, const Node* before, const Node* after) {
    if (before == nullptr || after == nullptr) {
      changes_.push_back({path, before, after, {}});
    } else if (std::vector<std::string> what = WhatDiffers(before->entry, after->entry); !what.empty()) {
      changes_.push_back({path, before, after, std::move(what)});
    }
    static const std::vector<Node> kNone;
    const std::vector<Node>& old_names = before == nullptr ? kNone : before->children();
    const std::vector<Node>& new_names = after == nullptr ? kNone : after->children();
    if (before != nullptr && after != nullptr && before->directory != nullptr &&
        after->directory != nullptr &&
        (before->directory == after->directory || before->directory->digest() == after->directory->digest()))
      return;
    const auto below = [&](const Node& node) {
      return path.empty() ? node.name : absl::StrCat(path, "/", node.name);
    };
    auto a = old_names.begin(), b = new_names.begin();
    while (a != old_names.end() || b != new_names.end()) {
      if (b == new_names.end() || (a != old_names.end() && a->name < b->name)) {
        Compare(below(*a), &*a, nullptr);
        ++a;
      } else if (a == old_names.end() || b->name < a->name) {
        Compare(below(*b), nullptr, &*b);
        ++b;
      } else {
        Compare(below(*a), &*a, &*b);
        ++a, ++b;
      }
    }
  }
  std::vector<TreeChange> Take() { return std::move(changes_); }

 private:
  std::vector<TreeChange> changes_;
};

}  // namespace

std::vector<TreeChange> DiffTrees(const Tree& before, const Tree& after) {
  Differ differ;
  differ.Compare("", &before.root(), &after.root());
  return differ.Take();
}

}  // namespace kasane
