#include "src/tree/directory.h"

#include <utility>

#include "src/base/binary.h"
#include "src/tree/tree_file.h"

namespace kasane {

Directory::Directory(std::vector<Node> nodes) {
  for (const Node& node : nodes) {
    has_links_ |= node.directory != nullptr ? node.directory->has_links() : node.entry.link_group != 0;
  }
  nodes_.store(new std::vector<Node>(std::move(nodes)), std::memory_order_relaxed);
}

Directory::Directory(std::shared_ptr<const TreeFile> file, uint64_t offset, const Digest& digest,
                     bool has_links, int depth)
    : file_(std::move(file)),
      offset_(offset),
      depth_(depth),
      has_links_(has_links),
      nodes_(nullptr),
      digest_(digest) {}

Directory::~Directory() { delete nodes_.load(std::memory_order_relaxed); }

const std::vector<Node>& Directory::nodes() const {
  const std::vector<Node>* nodes = nodes_.load(std::memory_order_acquire);
  if (nodes != nullptr) return *nodes;
  // Two threads may decode at once; the first to be done wins, and nobody has seen the other's.
  auto decoded = std::make_unique<const std::vector<Node>>(file_->ReadDirectory(offset_, digest_, depth_));
  if (nodes_.compare_exchange_strong(nodes, decoded.get(), std::memory_order_acq_rel))
    return *decoded.release();
  return *nodes;
}

const Digest& Directory::digest() const {
  if (file_ == nullptr) {
    std::call_once(digest_once_, [this] { digest_ = Sha256Of(EncodeNodes(nodes())); });
  }
  return digest_;
}

std::string EncodeNodes(const std::vector<Node>& nodes) {
  std::string out;
  out.reserve(16 + nodes.size() * 96);
  PutVarint(&out, nodes.size());
  for (const Node& node : nodes) {
    PutBytes(&out, node.name);
    EncodeEntry(node.entry, true, &out);
    if (node.directory == nullptr) continue;
    out.push_back(node.directory->has_links() ? 1 : 0);
    absl::string_view digest = node.directory->digest().bytes();
    out.append(digest.data(), digest.size());
  }
  return out;
}

}  // namespace kasane
