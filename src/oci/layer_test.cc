// Layers written and read back: by our own ingest, and by GNU tar.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <map>
#include <set>

#include "src/oci/layer_delta.h"
#include "src/oci/layer_ingest.h"
#include "src/oci/layer_writer.h"
#include "src/oci/oci_test_util.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<Tree> EmptyTree() { return Tree(); }

PullSpec SpecOf(const LayerInfo& layer) {
  PullSpec spec;
  spec.blob = layer.blob;
  spec.size = layer.size;
  spec.media_type = layer.media_type;
  spec.diff_id = layer.diff_id;
  return spec;
}

absl::StatusOr<Record> Ingest(Store* store, const PullSpec& spec, absl::string_view blob, size_t step) {
  LayerIngest ingest(store, spec);
  for (size_t at = 0; at < blob.size(); at += step) RETURN_IF_ERROR(ingest.Write(blob.substr(at, step)));
  return ingest.Finish();
}

// All that the tar of a delta can say comes back from it.
class RoundTrip : public testing::TestWithParam<const char*> {};

TEST_P(RoundTrip, RandomDeltas) {
  LayerOptions options;
  options.compression = ParseCompression(GetParam()).value();
  options.level = 1;
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    TestStore from, to;
    Delta delta = RandomLayerDelta(seed, seed == 3 ? 400 : 80, from.get());
    absl::StatusOr<Delta> resolved = ResolveLayerDelta(delta, EmptyTree, absl::nullopt);
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    options.jobs = 1;
    absl::StatusOr<LayerInfo> layer = WriteLayer(from.get(), *resolved, options);
    ASSERT_TRUE(layer.ok()) << layer.status();
    options.jobs = 8;
    absl::StatusOr<LayerInfo> again = WriteLayer(from.get(), *resolved, options);
    EXPECT_EQ(again->blob, layer->blob) << "another number of jobs";

    std::string blob = from->ReadBlob(layer->blob).value();
    absl::StatusOr<Record> record = Ingest(to.get(), SpecOf(*layer), blob, 1 + seed * 977);
    ASSERT_TRUE(record.ok()) << record.status();
    EXPECT_EQ(record->layers[0].diff_id, layer->diff_id);
    EXPECT_EQ(record->layers[0].blob, layer->blob);
    EXPECT_EQ(record->created, "");
    absl::StatusOr<Delta> back = LoadDelta(*to.get(), record->delta);
    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_EQ(back->entries().size(), resolved->entries().size());
    for (size_t i = 0; i < back->entries().size(); ++i) {
      const DeltaEntry &a = resolved->entries()[i], &b = back->entries()[i];
      ASSERT_EQ(a.path, b.path);
      EXPECT_EQ(a.whiteout, b.whiteout) << a.path;
      EXPECT_TRUE(a.entry == b.entry) << a.path;
      // Served from the pack.
      if (!b.whiteout && b.entry.is_file()) {
        EXPECT_EQ(to->ReadBlob(b.entry.content).value().size(), b.entry.size);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RoundTrip, testing::Values("gzip", "zstd", "uncompressed"));

// As `ls -l` shows type and mode.
std::string ModeText(char type, uint32_t mode) {
  std::string text(1, type);
  for (int shift = 8; shift >= 0; --shift) text += (mode >> shift & 1) != 0 ? "xwr"[shift % 3] : '-';
  const std::pair<uint32_t, size_t> special[] = {{04000, 3}, {02000, 6}, {01000, 9}};
  for (const auto& [bit, at] : special) {
    if ((mode & bit) == 0) continue;
    const char letter = bit == 01000 ? 't' : 's';
    text[at] = text[at] == 'x' ? letter : static_cast<char>(letter - 'a' + 'A');
  }
  return text;
}

// How `tar -tv` shows a member, without what stands between the fields; `first`: of a hard link, the member
// that has the content.
std::string ListedAs(const DeltaEntry& e, const DeltaEntry* first) {
  const Entry none, &entry = e.whiteout ? none : e.entry;
  const std::map<EntryType, char> types = {{EntryType::kFile, '-'},       {EntryType::kDirectory, 'd'},
                                           {EntryType::kSymlink, 'l'},    {EntryType::kFifo, 'p'},
                                           {EntryType::kCharDevice, 'c'}, {EntryType::kBlockDevice, 'b'}};
  const bool device = entry.type == EntryType::kCharDevice || entry.type == EntryType::kBlockDevice;
  const time_t seconds = entry.mtime.seconds;
  struct tm utc;
  char time[64];
  strftime(time, sizeof(time), "%Y-%m-%d %H:%M:%S", gmtime_r(&seconds, &utc));
  std::string name = e.whiteout ? JoinPath(Dirname(e.path), absl::StrCat(".wh.", Basename(e.path))) : e.path;
  if (entry.is_directory()) name += "/";
  if (entry.is_symlink()) absl::StrAppend(&name, " -> ", entry.link_target.get());
  if (first != nullptr) absl::StrAppend(&name, " link to ", first->path);
  return absl::StrCat(ModeText(first != nullptr ? 'h' : types.at(entry.type), entry.mode), " ", entry.uid,
                      "/", entry.gid, " ",
                      device             ? absl::StrCat(entry.device_major, ",", entry.device_minor)
                      : first != nullptr ? "0"
                                         : absl::StrCat(entry.size),
                      " ", time, " ", name, "\n");
}

TEST(Layer, GnuTarGivesTheTreeBack) {
  for (uint32_t seed = 70; seed < 74; ++seed) {
    TestStore store;
    const Delta resolved =
        ResolveLayerDelta(RandomLayerDelta(seed, 300, store.get()), EmptyTree, absl::nullopt).value();
    const LayerInfo layer = WriteLayer(store.get(), resolved, {Compression::kGzip, 1, 3}).value();
    const std::string path = store->LooseBlobPath(layer.blob).value();
    EXPECT_EQ(system(absl::StrCat("gzip -t < ", path).c_str()), 0);
    const std::string listing = store.directory() + "/list", names = store.directory() + "/names",
                      unpacked = store.directory() + "/unpacked";
    const std::string tar = "LC_ALL=C TZ=UTC0 tar --numeric-owner -zf " + path;
    ASSERT_EQ(system(absl::StrCat(tar, " --full-time --quoting-style=literal -tv >", listing).c_str()), 0);

    std::string all = ReadFile(listing).value(), wanted;
    absl::string_view rest = all;
    std::map<uint64_t, const DeltaEntry*> links;
    for (const DeltaEntry* e : TarOrder(resolved)) {
      const DeltaEntry* first = nullptr;
      if (!e->whiteout && e->entry.link_group != 0) {
        const auto [known, is_new] = links.emplace(e->entry.link_group, e);
        if (!is_new) first = known->second;
      }
      const std::string line = ListedAs(*e, first);
      // Three fields, padded to columns, then the time and the name as they are.
      std::string listed;
      for (int field = 0; field < 3; ++field) {
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        const size_t size = rest.find(' ');
        absl::StrAppend(&listed, rest.substr(0, size), " ");
        rest.remove_prefix(std::min(size, rest.size()));
      }
      const size_t left = line.size() - std::min(line.size(), listed.size());
      rest.remove_prefix(std::min<size_t>(1, rest.size()));
      absl::StrAppend(&listed, rest.substr(0, left));
      rest.remove_prefix(std::min(left, rest.size()));
      ASSERT_EQ(listed, line);
      if (!e->whiteout && (e->entry.is_file() || e->entry.is_symlink()))
        wanted.append(e->path).push_back('\0');
    }
    EXPECT_EQ(rest, "");

    // Contents, and what links lead to; devices only root can make.
    ASSERT_TRUE(MakeDirs(unpacked).ok());
    ASSERT_TRUE(WriteFileAtomic(names, wanted).ok());
    ASSERT_EQ(system(absl::StrCat(tar, " -C ", unpacked, " -x --no-same-owner --null -T ", names).c_str()),
              0);
    for (const DeltaEntry& e : resolved.entries()) {
      if (e.whiteout) continue;
      const std::string at = JoinPath(unpacked, e.path);
      if (e.entry.is_file()) {
        EXPECT_EQ(Sha256OfFile(at).value_or(Digest()), e.entry.content) << e.path;
      }
      if (e.entry.is_symlink()) {
        EXPECT_EQ(std::filesystem::read_symlink(at).string(), e.entry.link_target.get());
      }
    }
  }
}

TEST(Layer, KeyOfAPlanFollowsWhateverDecidesTheBytes) {
  DeltaEntry file;
  file.path = "f";
  file.entry.mode = 0644;
  file.entry.size = 5;
  file.entry.content = Sha256Of("hello");
  std::vector<DeltaEntry> variants(12, file);
  variants[1].path = "g";
  variants[2].entry.mode = 0600;
  variants[3].entry.uid = 1;
  variants[4].entry.gid = 1;
  variants[5].entry.mtime.seconds = 1;
  variants[6].entry.content = Sha256Of("world");
  variants[7].entry.size = 6;
  variants[8].entry.xattrs = {{"security.capability", "c"}};
  variants[9].whiteout = true;
  variants[10].entry.type = EntryType::kSymlink;
  variants[10].entry.link_target = "f";
  variants[11].entry.type = EntryType::kSymlink;
  variants[11].entry.link_target = "g";
  std::set<Digest> keys;
  for (const DeltaEntry& variant : variants) {
    const Delta delta = Delta::FromEntries({variant}).value();
    keys.insert(PlanLayer(delta, {}).value().key);
    EXPECT_EQ(keys.count(PlanLayer(delta, {}).value().key), 1u);
  }
  LayerOptions fast;
  fast.level = 1;
  const Delta delta = Delta::FromEntries({file}).value();
  keys.insert(PlanLayer(delta, fast).value().key);
  EXPECT_EQ(keys.size(), variants.size() + 1);
}

TEST(Layer, EmptyDeltaIsTwoZeroBlocks) {
  TestStore store;
  LayerInfo layer = WriteLayer(store.get(), Delta(), {Compression::kNone, 0, 1}).value();
  EXPECT_EQ(layer.size, 1024);
  EXPECT_EQ(layer.diff_id, Sha256Of(std::string(1024, '\0')));
  EXPECT_EQ(layer.diff_id, layer.blob);
  EXPECT_EQ(layer.media_type, "application/vnd.oci.image.layer.v1.tar");
}

TEST(Layer, EditOfOneFileLeavesMostFragmentsAlone) {
  TestStore store;
  Delta delta = ResolveLayerDelta(RandomLayerDelta(5, 400, store.get()), EmptyTree, absl::nullopt).value();
  std::string before =
      store->ReadBlob(WriteLayer(store.get(), delta, {Compression::kGzip, 1, 2}).value().blob).value();
  std::vector<DeltaEntry> entries = delta.entries();
  for (DeltaEntry& e : entries) {
    if (e.whiteout || !e.entry.is_file() || e.entry.size > 9000 || e.entry.link_group != 0) continue;
    e.entry.content = store->PutBlob("edited").value();
    e.entry.size = 6;
    break;
  }
  std::string after =
      store
          ->ReadBlob(WriteLayer(store.get(), Delta::FromEntries(entries).value(), {Compression::kGzip, 1, 2})
                         .value()
                         .blob)
          .value();
  size_t same = 0;
  while (same < std::min(before.size(), after.size()) &&
         before[before.size() - 1 - same] == after[after.size() - 1 - same])
    ++same;
  EXPECT_NE(before, after);
  EXPECT_GT(same, before.size() / 2);
}

// Of a layer of several fragments, and of big files that share pieces with what they were.
class Reuse : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    options_.compression = ParseCompression(GetParam()).value();
    options_.level = 1;
    std::mt19937 random(6);
    for (int i = 0; i < 80; ++i) {
      const size_t size = i % 40 == 7 ? (2 << 20) + 5 * i : random() % 30000;
      contents_.push_back(RandomText(&random, size));
    }
  }
  Delta MakeDelta() {
    std::vector<DeltaEntry> entries;
    for (size_t i = 0; i < contents_.size(); ++i) {
      DeltaEntry e;
      e.path = absl::StrCat("f", i);
      e.entry.size = contents_[i].size();
      e.entry.content = store_->PutBlob(contents_[i]).value();
      entries.push_back(std::move(e));
    }
    return Delta::FromEntries(std::move(entries)).value();
  }
  LayerInfo Clean(const Delta& delta) {
    LayerOptions options = options_;
    options.reuse = false;
    options.jobs = 1;
    return WriteLayer(store_.get(), delta, options).value();
  }
  void Damage(const Digest& blob, off_t at) {
    const std::string path = store_->LooseBlobPath(blob).value();
    ASSERT_EQ(chmod(path.c_str(), 0644), 0);
    UniqueFd fd = OpenFile(path, O_WRONLY).value();
    ASSERT_EQ(pwrite(fd.get(), "!!!!!!!!", 8, at), 8);
  }
  TestStore store_;
  LayerOptions options_;
  std::vector<std::string> contents_;
};

TEST_P(Reuse, GivesWhatCompressingGives) {
  std::mt19937 random(7);
  for (int edit = 0; edit < 12; ++edit) {
    const Delta delta = MakeDelta();
    options_.jobs = edit % 2 == 0 ? 1 : 8;
    const LayerInfo reused = WriteLayer(store_.get(), delta, options_).value();
    const LayerInfo clean = Clean(delta);
    EXPECT_EQ(reused.blob, clean.blob) << edit;
    EXPECT_EQ(reused.diff_id, clean.diff_id) << edit;
    if (edit % 3 == 0) options_.before = reused.blob;
    std::string& text = contents_[edit % 4 == 1 ? 47 : random() % contents_.size()];
    if (!text.empty()) text[random() % text.size()] ^= 1;
    if (edit % 5 == 4) contents_.erase(contents_.begin() + static_cast<int>(random() % 50));
    if (edit % 5 == 2) contents_.push_back(RandomText(&random, 5000));
  }
}

TEST_P(Reuse, DamageOfAnEarlierLayerMakesNoWrongOne) {
  Delta delta = MakeDelta();
  const LayerInfo before = WriteLayer(store_.get(), delta, options_).value();
  Damage(before.blob, static_cast<off_t>(before.size / 3));
  contents_[60] = "edited";
  delta = MakeDelta();
  options_.before = before.blob;
  const LayerInfo reused = WriteLayer(store_.get(), delta, options_).value();
  EXPECT_EQ(reused.blob, Clean(delta).blob);
}

// A file that is not compressed again is still read for the diff_id.
TEST_P(Reuse, DamagedContentIsNoticed) {
  Delta delta = MakeDelta();
  options_.before = WriteLayer(store_.get(), delta, options_).value().blob;
  contents_[0] = "edited";
  delta = MakeDelta();
  const DeltaEntry& damaged = delta.entries().back();
  Damage(damaged.entry.content, 3);
  EXPECT_THAT(WriteLayer(store_.get(), delta, options_).status().ToString(), HasSubstr("is damaged"));
  EXPECT_FALSE(store_->HasBlob(damaged.entry.content));
}

INSTANTIATE_TEST_SUITE_P(Compressed, Reuse, testing::Values("gzip", "zstd"));

TEST(Layer, DamagedContentIsNoticed) {
  TestStore store;
  DeltaEntry e;
  e.path = "f";
  e.entry.size = 5;
  e.entry.content = store->PutBlob("hello").value();
  std::string path = store->LooseBlobPath(e.entry.content).value();
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  UniqueFd fd = OpenFile(path, O_WRONLY).value();
  ASSERT_TRUE(WriteAll(fd.get(), "jello", path).ok());
  absl::StatusOr<LayerInfo> layer = WriteLayer(store.get(), Delta::FromEntries({e}).value(), {});
  EXPECT_THAT(layer.status().ToString(), HasSubstr("the stored content of /f is damaged"));
  EXPECT_FALSE(store->HasBlob(e.entry.content));
}

class IngestTest : public testing::Test {
 protected:
  IngestTest() {
    Delta delta = ResolveLayerDelta(RandomLayerDelta(9, 60, from_.get()), EmptyTree, absl::nullopt).value();
    layer_ = WriteLayer(from_.get(), delta, {Compression::kGzip, 1, 2}).value();
    blob_ = from_->ReadBlob(layer_.blob).value();
  }
  // Nothing of the layer is in the store.
  void ExpectRefused(const PullSpec& spec, absl::string_view blob, const char* message) {
    absl::StatusOr<Record> record = Ingest(to_.get(), spec, blob, 1000);
    ASSERT_FALSE(record.ok());
    EXPECT_THAT(record.status().ToString(), HasSubstr(message));
    EXPECT_FALSE(to_->HasBlob(spec.blob));
    EXPECT_FALSE(to_->HasBlob(layer_.blob));
  }
  TestStore from_, to_;
  LayerInfo layer_;
  std::string blob_;
};

TEST_F(IngestTest, WrongDigest) {
  PullSpec spec = SpecOf(layer_);
  spec.blob = Sha256Of("x");
  ExpectRefused(spec, blob_, "wrong digest: expected sha256:");
}

TEST_F(IngestTest, WrongDiffId) {
  PullSpec spec = SpecOf(layer_);
  spec.diff_id = Sha256Of("x");
  ExpectRefused(spec, blob_, "wrong diff_id: expected sha256:");
  EXPECT_FALSE(to_->HasPack(layer_.diff_id));
}

TEST_F(IngestTest, CutOffAndTooLong) {
  ExpectRefused(SpecOf(layer_), absl::string_view(blob_).substr(0, blob_.size() - 1), "cut off: ");
  ExpectRefused(SpecOf(layer_), blob_ + "x", "longer than its");
}

TEST_F(IngestTest, DamagedStream) {
  std::string damaged = blob_;
  damaged[damaged.size() / 2] ^= 0x55;
  ExpectRefused(SpecOf(layer_), damaged, "");
}

TEST_F(IngestTest, DroppedHalfwayLeavesNothing) {
  {
    LayerIngest ingest(to_.get(), SpecOf(layer_));
    ASSERT_TRUE(ingest.Write(absl::string_view(blob_).substr(0, blob_.size() / 2)).ok());
    EXPECT_EQ(ingest.received(), static_cast<int64_t>(blob_.size() / 2));
  }
  EXPECT_FALSE(to_->HasBlob(layer_.blob));
  EXPECT_FALSE(to_->HasPack(layer_.diff_id));
  EXPECT_TRUE(Ingest(to_.get(), SpecOf(layer_), blob_, 1 << 20).ok());
}

TEST_F(IngestTest, NoTar) {
  PullSpec spec;
  std::string text(5000, 'x');
  spec.blob = Sha256Of(text);
  spec.size = static_cast<int64_t>(text.size());
  ExpectRefused(spec, text, "wrong checksum");
}

}  // namespace
}  // namespace kasane
