#include "src/sandbox/ask_ahead.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "src/base/file.h"

namespace kasane {
namespace {

constexpr off_t kReadAhead = 128 << 10;  // as much as the kernel takes of one request

void List(int root, const std::string& path) {
  const char* name = path.empty() ? "." : path.c_str();
  UniqueFd directory(openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  char buffer[32 << 10];
  while (directory.valid() && syscall(SYS_getdents64, directory.get(), buffer, sizeof(buffer)) > 0) {
  }
}

// Waits for nothing: the kernel asks for all pages, and the next file is open before they are there.
void Read(int root, const std::string& path) {
  UniqueFd file(openat(root, path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat st;
  if (!file.valid() || fstat(file.get(), &st) != 0) return;
  for (off_t at = 0; at < st.st_size; at += kReadAhead)
    posix_fadvise(file.get(), at, kReadAhead, POSIX_FADV_WILLNEED);
}

}  // namespace

void AskAll(const std::vector<AskedPlace>& places) {
  struct stat st;
  for (const AskedPlace& place : places) {
    UniqueFd root(open(place.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root.valid()) continue;
    for (const std::string& path : place.questions.lists) List(root.get(), path);
    for (const std::string& path : place.questions.contents) Read(root.get(), path);
    for (const std::string& path : place.questions.names)
      (void)fstatat(root.get(), path.c_str(), &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
  }
}

}  // namespace kasane
