// For tests of this folder.
#ifndef KASANE_SRC_OCI_OCI_TEST_UTIL_H_
#define KASANE_SRC_OCI_OCI_TEST_UTIL_H_

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/oci/tar_reader.h"
#include "src/store/store.h"
#include "src/tree/delta.h"

namespace kasane {

// A directory that goes with the object, with a store in it.
class TestStore {
 public:
  TestStore() {
    std::string pattern = absl::StrCat(testing::TempDir(), "/kasane-oci-XXXXXX");
    directory_ = mkdtemp(pattern.data());
    store_ = Store::Open(directory_ + "/store").value();
  }
  ~TestStore() {
    store_.reset();
    RemoveTree(directory_).IgnoreError();
  }
  Store* get() { return store_.get(); }
  Store* operator->() { return store_.get(); }
  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  std::unique_ptr<Store> store_;
};

// Collects what a TarReader tells.
class TarCollector : public TarReader::Handler {
 public:
  struct Member {
    TarHeader header;
    int64_t offset;
    std::string content;
    bool ended = false;
  };
  absl::Status OnMember(const TarHeader& header, int64_t offset) override {
    members.push_back({header, offset, "", false});
    return absl::OkStatus();
  }
  absl::Status OnContent(absl::string_view data) override {
    members.back().content.append(data.data(), data.size());
    return absl::OkStatus();
  }
  absl::Status OnMemberEnd() override {
    members.back().ended = true;
    return absl::OkStatus();
  }
  std::vector<Member> members;
};

// Reads a whole tar, in pieces of `step` bytes.
inline absl::Status ReadTar(absl::string_view tar, size_t step, TarReader::Handler* handler) {
  TarReader reader(handler);
  for (size_t at = 0; at < tar.size(); at += step) RETURN_IF_ERROR(reader.Write(tar.substr(at, step)));
  return reader.Finish();
}

inline std::string RandomText(std::mt19937* random, size_t size) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>('a' + (*random)() % 9);
  return out;
}

// A delta with everything that a layer can say, its files' contents in the store. Deterministic in `seed`.
inline Delta RandomLayerDelta(uint32_t seed, int count, Store* store) {
  std::mt19937 random(seed);
  std::vector<std::string> directories = {""};
  std::vector<DeltaEntry> entries;
  std::vector<std::string> taken;
  std::vector<std::pair<Entry, std::vector<size_t>>> groups;
  for (int i = 0; i < count; ++i) {
    static const char* const kNames[] = {"a",        "!b",         "+",        "-x",       ".hidden",
                                         "\xc3\xa9", "with space", "\xff\xfe", "new\nline"};
    std::string name = absl::StrCat(kNames[random() % 9], i);
    if (random() % 20 == 0) name += std::string(90 + random() % 150, 'n');
    DeltaEntry e;
    e.path = JoinPath(directories[random() % directories.size()], name);
    if (e.path.size() > 3000) continue;
    e.entry.mode = random() % 010000;
    e.entry.uid = random() % 5 == 0 ? random() : random() % 1000;
    e.entry.gid = random() % 9 == 0 ? random() : random() % 1000;
    e.entry.mtime.seconds = random() % 9 == 0 ? -static_cast<int64_t>(random() % 100000) : random();
    if (random() % 30 == 0) e.entry.mtime.seconds = int64_t{1} << 34;
    if (random() % 9 == 0) {
      std::string value = RandomText(&random, 20);
      value[3] = '\0';
      value[4] = '\n';
      e.entry.xattrs = {{"security.capability", value}};
    }
    switch (random() % 12) {
      case 0:
      case 1:
        e.entry.type = EntryType::kDirectory;
        directories.push_back(e.path);
        break;
      case 2:
        e.entry.type = EntryType::kSymlink;
        e.entry.mode = 0777;
        e.entry.link_target = random() % 3 == 0 ? std::string(130, 't') : "../x";
        break;
      case 3:
        e.whiteout = true;
        break;
      case 4:
        e.entry.type = random() % 2 == 0 ? EntryType::kCharDevice : EntryType::kBlockDevice;
        e.entry.device_major = random() % 4096;
        e.entry.device_minor = random() % (1 << 20);
        break;
      case 5:
        e.entry.type = EntryType::kFifo;
        break;
      default: {
        e.entry.type = EntryType::kFile;
        if (!groups.empty() && random() % 5 == 0) {
          auto& group = groups[random() % groups.size()];
          e.entry = group.first;
          group.second.push_back(entries.size());
          break;
        }
        size_t size = random() % 40 == 0  ? random() % 3000000
                      : random() % 9 == 0 ? 512 * (random() % 4)
                                          : random() % 9000;
        std::string content = RandomText(&random, size);
        e.entry.size = size;
        e.entry.content = store->PutBlob(content).value();
        if (random() % 4 == 0) groups.push_back({e.entry, {entries.size()}});
      }
    }
    entries.push_back(std::move(e));
  }
  for (auto& [entry, members] : groups) {
    if (members.size() < 2) continue;
    std::vector<std::string> paths;
    for (size_t i : members) paths.push_back(entries[i].path);
    std::sort(paths.begin(), paths.end());
    for (size_t i : members) entries[i].entry.link_group = LinkGroupId(paths);
  }
  return Delta::FromEntries(std::move(entries)).value();
}

}  // namespace kasane

#endif  // KASANE_SRC_OCI_OCI_TEST_UTIL_H_
