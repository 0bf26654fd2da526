// Reads ranges of files that lie one behind another, through a mapping of the few MiB around: as copies, a
// layer's bytes would take a quarter of its time.
#ifndef KASANE_SRC_OCI_FILE_WINDOW_H_
#define KASANE_SRC_OCI_FILE_WINDOW_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "src/base/file.h"
#include "src/oci/fragment_bytes.h"
#include "src/store/mapped_file.h"

namespace kasane {

// Of files that are never shortened (those of the store). Not thread safe.
class FileWindow {
 public:
  // `size` bytes at `offset`, which may outlive this and the descriptor; kDataLoss if the file ends before. A
  // small range far from the last one is read, others are mapped.
  absl::StatusOr<FragmentBytes> Read(const std::shared_ptr<const UniqueFd>& file, int64_t offset,
                                     int64_t size, const std::string& name_for_errors);

 private:
  absl::Status Map(int64_t offset, int64_t size, const std::string& name_for_errors);

  std::shared_ptr<const UniqueFd> file_;
  int64_t file_size_ = 0;
  int64_t next_ = 0;   // where what was read last ends
  int64_t begin_ = 0;  // of what is mapped
  std::shared_ptr<const MappedFile> mapped_;
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_FILE_WINDOW_H_
