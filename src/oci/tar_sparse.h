// Sparse files in PAX archives: GNU tar's formats 0.0, 0.1 and 1.0. What is stored is the pieces between the
// holes; a map, in the records of the member or in front of its content, says where they go.
#ifndef KASANE_SRC_OCI_TAR_SPARSE_H_
#define KASANE_SRC_OCI_TAR_SPARSE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/oci/pax.h"

namespace kasane {

class SparseContent {
 public:
  using Emit = std::function<absl::Status(absl::string_view)>;

  // nullopt: the records speak of no sparse file. `stored`: the size of what is stored; becomes that of the
  // file. `name` becomes the file's. kDataLoss: they contradict themselves.
  static absl::StatusOr<absl::optional<SparseContent>> Read(const PaxRecords& records, std::string* name,
                                                            int64_t* stored);

  // What is stored, in pieces of any size; the file's content goes to `emit`, holes as zeros.
  absl::Status Write(absl::string_view data, const Emit& emit);
  absl::Status Finish(const Emit& emit);  // after all of it

 private:
  struct Piece {
    int64_t offset = 0, size = 0;
  };

  absl::Status SetMap(const std::vector<absl::string_view>& numbers);
  absl::Status TakeMap(absl::string_view* data);
  absl::Status EmitHole(int64_t until, const Emit& emit);

  int64_t size_ = 0;
  bool has_map_ = false;
  std::string text_;      // of the map in front of the content, as far as it has come: whole blocks
  int64_t newlines_ = 0;  // in it
  std::vector<Piece> pieces_;
  size_t next_ = 0;
  int64_t at_ = 0;
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_TAR_SPARSE_H_
