#include "src/context/context_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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
constexpr size_t kLikelyFactSize = 88;  // bytes

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

void PutFact(std::string* out, const ScanEntry& e, const Digest& content, const Digest& xattrs, bool racy) {
  PutVarint(out, static_cast<uint64_t>(e.type));
  PutVarint(out, e.mode);
  PutVarint(out, e.size);
  PutTime(out, e.mtime);
  PutTime(out, e.ctime);
  PutFixed64(out, e.inode);
  PutVarint(out, (racy ? kRacyFlag : 0) | (xattrs.empty() ? 0 : kXattrsFlag));
  if (e.type == EntryType::kSymlink) PutBytes(out, e.target());
  if (e.type == EntryType::kFile) absl::StrAppend(out, content.bytes());
  if (!xattrs.empty()) absl::StrAppend(out, xattrs.bytes());
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
  e.link_target.reset();
  if (e.type == EntryType::kSymlink) e.set_target(in->Bytes());
  if (e.type == EntryType::kFile) fact->content = TakeDigest(in);
  if ((flags & kXattrsFlag) != 0) fact->xattrs = TakeDigest(in);
}

// Type, mode and link target: what is known without reading.
bool SameKind(const ScanEntry& a, const ScanEntry& b) {
  return a.type == b.type && (a.mode == b.mode || a.type == EntryType::kSymlink) && a.target() == b.target();
}

Timestamp Now() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return {now.tv_sec, static_cast<uint32_t>(now.tv_nsec)};
}

// True if an entry whose fact does not hold is, when read, as recorded all the same; `fact` is then brought
// up to date.
bool StillHolds(const std::string& root, const ScanEntry& now, InputFact* fact) {
  if (!SameKind(fact->entry, now)) return false;
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
  return true;
}

std::string NewSalt(absl::string_view old_salt, const std::vector<const ScanEntry*>& inputs) {
  Sha256 hash;
  hash.Update(old_salt);
  std::string text;
  for (const ScanEntry* entry : inputs) {
    text.clear();
    PutBytes(&text, entry->path);
    PutFact(&text, *entry, Digest(), Digest(), false);
    hash.Update(text);
  }
  return hash.Finish().ToHex().substr(0, kSaltDigits);
}

}  // namespace

const InputFact* InputState::Find(absl::string_view path) const {
  const auto at =
      std::lower_bound(facts.begin(), facts.end(), path,
                       [](const InputFact& f, absl::string_view p) { return PathLess(f.entry.path, p); });
  return at != facts.end() && at->entry.path == path ? &*at : nullptr;
}

std::string InputStatePath(const std::string& record) { return record + ".inputs"; }

InputStateEncoder::InputStateEncoder(absl::string_view salt, absl::string_view store, size_t count)
    : out_(kMagic) {
  out_.reserve(count * kLikelyFactSize);
  PutBytes(&out_, salt);
  PutBytes(&out_, store);
  PutVarint(&out_, count);
}

void InputStateEncoder::Add(const ScanEntry& entry, const Digest& content, const Digest& xattrs, bool racy) {
  const std::string& path = entry.path;
  const auto [at, other] = std::mismatch(previous_.begin(), previous_.end(), path.begin(), path.end());
  const auto shared = static_cast<size_t>(at - previous_.begin());
  PutVarint(&out_, shared);
  PutBytes(&out_, absl::string_view(path).substr(shared));
  PutFact(&out_, entry, content, xattrs, racy);
  previous_ = path;
}

std::string InputStateEncoder::Finish() && {
  absl::StrAppend(&out_, Sha256Of(out_).bytes());
  return std::move(out_);
}

std::string EncodeInputState(const InputState& state) {
  InputStateEncoder encoder(state.salt, state.store, state.facts.size());
  for (const InputFact& fact : state.facts) encoder.Add(fact.entry, fact.content, fact.xattrs, fact.racy);
  return std::move(encoder).Finish();
}

absl::StatusOr<InputStateReader> InputStateReader::Open(absl::string_view bytes) {
  const absl::Status malformed = absl::InvalidArgumentError("malformed list of inputs");
  if (!absl::StartsWith(bytes, kMagic) || bytes.size() < kMagic.size() + kDigestSize) return malformed;
  const absl::string_view sum = bytes.substr(bytes.size() - kDigestSize);
  bytes.remove_suffix(kDigestSize);
  if (Sha256Of(bytes).bytes() != sum) return malformed;
  InputStateReader reader(bytes.substr(kMagic.size()));
  reader.salt_ = std::string(reader.in_.Bytes());
  reader.store_ = std::string(reader.in_.Bytes());
  reader.count_ = reader.in_.Varint();
  if (!reader.in_.ok() || reader.count_ > reader.in_.rest().size()) return malformed;
  return reader;
}

const InputFact* InputStateReader::Next() {
  if (read_ == count_) return nullptr;
  ++read_;
  std::string& path = fact_.entry.path;
  const uint64_t shared = in_.Varint();
  const absl::string_view rest = in_.Bytes();
  if (in_.ok() && shared <= path.size()) {
    path.resize(shared);
    absl::StrAppend(&path, rest);
    fact_.content = fact_.xattrs = Digest();
    TakeFact(&in_, &fact_);
    if (in_.ok() && (read_ < count_ || in_.done())) return &fact_;
  }
  read_ = count_;
  return nullptr;
}

absl::StatusOr<InputState> DecodeInputState(absl::string_view bytes) {
  ASSIGN_OR_RETURN(InputStateReader reader, InputStateReader::Open(bytes));
  InputState state;
  state.salt = reader.salt();
  state.store = reader.store();
  state.facts.reserve(reader.count());
  while (const InputFact* fact = reader.Next()) state.facts.push_back(*fact);
  if (state.facts.size() != reader.count()) return absl::InvalidArgumentError("malformed list of inputs");
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
  absl::StatusOr<InputStateReader> reader = InputStateReader::Open(*bytes);
  if (!reader.ok()) return NewSalt("", inputs);
  if (reader->count() != inputs.size()) return NewSalt(reader->salt(), inputs);
  std::map<size_t, InputFact> updated;  // by index
  for (size_t i = 0; i < inputs.size(); ++i) {
    const InputFact* const known = reader->Next();
    if (known == nullptr) return NewSalt("", inputs);
    if (known->entry.path != inputs[i]->path) return NewSalt(reader->salt(), inputs);
    // What is about to be made says nothing: ninja will see that it is new.
    if (inputs[i]->absent || (SameKind(known->entry, *inputs[i]) && FactHolds(*known, *inputs[i]))) continue;
    InputFact fact = *known;
    if (!StillHolds(root, *inputs[i], &fact)) return NewSalt(reader->salt(), inputs);
    updated.emplace(i, std::move(fact));
  }
  if (updated.empty()) return reader->salt();
  ASSIGN_OR_RETURN(InputStateReader again, InputStateReader::Open(*bytes));
  InputStateEncoder encoder(again.salt(), again.store(), again.count());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const InputFact& old = *again.Next();
    const auto changed = updated.find(i);
    const InputFact& fact = changed == updated.end() ? old : changed->second;
    encoder.Add(fact.entry, fact.content, fact.xattrs, fact.racy);
  }
  RETURN_IF_ERROR(WriteFileAtomic(path, std::move(encoder).Finish()));
  return again.salt();
}

}  // namespace kasane
