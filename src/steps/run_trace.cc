#include "src/steps/run_trace.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/steps/run_ahead.h"

namespace kasane {
namespace {

// Not verified against the digest: what a profile reads is checked when the RUN itself reads it, and hashing
// a compiler at each RUN would take longer than reading it.
absl::StatusOr<std::string> ReadContent(const Store& store, const Node& file, uint64_t offset,
                                        uint64_t size) {
  ASSIGN_OR_RETURN(BlobRef blob, store.OpenBlob(file.entry.content, static_cast<int64_t>(file.entry.size)));
  const uint64_t whole = static_cast<uint64_t>(blob.size);
  std::string bytes(offset < whole ? std::min(size, whole - offset) : 0, '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t n = pread(blob.fd->get(), bytes.data() + done, bytes.size() - done,
                      static_cast<off_t>(blob.offset) + static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return ErrnoStatus(n == 0 ? EIO : errno, "cannot read a blob");
    done += static_cast<size_t>(n);
  }
  return bytes;
}

// Of a path, part by part (FNV-1a).
constexpr uint64_t kFingerprint = 0xcbf29ce484222325;
uint64_t Fingerprint(uint64_t before, absl::string_view part) {
  for (const char c : part) before = (before ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return before;
}
uint64_t FingerprintOf(const SeenNode& node) {
  if (node.parent() == nullptr) return kFingerprint;
  const uint64_t above = FingerprintOf(*node.parent());
  return Fingerprint(node.parent()->parent() == nullptr ? above : Fingerprint(above, "/"), node.node().name);
}

ProcessTable::Options TableOptions(Store* store, const Profiles* profiles, const Tree& shown,
                                   bool all_are_known, const SandboxOptions& sandbox) {
  ProcessTable::Options options;
  options.all_are_known = all_are_known;
  options.profiles = profiles;
  options.read = [store](const Node& file, uint64_t offset, uint64_t size) {
    return ReadContent(*store, file, offset, size);
  };
  options.memory = {
      [store](const Digest& key) { return store->GetResult(key); },
      [store](const Digest& key, absl::string_view json) { (void)store->PutResult(key, json); }};
  options.tree = shown;
  options.mounts = {"/proc", "/sys", "/dev"};
  for (const SandboxMount& mount : sandbox.mounts) {
    absl::StatusOr<std::string> target = shown.Resolve(mount.target);
    options.mounts.push_back(target.ok() ? absl::StrCat("/", *target) : "/");  // "/": nobody is trusted
  }
  return options;
}

Recorder::Options RecorderOptions(ProcessTable* processes, absl::optional<Tree> base, WarmWatch* warm,
                                  const FrequentFiles* frequent) {
  Recorder::Options options;
  options.frequent = frequent;
  options.warm = warm;
  options.times_by_content = warm != nullptr && warm->times();
  options.processes = processes;
  options.base = std::move(base);
  return options;
}

}  // namespace

RunTracer::RunTracer(Store* store, const Profiles* profiles, const Tree& shown, absl::optional<Tree> base,
                     WarmWatch* warm, SandboxOptions* options)
    : store_(store),
      shown_(shown),
      // All programs of a RUN with warm tools are to be known, also one that opens nothing but the base's.
      base_(warm == nullptr ? base : absl::nullopt),
      frequent_(base_.has_value() ? shown : Tree()),
      processes_(TableOptions(store, profiles, shown, warm != nullptr, *options)),
      recorder_(RecorderOptions(&processes_, std::move(base), warm, &frequent_)) {
  options->observer = &recorder_;
  if (!frequent_.empty() && !options->copied) options->frequent = &frequent_;
  for (SandboxMount& mount : options->mounts) {
    if (mount.kind != SandboxMount::Kind::kTree) continue;
    Recorder::Options mounted = RecorderOptions(&processes_, absl::nullopt, nullptr, nullptr);
    mounted.narrows = false;
    mounted.times_by_content = warm != nullptr && warm->times();
    mounted_.push_back({mount.target, mount.tree, std::make_unique<Recorder>(std::move(mounted))});
    mount.observer = mounted_.back().recorder.get();
  }
  options->on_start = [this](const std::vector<std::string>& uppers) { processes_.SetUppers(uppers); };
  options->on_end = [this](const Delta& delta) { return Finish(delta); };
}

void RunTracer::Expect(const PathSet* paths, SandboxOptions* options) const {
  if (paths == nullptr) return;
  // Those alone that were recorded at the strictest level: what a listing brings along is recorded so.
  // Fingerprints will do: that of another path would bring along, and record, one file more.
  auto expected = std::make_shared<absl::flat_hash_set<uint64_t>>();
  for (const Observation& observation : *paths) {
    if ((observation.facts & fact::kStat) == fact::kStat)
      expected->insert(Fingerprint(kFingerprint, observation.path));
  }
  options->expected = [expected](const SeenNode& directory, const Node& child) {
    const uint64_t above = FingerprintOf(directory);
    return expected->contains(
        Fingerprint(directory.parent() == nullptr ? above : Fingerprint(above, "/"), child.name));
  };
  if (base_.has_value() && !options->copied)
    options->ahead = WhatToAskAhead(*paths, shown_, *base_, frequent_);
}

absl::Status RunTracer::AddRoot(const std::string& name, Recorder* recorder, const Tree& tree,
                                const Delta& delta) {
  auto [paths, askers] = recorder->Finish(tree, delta);
  RETURN_IF_ERROR(tree.status());
  TracedRoot root;
  root.name = name;
  ASSIGN_OR_RETURN(root.path_set, store_->PutBlob(paths.Encode()));
  root.askers = std::move(askers);
  trace_.roots.push_back(std::move(root));
  return absl::OkStatus();
}

absl::Status RunTracer::Finish(const Delta& delta) {
  RETURN_IF_ERROR(AddRoot("", &recorder_, shown_, delta));
  // What is written over a mounted tree is thrown away, and so changes nothing in it.
  for (const MountedTree& mount : mounted_) {
    RETURN_IF_ERROR(AddRoot(mount.target, mount.recorder.get(), mount.tree, Delta()));
  }
  trace_.processes = processes_.processes();
  if (recorder_.whole()) trace_.precision = TracePrecision::kTree;
  return absl::OkStatus();
}

std::vector<std::string> ProfileDirectories() {
  if (const char* rules = std::getenv("KASANE_RULES"); rules != nullptr && *rules != '\0') {
    return {JoinPath(rules, "profiles")};
  }
  char self[4096];
  const ssize_t size = readlink("/proc/self/exe", self, sizeof(self));
  if (size <= 0) return {};
  const absl::string_view program(self, static_cast<size_t>(size));
  std::string installed = absl::StrCat(Dirname(program), "/rules/profiles");
  if (PathExists(installed)) return {installed};
  return {absl::StrCat(program, ".runfiles/kasane/rules/profiles")};  // as Bazel lays out data
}

}  // namespace kasane
