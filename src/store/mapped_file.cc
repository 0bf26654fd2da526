#include "src/store/mapped_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {

absl::StatusOr<std::shared_ptr<const MappedFile>> MappedFile::Map(int fd, int64_t offset, int64_t size,
                                                                  const std::string& name_for_errors) {
  std::shared_ptr<MappedFile> file(new MappedFile);
  if (size == 0) return std::shared_ptr<const MappedFile>(file);
  int64_t skipped = offset % sysconf(_SC_PAGESIZE);
  size_t length = static_cast<size_t>(size + skipped);
  void* start = mmap(nullptr, length, PROT_READ, MAP_PRIVATE, fd, offset - skipped);
  if (start == MAP_FAILED) return ErrnoStatus(errno, absl::StrCat("cannot map ", name_for_errors));
  file->start_ = start;
  file->length_ = length;
  file->bytes_ = absl::string_view(static_cast<const char*>(start) + skipped, static_cast<size_t>(size));
  return std::shared_ptr<const MappedFile>(file);
}

MappedFile::~MappedFile() {
  if (start_ != nullptr) munmap(start_, length_);
}

}  // namespace kasane
