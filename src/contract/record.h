// The edge contract, second half: records. The small JSON file that a step leaves for ninja: written only if
// changed (restat), always freshly, never with a preserved mtime. Equal content gives equal bytes.
#ifndef KASANE_SRC_CONTRACT_RECORD_H_
#define KASANE_SRC_CONTRACT_RECORD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"

namespace kasane {

struct LayerInfo {
  Digest diff_id;
  Digest blob;
  int64_t size = 0;        // of the blob
  std::string media_type;  // OCI or Docker type, as pulled or as written
};

// One line of JSON: {"version":1,"kind":...}, members in the order below, empty ones left out.
struct Record {
  std::string kind;     // the spec's kind
  Digest delta;         // pull, copy, workdir, run
  Digest tree;          // base: digest of the tree file
  std::string created;  // RFC 3339, UTC, when the delta was first made (nanoseconds if there are any)
  std::string started;  // run: when the execution that made the delta began; the same form as `created`
  Digest log;           // run: blob of the output
  // run: places of gaps in the tree after it (src/tree/gap.h), sorted, and the spec that gives the whole
  // delta, if this one was made with warm tools.
  std::vector<std::string> gaps;
  Digest warm;
  std::vector<LayerInfo> layers;  // pull, layer: one; base: all, bottom first
  Digest manifest;                // image, BaseSpec::built; index, sbom, provenance: the document
  int64_t manifest_size = 0;
  std::string manifest_media_type;  // of a statement: its predicate's type
  Digest config;                    // image, BaseSpec::built
};

std::string EncodeRecord(const Record& record);
absl::StatusOr<Record> DecodeRecord(absl::string_view json, absl::string_view name_for_errors);
absl::StatusOr<Record> ReadRecord(const std::string& path);
// Leaves the file alone if it already says so. True: written.
absl::StatusOr<bool> WriteRecord(const std::string& path, const Record& record);

// The tree below a step, from the records below it in order (--below): the base record's tree file, or, for
// pulls that feed a base, none; then every delta.
struct Chain {
  Digest base_tree;  // empty: scratch
  std::vector<Digest> deltas;
};
absl::StatusOr<Chain> ReadChain(const std::vector<std::string>& record_paths);

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_RECORD_H_
