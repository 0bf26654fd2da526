// A range of a file, mapped read-only.
#ifndef KASANE_SRC_STORE_MAPPED_FILE_H_
#define KASANE_SRC_STORE_MAPPED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

class MappedFile {
 public:
  // The file must not be shortened while it is mapped (files of the store never are). The descriptor may be
  // closed.
  static absl::StatusOr<std::shared_ptr<const MappedFile>> Map(int fd, int64_t offset, int64_t size,
                                                               const std::string& name_for_errors);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  absl::string_view bytes() const { return bytes_; }

 private:
  MappedFile() = default;
  void* start_ = nullptr;
  size_t length_ = 0;
  absl::string_view bytes_;
};

}  // namespace kasane

#endif  // KASANE_SRC_STORE_MAPPED_FILE_H_
