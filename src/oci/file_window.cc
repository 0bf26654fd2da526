#include "src/oci/file_window.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int64_t kWindow = 4 << 20;
// A mapping costs some 5 us; so does the copy of so many bytes.
constexpr int64_t kWorthMapping = 32 << 10;
// What follows within so many bytes is read in order: a pack has headers between its files.
constexpr int64_t kNear = 64 << 10;

}  // namespace

absl::Status FileWindow::Map(int64_t offset, int64_t size, const std::string& name_for_errors) {
  mapped_ = nullptr;
  const int64_t length = std::min(std::max(size, kWindow), file_size_ - offset);
  ASSIGN_OR_RETURN(mapped_, MappedFile::Map(file_->get(), offset, length, name_for_errors));
  begin_ = offset;
  return absl::OkStatus();
}

absl::StatusOr<FragmentBytes> FileWindow::Read(const std::shared_ptr<const UniqueFd>& file, int64_t offset,
                                               int64_t size, const std::string& name_for_errors) {
  if (file != file_) {
    struct stat st;
    if (fstat(file->get(), &st) != 0) {
      return ErrnoStatus(errno, absl::StrCat("cannot stat ", name_for_errors));
    }
    file_ = file;
    file_size_ = st.st_size;
    next_ = -kNear - 1;
    mapped_ = nullptr;
  }
  if (offset < 0 || size < 0 || offset > file_size_ - size) {
    return absl::DataLossError(absl::StrCat(name_for_errors, " ends early"));
  }
  const bool is_near = offset >= next_ && offset <= next_ + kNear;
  next_ = offset + size;
  if (mapped_ == nullptr || offset < begin_ ||
      next_ > begin_ + static_cast<int64_t>(mapped_->bytes().size())) {
    if (size < kWorthMapping && !is_near) {
      FragmentBytes copy(static_cast<size_t>(size));
      RETURN_IF_ERROR(PReadExactly(file->get(), copy.data(), copy.size(), offset, name_for_errors));
      return copy;
    }
    RETURN_IF_ERROR(Map(offset, size, name_for_errors));
  }
  return FragmentBytes::Mapped(
      mapped_, mapped_->bytes().substr(static_cast<size_t>(offset - begin_), static_cast<size_t>(size)));
}

}  // namespace kasane
