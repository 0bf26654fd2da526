// kasane.lock: what the names in a Dockerfile meant when `gen lock` looked.
//
//   version = 1
//   [image]
//   "docker.io/library/golang:latest linux/amd64" = "sha256:.."      # of that platform's manifest
//   [repository]
//   "https://example.org/x.git main" = { ref = "refs/heads/main", object = "<hex>", commit = "<hex>" }
//   [file]
//   "https://example.org/x.tar.gz" = "sha256:.."
#ifndef KASANE_SRC_CONFIG_LOCK_FILE_H_
#define KASANE_SRC_CONFIG_LOCK_FILE_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"
#include "src/base/digest.h"

namespace kasane {

struct LockedNames {
  struct Repository {
    std::string ref, object, commit;
  };
  std::map<std::string, Digest> images;            // "REFERENCE PLATFORM"
  std::map<std::string, Repository> repositories;  // "REMOTE REF"
  std::map<std::string, Digest> files;             // by URL, without a password
};

// False: `error` says where. `file` is the name for it.
bool ParseLockFile(absl::string_view text, const std::string& file, LockedNames* lock, Diagnostic* error);
std::string EncodeLockFile(const LockedNames& lock);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_LOCK_FILE_H_
