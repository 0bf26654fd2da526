#include "src/tree/tree.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/binary.h"
#include "src/base/status.h"
#include "src/tree/apply.h"
#include "src/tree/directory.h"
#include "src/tree/tree_file.h"

namespace kasane {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel's MAXSYMLINKS

// The next component, "" at the end; empty ones and "." are passed over.
absl::string_view NextComponent(absl::string_view* path) {
  while (!path->empty()) {
    size_t slash = path->find('/');
    absl::string_view name = path->substr(0, slash);
    path->remove_prefix(slash == absl::string_view::npos ? path->size() : slash + 1);
    if (!name.empty() && name != ".") return name;
  }
  return {};
}

void WalkNode(const Node& node, std::string* path,
              const std::function<bool(const std::string& path, const Node& node)>& visit) {
  if (!visit(*path, node) || node.directory == nullptr) return;
  size_t size = path->size();
  for (const Node& child : node.children()) {
    if (size > 0) path->push_back('/');
    path->append(child.name);
    WalkNode(child, path, visit);
    path->resize(size);
  }
}

}  // namespace

const std::vector<Node>& Node::children() const {
  static const std::vector<Node>* const kNone = new std::vector<Node>;
  return directory == nullptr ? *kNone : directory->nodes();
}

const Node* Node::Child(absl::string_view wanted) const {
  const std::vector<Node>& nodes = children();
  auto it = std::lower_bound(nodes.begin(), nodes.end(), wanted,
                             [](const Node& node, absl::string_view name) { return node.name < name; });
  return it != nodes.end() && it->name == wanted ? &*it : nullptr;
}

Tree::Tree() {
  auto rep = std::make_shared<Rep>();
  rep->root.entry.type = EntryType::kDirectory;
  rep->root.entry.mode = 0755;
  rep->root.directory = std::make_shared<const Directory>(std::vector<Node>());
  rep_ = std::move(rep);
}

Tree::Tree(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
Tree::~Tree() = default;
Tree::Tree(const Tree&) = default;
Tree& Tree::operator=(const Tree&) = default;
Tree::Tree(Tree&&) noexcept = default;
Tree& Tree::operator=(Tree&&) noexcept = default;

absl::StatusOr<Tree> Tree::Apply(const Delta& delta) const {
  auto rep = std::make_shared<Rep>();
  rep->links = rep_->links;
  rep->files = rep_->files;
  ASSIGN_OR_RETURN(rep->root, ApplyDelta(rep_->root, delta, &rep->links));
  rep->links.Compact();
  Tree tree(std::move(rep));
  RETURN_IF_ERROR(tree.status());
  return tree;
}

const Node& Tree::root() const { return rep_->root; }

const Node* Tree::Lookup(absl::string_view path) const {
  const Node* node = &rep_->root;
  while (node != nullptr) {
    absl::string_view name = NextComponent(&path);
    if (name.empty()) break;
    node = node->Child(name);
  }
  return node;
}

absl::StatusOr<std::string> Tree::Resolve(absl::string_view path, bool follow_last) const {
  std::vector<const Node*> found = {&rep_->root};  // the directories walked, and at last what is there
  std::vector<std::string> names;                  // found.size() - 1 of them exist, the rest is missing
  std::string rest(path);
  absl::string_view left = rest;
  if (!path.empty() && path.back() == '/') follow_last = true;
  int links = 0;
  for (absl::string_view name = NextComponent(&left); !name.empty(); name = NextComponent(&left)) {
    bool missing = names.size() + 1 > found.size();
    if (!missing && found.back()->directory == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat("/", absl::StrJoin(names, "/"), " is not a directory"));
    }
    if (name == "..") {
      if (!missing && found.size() > 1) found.pop_back();
      if (!names.empty()) names.pop_back();
      continue;
    }
    const Node* child = missing ? nullptr : found.back()->Child(name);
    if (child != nullptr && child->entry.is_symlink() && (follow_last || !left.empty())) {
      if (++links > kMaxLinks) {
        return absl::FailedPreconditionError(absl::StrCat(path, ": too many levels of symbolic links"));
      }
      const std::string& target = child->entry.link_target.get();
      if (!target.empty() && target[0] == '/') {
        found.resize(1);
        names.clear();
      }
      rest = left.empty() ? target : absl::StrCat(target, "/", left);
      left = rest;
      continue;
    }
    names.emplace_back(name);
    if (child != nullptr) found.push_back(child);
  }
  return absl::StrJoin(names, "/");
}

Digest Tree::digest() const {
  std::string bytes("KSNT root 1");
  EncodeEntry(rep_->root.entry, true, &bytes);
  absl::string_view names = rep_->root.directory->digest().bytes();
  bytes.append(names.data(), names.size());
  return Sha256Of(bytes);
}

uint32_t Tree::LinkCount(const Entry& entry) const {
  if (entry.link_group == 0) return 1;
  return static_cast<uint32_t>(std::clamp<uint64_t>(rep_->links.Count(entry.link_group), 1, UINT32_MAX));
}

absl::Status Tree::status() const {
  for (const auto& file : rep_->files) RETURN_IF_ERROR(file->status());
  return absl::OkStatus();
}

void Tree::Walk(const std::function<bool(const std::string& path, const Node& node)>& visit) const {
  std::string path;
  WalkNode(rep_->root, &path, visit);
}

}  // namespace kasane
