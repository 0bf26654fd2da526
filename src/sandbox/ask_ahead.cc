#include "src/sandbox/ask_ahead.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "absl/strings/string_view.h"
#include "src/base/file.h"

namespace kasane {
namespace {

void List(int root, const std::string& path) {
  const char* name = path.empty() ? "." : path.c_str();
  UniqueFd directory(openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  char buffer[32 << 10];
  while (directory.valid() && syscall(SYS_getdents64, directory.get(), buffer, sizeof(buffer)) > 0) {
  }
}

// The directory that the last name was asked of: the next is one of its, as a rule.
class Place {
 public:
  explicit Place(int root) : root_(root) {}
  // -1 if it is not there.
  int Enter(absl::string_view directory) {
    if (directory.empty()) return root_;
    if (directory != path_) {
      path_ = std::string(directory);
      fd_.reset(openat(root_, path_.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    }
    return fd_.get();
  }

 private:
  const int root_;
  std::string path_;
  UniqueFd fd_;
};

// Waits for nothing: the kernel asks for all pages, and the next file is open before they are there.
void Read(int directory, const char* name) {
  UniqueFd file(openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.valid()) posix_fadvise(file.get(), 0, 0, POSIX_FADV_WILLNEED);
}

}  // namespace

void AskAll(const std::string& directory, const Questions& questions) {
  const UniqueFd root(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return;
  for (const std::string& path : questions.lists) List(root.get(), path);
  Place at(root.get());
  for (const std::string& path : questions.contents) Read(at.Enter(Dirname(path)), Basename(path).data());
  struct stat st;
  for (const std::string& path : questions.names)
    (void)fstatat(at.Enter(Dirname(path)), Basename(path).data(), &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
}

}  // namespace kasane
