#include "src/tree/tree_file.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/tree/apply.h"
#include "src/tree/directory.h"

namespace kasane {
namespace {

constexpr absl::string_view kMagic("KSNT\x01\0\0\0", 8);
constexpr size_t kTail = 32 + 8;
constexpr int kMaxDepth = 2100;  // deeper than any path of a delta goes

bool IsName(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." && !absl::StrContains(name, '/') &&
         !absl::StrContains(name, '\0');
}

}  // namespace

struct TreeFile::Head {
  Entry root;
  bool has_links = false;
  Digest digest;
  Place place;
  absl::string_view link_table;
  Digest link_table_digest;
  std::vector<Digest> references;
};

absl::StatusOr<TreeFile::Head> TreeFile::ReadHead(absl::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    return absl::InvalidArgumentError("tree file: unknown format or version");
  }
  const absl::Status damaged = absl::DataLossError("tree file: damaged head");
  if (bytes.size() < kMagic.size() + kTail) return damaged;
  BinaryReader tail(bytes.substr(bytes.size() - kTail));
  Digest expected = Digest::FromBytes(tail.Raw(32));
  uint64_t offset = tail.Fixed64();
  if (offset > bytes.size() - kTail) return damaged;
  absl::string_view head_bytes = bytes.substr(offset, bytes.size() - kTail - offset);
  if (Sha256Of(head_bytes) != expected) return damaged;

  BinaryReader in(head_bytes);
  Head head;
  if (!DecodeEntry(&in, &head.root) || !head.root.is_directory()) return damaged;
  head.has_links = in.Varint() != 0;
  head.digest = Digest::FromBytes(in.Raw(32));
  head.place.file = in.Varint();
  head.place.offset = in.Varint();
  uint64_t links_offset = in.Varint();
  uint64_t links_size = in.Varint();
  if (links_offset > bytes.size() || links_size > bytes.size() - links_offset) return damaged;
  head.link_table = bytes.substr(links_offset, links_size);
  head.link_table_digest = Digest::FromBytes(in.Raw(32));
  uint64_t count = in.Varint();
  if (count > in.rest().size() / 32) return damaged;
  for (uint64_t i = 0; i < count; ++i) head.references.push_back(Digest::FromBytes(in.Raw(32)));
  if (!in.ok() || !in.done() || head.place.file > count) return damaged;
  return head;
}

TreeFile::TreeFile(Source source, Head head)
    : source_(std::move(source)), head_(std::make_unique<const Head>(std::move(head))) {}

TreeFile::~TreeFile() = default;

absl::StatusOr<std::shared_ptr<const TreeFile>> TreeFile::Open(Source source, const Opener& open) {
  ASSIGN_OR_RETURN(Head head, ReadHead(source.bytes));
  std::shared_ptr<TreeFile> file(new TreeFile(std::move(source), std::move(head)));
  for (const Digest& name : file->head_->references) {
    ASSIGN_OR_RETURN(auto reference, open(name));
    file->references_.push_back(std::move(reference));
  }
  return std::shared_ptr<const TreeFile>(std::move(file));
}

absl::StatusOr<std::vector<Digest>> TreeFile::References(absl::string_view bytes) {
  ASSIGN_OR_RETURN(Head head, ReadHead(bytes));
  return head.references;
}

Tree TreeFile::tree() const {
  auto rep = std::make_shared<Tree::Rep>();
  rep->root.entry = head_->root;
  rep->root.directory = At(head_->place, head_->digest, head_->has_links, 0);
  rep->links = LinkCounts(shared_from_this());
  rep->files = Closure();
  return Tree(std::move(rep));
}

std::vector<std::shared_ptr<const TreeFile>> TreeFile::Closure() const {
  std::vector<std::shared_ptr<const TreeFile>> files = {shared_from_this()};
  absl::flat_hash_set<Digest> seen = {name()};
  for (size_t i = 0; i < files.size(); ++i) {
    std::vector<std::shared_ptr<const TreeFile>> references = files[i]->references();
    for (auto& reference : references) {
      if (seen.insert(reference->name()).second) files.push_back(std::move(reference));
    }
  }
  return files;
}

absl::Status TreeFile::status() const {
  if (!damaged_.load(std::memory_order_acquire)) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("tree file ", name().ToHex(),
                                          " in the store is damaged; it is removed and will be made again"));
}

void TreeFile::ReportDamage() const {
  if (!damaged_.exchange(true) && source_.on_damage) source_.on_damage();
}

std::shared_ptr<const Directory> TreeFile::At(const Place& place, const Digest& digest, bool has_links,
                                              int depth) const {
  if (place.file > references_.size()) return nullptr;
  auto file = place.file == 0 ? shared_from_this() : references_[place.file - 1];
  return std::make_shared<const Directory>(std::move(file), place.offset, digest, has_links, depth);
}

std::vector<Node> TreeFile::ReadDirectory(uint64_t offset, const Digest& expected, int depth) const {
  std::vector<Node> nodes;
  if (!Decode(offset, expected, depth, &nodes)) {
    ReportDamage();
    nodes.clear();
  }
  return nodes;
}

bool TreeFile::Decode(uint64_t offset, const Digest& expected, int depth, std::vector<Node>* nodes) const {
  if (depth > kMaxDepth || offset > source_.bytes.size()) return false;
  BinaryReader in(source_.bytes.substr(offset));
  absl::string_view canonical = in.Bytes();
  if (!in.ok() || Sha256Of(canonical) != expected) return false;
  BinaryReader names(canonical);
  uint64_t count = names.Varint();
  if (count > canonical.size() / 8) return false;
  nodes->reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    Node node;
    node.name = std::string(names.Bytes());
    if (!DecodeEntry(&names, &node.entry) || !IsName(node.name)) return false;
    if (!nodes->empty() && nodes->back().name >= node.name) return false;
    if (node.entry.is_directory()) {
      bool has_links = names.Raw(1) == absl::string_view("\x01", 1);
      Digest digest = Digest::FromBytes(names.Raw(32));
      Place place;
      place.file = in.Varint();
      place.offset = in.Varint();
      if (in.ok()) node.directory = At(place, digest, has_links, depth + 1);
      if (node.directory == nullptr) return false;
    }
    nodes->push_back(std::move(node));
  }
  return names.ok() && names.done() && in.ok();
}

absl::string_view TreeFile::link_table() const {
  std::call_once(links_once_, [this] {
    links_good_ = Sha256Of(head_->link_table) == head_->link_table_digest;
    if (!links_good_) ReportDamage();
  });
  return links_good_ ? head_->link_table : absl::string_view();
}

namespace {

// Writes the directories that the file is to hold.
class Encoder {
 public:
  explicit Encoder(std::vector<std::shared_ptr<const TreeFile>> references)
      : references_(std::move(references)) {
    for (size_t i = 0; i < references_.size(); ++i) numbers_[references_[i]->name()] = i + 1;
  }

  struct Place {
    uint64_t file;
    uint64_t offset;
  };

  Place Write(const Directory& directory) {
    if (directory.file() != nullptr) {
      auto number = numbers_.find(directory.file()->name());
      if (number != numbers_.end()) return {number->second, directory.offset()};
    }
    auto written = written_.find(directory.digest());
    if (written != written_.end()) return {0, written->second};
    std::string places;
    for (const Node& node : directory.nodes()) {
      if (node.directory != nullptr) PutPlace(Write(*node.directory), &places);
    }
    uint64_t offset = out_.size();
    PutBytes(&out_, EncodeNodes(directory.nodes()));
    out_.append(places);
    written_[directory.digest()] = offset;
    return {0, offset};
  }

  std::string Finish(const Tree::Rep& rep) {
    Place root = Write(*rep.root.directory);
    std::string links = rep.links.Encode();
    std::string head;
    EncodeEntry(rep.root.entry, true, &head);
    PutVarint(&head, rep.root.directory->has_links() ? 1 : 0);
    PutDigest(rep.root.directory->digest(), &head);
    PutPlace(root, &head);
    PutVarint(&head, out_.size());
    PutVarint(&head, links.size());
    PutDigest(Sha256Of(links), &head);
    PutVarint(&head, references_.size());
    for (const auto& file : references_) PutDigest(file->name(), &head);
    out_.append(links);
    uint64_t head_offset = out_.size();
    out_.append(head);
    PutDigest(Sha256Of(head), &out_);
    PutFixed64(&out_, head_offset);
    return std::move(out_);
  }

 private:
  static void PutPlace(const Place& place, std::string* out) {
    PutVarint(out, place.file);
    PutVarint(out, place.offset);
  }
  static void PutDigest(const Digest& digest, std::string* out) {
    out->append(digest.bytes().data(), digest.bytes().size());
  }

  std::vector<std::shared_ptr<const TreeFile>> references_;
  absl::flat_hash_map<Digest, uint64_t> numbers_;
  absl::flat_hash_map<Digest, uint64_t> written_;
  std::string out_{kMagic};
};

// The tree files that hold directories of the tree and are met first from above.
void CollectFiles(const Directory& directory, std::vector<std::shared_ptr<const TreeFile>>* files) {
  if (directory.file() != nullptr) {
    auto same = [&](const auto& file) { return file->name() == directory.file()->name(); };
    if (std::none_of(files->begin(), files->end(), same)) files->push_back(directory.file());
    return;
  }
  for (const Node& node : directory.nodes()) {
    if (node.directory != nullptr) CollectFiles(*node.directory, files);
  }
}

}  // namespace

absl::StatusOr<std::string> EncodeTreeFile(const Tree& tree, size_t max_references) {
  const Tree::Rep& rep = *tree.rep();
  std::vector<std::shared_ptr<const TreeFile>> files;
  CollectFiles(*rep.root.directory, &files);
  absl::flat_hash_map<Digest, std::shared_ptr<const TreeFile>> all;
  for (const auto& file : files) {
    for (auto& reached : file->Closure()) all[reached->name()] = reached;
  }
  if (all.size() > max_references) {
    std::shared_ptr<const TreeFile> largest;
    for (const auto& [name, file] : all) {
      if (!file->references().empty() || (largest != nullptr && largest->size() >= file->size())) continue;
      largest = file;
    }
    files.clear();
    if (max_references > 0) files.push_back(std::move(largest));
  }
  std::string bytes = Encoder(std::move(files)).Finish(rep);
  RETURN_IF_ERROR(tree.status());
  return bytes;
}

}  // namespace kasane
