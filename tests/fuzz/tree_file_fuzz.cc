// Any bytes are a tree file or are refused, and what opens can be walked. Hashes would stop a fuzzer at the
// door, so the bytes are tried as they are, and once more as the first directory of a file whose hashes are
// right.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "src/base/binary.h"
#include "src/tree/tree_file.h"

namespace {

using kasane::Digest;
using kasane::TreeFile;

void Try(std::string bytes) {
  auto owner = std::make_shared<const std::string>(std::move(bytes));
  auto file = TreeFile::Open({Digest(), *owner, owner, nullptr},
                             [](const Digest&) { return absl::NotFoundError("no other file"); });
  if (!file.ok()) return;
  kasane::Tree tree = (*file)->tree();
  size_t names = 0;
  tree.Walk([&](const std::string&, const kasane::Node& node) {
    (void)tree.LinkCount(node.entry);
    return ++names < 10000;
  });
  if (tree.status().ok() != kasane::EncodeTreeFile(tree, 0).ok()) std::abort();
}

// A file with `canonical` as its root directory, followed by `places`.
std::string Wrap(absl::string_view canonical, absl::string_view places) {
  std::string out("KSNT\x01\0\0\0", 8);
  kasane::PutBytes(&out, canonical);
  out.append(places.data(), places.size());
  kasane::Entry root;
  root.type = kasane::EntryType::kDirectory;
  std::string head;
  kasane::EncodeEntry(root, true, &head);
  kasane::PutVarint(&head, 1);
  head += std::string(kasane::Sha256Of(canonical).bytes());
  for (uint64_t value : {uint64_t{0}, uint64_t{8}, uint64_t{0}, uint64_t{0}}) kasane::PutVarint(&head, value);
  head += std::string(kasane::Sha256Of("").bytes());
  kasane::PutVarint(&head, 0);
  const uint64_t offset = out.size();
  out += head;
  out += std::string(kasane::Sha256Of(head).bytes());
  kasane::PutFixed64(&out, offset);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Try(std::string(bytes));
  // The first byte says how much is left for the places.
  const size_t split = bytes.size() - std::min<size_t>(bytes.size(), data[0] % 32);
  Try(Wrap(bytes.substr(0, split), bytes.substr(split)));
  return 0;
}
