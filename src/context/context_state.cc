#include "src/context/context_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <ctime>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/tree/delta.h"

namespace kasane {
namespace {

constexpr absl::string_view kMagic("KSCI\2", 5);
constexpr size_t kDigestSize = 32;
constexpr int64_t kRacySeconds = 2;
constexpr uint64_t kRacyFlag = 1;
constexpr uint64_t kXattrsFlag = 2;
constexpr size_t kSaltDigits = 16;

void PutTime(std::string* out, const Timestamp& time) {
  PutSigned(out, time.seconds);
  PutVarint(out, time.nanoseconds);
}

Timestamp TakeTime(BinaryReader* in) {
  Timestamp time;
  time.seconds = in->Signed();
  time.nanoseconds = static_cast<uint32_t>(in->Varint());
  return time;
}

Digest TakeDigest(BinaryReader* in) {
  const absl::string_view bytes = in->Raw(kDigestSize);
  return bytes.size() == kDigestSize ? Digest::FromBytes(bytes) : Digest();
}

void PutFact(std::string* out, const InputFact& fact) {
  const ScanEntry& e = fact.entry;
  PutVarint(out, static_cast<uint64_t>(e.type));
  PutVarint(out, e.mode);
  PutVarint(out, e.size);
  PutTime(out, e.mtime);
  PutTime(out, e.ctime);
  PutFixed64(out, e.inode);
  PutVarint(out, (fact.racy ? kRacyFlag : 0) | (fact.xattrs.empty() ? 0 : kXattrsFlag));
  if (e.type == EntryType::kSymlink) PutBytes(out, e.link_target);
  if (e.type == EntryType::kFile) absl::StrAppend(out, fact.content.bytes());
  if (!fact.xattrs.empty()) absl::StrAppend(out, fact.xattrs.bytes());
}

void TakeFact(BinaryReader* in, InputFact* fact) {
  ScanEntry& e = fact->entry;
  e.type = static_cast<EntryType>(in->Varint());
  e.mode = static_cast<uint32_t>(in->Varint());
  e.size = in->Varint();
  e.mtime = TakeTime(in);
  e.ctime = TakeTime(in);
  e.inode = in->Fixed64();
  const uint64_t flags = in->Varint();
  fact->racy = (flags & kRacyFlag) != 0;
  if (e.type == EntryType::kSymlink) e.link_target = std::string(in->Bytes());
  if (e.type == EntryType::kFile) fact->content = TakeDigest(in);
  if ((flags & kXattrsFlag) != 0) fact->xattrs = TakeDigest(in);
}

// Type, mode and link target: what is known without reading.
bool SameKind(const ScanEntry& a, const ScanEntry& b) {
  return a.type == b.type && (a.mode == b.mode || a.type == EntryType::kSymlink) &&
         a.link_target == b.link_target;
}

Timestamp Now() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return {now.tv_sec, static_cast<uint32_t>(now.tv_nsec)};
}

// True if the entry is as recorded. If it had to be read to know that, `fact` is brought up to date, and
// `updated` set.
bool StillHolds(const std::string& root, const ScanEntry& now, InputFact* fact, bool* updated) {
  if (!SameKind(fact->entry, now)) return false;
  if (FactHolds(*fact, now)) return true;
  const bool is_file = now.type == EntryType::kFile;
  if (is_file && now.size != fact->entry.size) return false;
  const Timestamp hashed = Now();
  const std::string path = JoinPath(root, now.path);
  if (is_file) {
    const absl::StatusOr<Digest> content = Sha256OfFile(path);
    if (!content.ok() || *content != fact->content) return false;
  }
  const auto xattrs = ReadXattrs(path);
  if (!xattrs.ok() || DigestXattrs(*xattrs) != fact->xattrs) return false;
  fact->entry = now;
  fact->racy = IsRacy(now.ctime, hashed);
  *updated = true;
  return true;
}

std::string NewSalt(absl::string_view old_salt, const std::vector<const ScanEntry*>& inputs) {
  std::string text(old_salt);
  for (const ScanEntry* entry : inputs) {
    PutBytes(&text, entry->path);
    InputFact fact;
    fact.entry = *entry;
    PutFact(&text, fact);
  }
  return Sha256Of(text).ToHex().substr(0, kSaltDigits);
}

}  // namespace

const InputFact* InputState::Find(absl::string_view path) const {
  const auto at =
      std::lower_bound(facts.begin(), facts.end(), path,
                       [](const InputFact& f, absl::string_view p) { return PathLess(f.entry.path, p); });
  return at != facts.end() && at->entry.path == path ? &*at : nullptr;
}

std::string InputStatePath(const std::string& record) { return record + ".inputs"; }

std::string EncodeInputState(const InputState& state) {
  std::string out(kMagic);
  PutBytes(&out, state.salt);
  PutBytes(&out, state.store);
  PutVarint(&out, state.facts.size());
  absl::string_view previous;
  for (const InputFact& fact : state.facts) {
    const std::string& path = fact.entry.path;
    const auto shared =
        std::mismatch(previous.begin(), previous.end(), path.begin(), path.end()).first - previous.begin();
    PutVarint(&out, static_cast<uint64_t>(shared));
    PutBytes(&out, absl::string_view(path).substr(static_cast<size_t>(shared)));
    PutFact(&out, fact);
    previous = path;
  }
  absl::StrAppend(&out, Sha256Of(out).bytes());
  return out;
}

absl::StatusOr<InputState> DecodeInputState(absl::string_view bytes) {
  const absl::Status malformed = absl::InvalidArgumentError("malformed list of inputs");
  if (!absl::StartsWith(bytes, kMagic) || bytes.size() < kMagic.size() + kDigestSize) return malformed;
  const absl::string_view sum = bytes.substr(bytes.size() - kDigestSize);
  bytes.remove_suffix(kDigestSize);
  if (Sha256Of(bytes).bytes() != sum) return malformed;
  BinaryReader in(bytes.substr(kMagic.size()));
  InputState state;
  state.salt = std::string(in.Bytes());
  state.store = std::string(in.Bytes());
  const uint64_t count = in.Varint();
  if (count > in.rest().size()) return malformed;
  state.facts.resize(count);
  absl::string_view previous;
  for (InputFact& fact : state.facts) {
    const uint64_t shared = in.Varint();
    const absl::string_view rest = in.Bytes();
    if (!in.ok() || shared > previous.size()) return malformed;
    fact.entry.path = absl::StrCat(previous.substr(0, shared), rest);
    previous = fact.entry.path;
    TakeFact(&in, &fact);
  }
  if (!in.ok() || !in.done()) return malformed;
  return state;
}

bool FactHolds(const InputFact& fact, const ScanEntry& now) {
  const ScanEntry& then = fact.entry;
  return !fact.racy && then.type == now.type && then.size == now.size && then.mtime == now.mtime &&
         then.ctime == now.ctime && then.inode == now.inode;
}

bool IsRacy(const Timestamp& ctime, const Timestamp& hashed) {
  return ctime.seconds + kRacySeconds >= hashed.seconds;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReadXattrs(const std::string& path) {
  std::vector<std::pair<std::string, std::string>> xattrs;
  ssize_t size = llistxattr(path.c_str(), nullptr, 0);
  if (size == 0 || (size < 0 && errno == ENOTSUP)) return xattrs;
  if (size < 0) return ErrnoStatus(errno, absl::StrCat("cannot list the extended attributes of ", path));
  std::string names(static_cast<size_t>(size) + 1024, '\0');
  size = llistxattr(path.c_str(), names.data(), names.size());
  if (size < 0) return ErrnoStatus(errno, absl::StrCat("cannot list the extended attributes of ", path));
  names.resize(static_cast<size_t>(size));
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(names, '\0', absl::SkipEmpty()))) {
    if (absl::StartsWith(name, "trusted.") || absl::StartsWith(name, "com.apple.")) continue;
    if (absl::StartsWith(name, "security.")) continue;
    std::string value(64 << 10, '\0');  // the largest that Linux has
    const ssize_t length = lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (length < 0) continue;  // as BuildKit: what cannot be read is not copied
    value.resize(static_cast<size_t>(length));
    xattrs.emplace_back(name, std::move(value));
  }
  std::sort(xattrs.begin(), xattrs.end());
  return xattrs;
}

Digest DigestXattrs(const std::vector<std::pair<std::string, std::string>>& xattrs) {
  if (xattrs.empty()) return Digest();
  std::string text;
  for (const auto& [name, value] : xattrs) {
    PutBytes(&text, name);
    PutBytes(&text, value);
  }
  return Sha256Of(text);
}

std::vector<const ScanEntry*> SelectedInputs(const ContextScan& scan, const Selection& selection) {
  std::vector<const ScanEntry*> inputs;
  for (const SelectedItem& item : selection.items) {
    for (const SelectedEntry& entry : item.entries) inputs.push_back(&ScanView::EntryOf(entry.handle));
  }
  for (const std::string& link : selection.links) {
    const ScanEntry* entry = scan.Find(link);
    if (entry != nullptr) inputs.push_back(entry);
  }
  // Entries lie in one vector in PathLess order, so their addresses sort as their paths do.
  std::sort(inputs.begin(), inputs.end());
  inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
  if (!inputs.empty() && inputs.front()->path.empty()) inputs.erase(inputs.begin());
  return inputs;
}

absl::StatusOr<std::string> ChooseSalt(const std::string& record, const std::string& root,
                                       const std::vector<const ScanEntry*>& inputs) {
  const std::string path = InputStatePath(record);
  const absl::StatusOr<std::string> bytes = ReadFile(path);
  if (!bytes.ok()) {
    if (!absl::IsNotFound(bytes.status())) return bytes.status();
    // A record without its state was tampered with: nothing is known of what it holds.
    return PathExists(record) ? NewSalt("", inputs) : "";
  }
  absl::StatusOr<InputState> state = DecodeInputState(*bytes);
  if (!state.ok() || state->facts.size() != inputs.size()) {
    return NewSalt(state.ok() ? state->salt : "", inputs);
  }
  bool updated = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    InputFact& fact = state->facts[i];
    // What is about to be made says nothing: ninja will see that it is new.
    const bool same = fact.entry.path == inputs[i]->path &&
                      (inputs[i]->absent || StillHolds(root, *inputs[i], &fact, &updated));
    if (!same) {
      return NewSalt(state->salt, inputs);
    }
  }
  if (updated) RETURN_IF_ERROR(WriteFileAtomic(path, EncodeInputState(*state)));
  return state->salt;
}

}  // namespace kasane
