// What a COPY edge has read of its context: the state file "<record>.inputs" beside the edge's record.
//
// Ninja compares mtimes only. It does not see a chmod, a write that keeps or lowers the mtime, or a file
// swapped for one of the same mtime. gen does: it compares what lstat says now with what it said when the
// files were read, and hashes the few files for which the two differ. If content, type, mode or the set of
// paths is not what it was, the edge gets a new salt in its command, so ninja runs it. A mere touch changes
// no command. With no state file nothing is hashed.
//
// Format 2: "KSCI" 0x02, the salt (bytes), the store (bytes), count (varint), then per path in PathLess
// order: length of the prefix shared with the previous path, rest of the path (bytes), type (varint), mode
// (varint), size (varint), mtime and ctime (each: seconds signed, nanoseconds varint), inode (fixed 64),
// flags (varint: 1 racy, 2 has xattrs), link target (bytes) if a symlink, content digest (32 bytes) if a
// file, digest of the xattrs (32 bytes) if flag 2; at the end the SHA-256 of all before it (32 bytes).
// Replaced by rename; anything malformed counts as "all has changed".
#ifndef KASANE_SRC_CONTEXT_CONTEXT_STATE_H_
#define KASANE_SRC_CONTEXT_CONTEXT_STATE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/binary.h"
#include "src/base/digest.h"
#include "src/context/scan.h"
#include "src/context/select.h"

namespace kasane {

struct InputFact {
  ScanEntry entry;  // as the state file keeps it: path, type, mode, size, times, inode, link target
  Digest content;   // files
  Digest xattrs;    // of DigestXattrs; empty: none
  // The file had changed so shortly before it was hashed that a further change might not show in its ctime
  // (2 s: git's rule, enough for coarse file systems). Its facts prove nothing; it is hashed again.
  bool racy = false;
};

struct InputState {
  std::string salt;              // of the command that read these
  std::vector<InputFact> facts;  // in PathLess order
  // Store::identity of the store that held all contents then; it changes when the store loses any. May be "".
  std::string store;
  const InputFact* Find(absl::string_view path) const;
};

std::string InputStatePath(const std::string& record);  // record + ".inputs"
std::string EncodeInputState(const InputState& state);
absl::StatusOr<InputState> DecodeInputState(absl::string_view bytes);

// The same fact by fact: those of a million files are never in memory all at once.
class InputStateReader {
 public:
  // `bytes` outlive the reader.
  static absl::StatusOr<InputStateReader> Open(absl::string_view bytes);
  const std::string& salt() const { return salt_; }
  const std::string& store() const { return store_; }
  size_t count() const { return count_; }  // of facts
  // The next fact, valid until the next call; null after the last one and where the bytes are malformed.
  const InputFact* Next();

 private:
  explicit InputStateReader(absl::string_view bytes) : in_(bytes) {}
  BinaryReader in_;
  std::string salt_, store_;
  size_t count_ = 0;
  size_t read_ = 0;
  InputFact fact_;
};

class InputStateEncoder {
 public:
  InputStateEncoder(absl::string_view salt, absl::string_view store, size_t count);
  // In PathLess order.
  void Add(const ScanEntry& entry, const Digest& content, const Digest& xattrs, bool racy);
  std::string Finish() &&;

 private:
  std::string out_;
  std::string previous_;  // path
};

// True if `now` shows that the file is the one that was hashed: same type, size, mtime, ctime and inode, and
// not racy.
bool FactHolds(const InputFact& fact, const ScanEntry& now);
// Whether something that changed at `ctime` and was hashed from `hashed` on is racy.
bool IsRacy(const Timestamp& ctime, const Timestamp& hashed);

// The extended attributes that COPY keeps of a context's file, sorted: all but trusted.*, com.apple.* and
// security.* (BuildKit loses security.capability too, as it changes the owner after it has set it). `path` is
// not followed.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReadXattrs(const std::string& path);
Digest DigestXattrs(const std::vector<std::pair<std::string, std::string>>& xattrs);  // empty for none

// All entries that a selection reads or was led by, sorted and unique, the root left out: files, directories,
// links. gen lists the regular files among them as inputs of the edge.
std::vector<const ScanEntry*> SelectedInputs(const ContextScan& scan, const Selection& selection);

// The salt for the command of the COPY edge that writes `record`, whose selection in the present scan of
// `root` reads `inputs`. "" if it has never run. The recorded salt if all is as recorded, by content, type,
// mode, links, xattrs and set of paths; the state file is then rewritten with the present facts, if they
// differ, so that nothing is hashed twice. Else a new salt. Files that cannot be read count as changed: the
// step will say why.
absl::StatusOr<std::string> ChooseSalt(const std::string& record, const std::string& root,
                                       const std::vector<const ScanEntry*>& inputs);

}  // namespace kasane

#endif  // KASANE_SRC_CONTEXT_CONTEXT_STATE_H_
