// Makes a delta of the members of a layer tar: paths checked, whiteouts and opaque markers understood, hard
// links gathered into link groups, duplicates resolved as an unpacking would resolve them.
#ifndef KASANE_SRC_OCI_DELTA_BUILDER_H_
#define KASANE_SRC_OCI_DELTA_BUILDER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/oci/tar_header.h"
#include "src/tree/delta.h"

namespace kasane {

inline constexpr absl::string_view kWhiteoutPrefix = ".wh.";
inline constexpr absl::string_view kOpaqueMarker = ".wh..wh..opq";

// A member's name as a path of a delta: leading slashes and "." components are cut (as containerd does); ".."
// anywhere and NUL are refused. "" is the root.
absl::StatusOr<std::string> LayerPath(absl::string_view name);

// What is refused (kDataLoss or kUnimplemented): unsafe paths, links to files that the layer does not hold,
// members below a member that is no directory, more metadata than kMaxMetadataBytes.
class DeltaBuilder {
 public:
  // Bounds the memory that a small but hostile blob can make us use.
  static constexpr uint64_t kMaxMetadataBytes = uint64_t{4} << 30;

  // Members in the order of the tar. For a file, SetContent follows.
  absl::Status Add(const TarHeader& header);
  void SetContent(const Digest& digest);  // of the file added last

  absl::StatusOr<Delta> Finish();

 private:
  struct Member {
    DeltaEntry entry;
    int link_to = -1;      // hard links: index of the member that has the content
    bool ignored = false;  // a marker; it takes the content that may follow
  };
  void AddIgnored();
  absl::Status AddWhiteout(absl::string_view directory, absl::string_view name);
  absl::StatusOr<std::vector<size_t>> LiveMembers() const;  // sorted by path, one for each path
  void MakeLinkGroups(const std::vector<size_t>& live);

  std::vector<Member> members_;
  absl::flat_hash_map<std::string, int> latest_;  // path -> index of the last member of that name
  absl::flat_hash_set<std::string> whiteouts_;
  absl::flat_hash_set<std::string> opaque_;
  uint64_t metadata_bytes_ = 0;
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_DELTA_BUILDER_H_
