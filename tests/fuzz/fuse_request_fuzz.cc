// A conversation with the file system below a RUN, without a mount: whatever the kernel's side says, each
// message is answered well-formed or not at all. First byte, bit 0: an observer; bit 1: no xattrs; bit 2:
// names of an even length are expected. Then messages: opcode, node id and body length, a byte each, and the
// body; opcode 255: the body is the whole message, its header too.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/sandbox/fuse_request.h"
#include "src/sandbox/lowerfs.h"
#include "src/store/store.h"

namespace {

using kasane::DeltaEntry;
using kasane::EntryType;
using kasane::SeenNode;

class Nobody : public kasane::Observer {
 public:
  bool OnLookup(uint32_t, const SeenNode& directory, absl::string_view, const SeenNode*) override {
    See(directory);
    return false;
  }
  bool OnGetattr(uint32_t, const SeenNode& node) override {
    See(node);
    return true;
  }
  bool OnSize(uint32_t, const SeenNode& node) override {
    See(node);
    return false;
  }
  void OnReadlink(uint32_t, const SeenNode& node) override { See(node); }
  void OnOpen(uint32_t, const SeenNode& node, uint32_t) override { See(node); }
  void OnRead(uint32_t, const SeenNode& node) override { See(node); }
  void OnOpendir(uint32_t, const SeenNode& node) override { See(node); }
  void OnReaddir(uint32_t, const SeenNode& node) override { See(node); }
  void OnReleasedir(const SeenNode& node) override { See(node); }
  void OnGetxattr(uint32_t, const SeenNode& node, absl::string_view) override { See(node); }
  void OnListxattr(uint32_t, const SeenNode& node) override { See(node); }
  void OnNoXattrs() override {}

 private:
  static void See(const SeenNode& node) { (void)node.path(); }
};

// A store with one blob, and a tree of every kind of entry, for the life of the process.
struct World {
  World() {
    char path[] = "/tmp/kasane-fuse-fuzz-XXXXXX";
    directory = mkdtemp(path);
    store = kasane::Store::Open(directory + "/store").value();
    std::vector<DeltaEntry> entries;
    auto add = [&](const std::string& name, EntryType type) -> kasane::Entry& {
      entries.emplace_back();
      entries.back().path = name;
      entries.back().entry.type = type;
      entries.back().entry.mode = 0755;
      return entries.back().entry;
    };
    add("d", EntryType::kDirectory);
    for (const char* name : {"d/f", "d/g"}) {
      kasane::Entry& file = add(name, EntryType::kFile);
      file.size = 5;
      file.content = store->PutBlob("hello").value();
      file.xattrs = {{"trusted.overlay.x", "y"}, {"user.k", "value"}};
    }
    add("gone", EntryType::kFile).content = kasane::Sha256Of("no such blob");
    add("l", EntryType::kSymlink).link_target = "d/f";
    add("p", EntryType::kFifo);
    add("s", EntryType::kSocket);
    add("c", EntryType::kCharDevice).device_major = 5;
    add("b", EntryType::kBlockDevice).device_minor = 300;
    tree = kasane::Tree().Apply(kasane::Delta::FromEntries(std::move(entries)).value()).value();
  }
  ~World() {
    store.reset();
    kasane::RemoveTree(directory).IgnoreError();
  }
  std::string directory;
  std::unique_ptr<kasane::Store> store;
  kasane::Tree tree;
};

void Check(bool holds) {
  if (!holds) abort();
}

// Entries one behind the other, each padded to 8 bytes, with offsets that lead further.
void CheckListing(absl::string_view listing, size_t before_entry) {
  uint64_t offset = 0;
  while (!listing.empty()) {
    fuse_dirent entry;
    Check(listing.size() >= before_entry + FUSE_NAME_OFFSET);
    std::memcpy(&entry, listing.data() + before_entry, FUSE_NAME_OFFSET);
    const size_t size = before_entry + FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + entry.namelen);
    Check(entry.namelen > 0 && size <= listing.size());
    Check(offset == 0 || entry.off > offset);
    offset = entry.off;
    const absl::string_view name = listing.substr(before_entry + FUSE_NAME_OFFSET, entry.namelen);
    Check(name.find('/') == absl::string_view::npos && name.find('\0') == absl::string_view::npos);
    listing.remove_prefix(size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world;
  absl::string_view rest(reinterpret_cast<const char*>(data), size);
  if (rest.empty()) return 0;
  Nobody observer;
  kasane::LowerFs::Options options;
  if (rest[0] & 1) options.observer = &observer;
  options.no_xattrs = (rest[0] & 2) != 0;
  if (rest[0] & 4) {
    options.expected = [](const SeenNode& directory, const kasane::Node& child) {
      (void)directory.path();
      return child.name.size() % 2 == 0;
    };
  }
  rest.remove_prefix(1);
  kasane::LowerFs fs(world.store.get(), world.tree, options);
  while (rest.size() >= 3) {
    fuse_in_header header = {};
    header.opcode = static_cast<uint8_t>(rest[0]);
    header.nodeid = static_cast<uint8_t>(rest[1]);
    header.unique = 42;
    const absl::string_view body = rest.substr(3, static_cast<uint8_t>(rest[2]));
    rest.remove_prefix(3 + body.size());
    header.len = static_cast<uint32_t>(sizeof(header) + body.size());
    std::string message(reinterpret_cast<const char*>(&header), sizeof(header));
    message.append(body.data(), body.size());
    if (header.opcode == 255) message = std::string(body);
    const std::string answer = fs.Answer(message);
    if (answer.empty()) continue;
    fuse_out_header out;
    Check(answer.size() >= sizeof(out));
    std::memcpy(&out, answer.data(), sizeof(out));
    Check(out.len == answer.size() && out.error <= 0 && out.error > -512);
    Check(out.error == 0 || out.len == sizeof(out));
    Check(header.opcode == 255 || out.unique == header.unique);
    if (out.error != 0) continue;
    const absl::string_view payload = absl::string_view(answer).substr(sizeof(out));
    if (header.opcode == FUSE_READDIR) CheckListing(payload, 0);
    if (header.opcode == FUSE_READDIRPLUS) CheckListing(payload, sizeof(fuse_entry_out));
  }
  return 0;
}
