// An archive for `gen cache import`, from a stranger, unpacked into a directory beside another one. Whatever
// the bytes, the other one stays as it is.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/oci/cache_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string* const kRoot = [] {
    auto* root = new std::string("/tmp/cache_archive_fuzz.XXXXXX");
    if (mkdtemp(root->data()) == nullptr) abort();
    if (!kasane::WriteFileAtomic(*root + "/beside", "untouched").ok()) abort();
    return root;
  }();
  const std::string directory = *kRoot + "/data";
  if (mkdir(directory.c_str(), 0755) != 0) abort();
  const int fd = memfd_create("archive", MFD_CLOEXEC);
  if (write(fd, data, size) != static_cast<ssize_t>(size)) abort();
  lseek(fd, 0, SEEK_SET);
  kasane::ReadCacheArchive(fd, [&](const kasane::CacheInfo&) -> absl::StatusOr<std::string> {
    return directory;
  }).IgnoreError();
  close(fd);
  if (kasane::ReadFile(*kRoot + "/beside").value_or("") != "untouched") abort();
  if (!kasane::RemoveTree(directory).ok()) abort();
  return 0;
}
