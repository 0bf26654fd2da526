// Cache mounts: directories that outlive a build and that RUNs write to. No result is made of what is in
// them.
//
// Layout under the store's directory:
//   caches/<16 hex digits of the name's digest>/cache.json   {"version":1,"id":"...","base":"..."}
//   caches/<..>/<n>/data/        the directory that is mounted; n from 0: more than one if one was not enough
//   caches/<..>/<n>/generation   16 random hex digits, made with the directory: another one means "emptied"
//   caches/<..>/<n>/lock         held shared or exclusively (flock) by whoever uses it; its mtime is the last
//                                use
//   caches/<..>/<n>/clock        what RUNs with this cache were shown (src/steps/run_clock.h)
// A directory appears and goes by rename, so it is there with all of these or not at all.
#ifndef KASANE_SRC_STORE_CACHES_H_
#define KASANE_SRC_STORE_CACHES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/base/file.h"
#include "src/store/store.h"

namespace kasane {

struct CacheName {
  std::string id;    // as the Dockerfile says it, its namespace in front
  std::string base;  // what it was made of, if not of nothing: caches of one id and two bases are two
  friend bool operator<(const CacheName& a, const CacheName& b) {
    return a.id != b.id ? a.id < b.id : a.base < b.base;
  }
  friend bool operator==(const CacheName& a, const CacheName& b) { return a.id == b.id && a.base == b.base; }
};

enum class CacheSharing {
  kShared,   // with all others who share
  kPrivate,  // alone; if it is in use, another directory of the same name is taken or made
  kLocked,   // alone; waits
};

// The use of a cache, given back by the destructor, or by the end of the process.
class CacheLease {
 public:
  CacheLease() = default;
  const std::string& directory() const { return directory_; }  // absolute: what is to be mounted
  const std::string& generation() const { return generation_; }

 private:
  friend class CacheKeeper;
  std::string directory_;
  std::string generation_;
  UniqueFd lock_;
};

struct CacheRequest {
  CacheName name;
  CacheSharing sharing = CacheSharing::kShared;
  // Makes the contents of a new cache in an empty directory (0755, owned by the caller). May be null.
  std::function<absl::Status(const std::string& directory)> fill;
  // Called once before waiting for somebody else. May be null.
  std::function<void()> on_wait;
};

// Several at once must be asked for in the order of their names, or two processes may wait for each other.
absl::StatusOr<CacheLease> LeaseCache(Store* store, const CacheRequest& request);

// The generations of the directories that are there.
std::vector<std::string> CacheGenerations(const Store& store, const CacheName& name);

struct CacheInfo {
  CacheName name;
  int number = 0;
  std::string generation;
  std::string directory;
  int64_t last_used = 0;  // seconds since 1970
  int64_t bytes = 0;      // of disk
  int64_t files = 0;      // names of anything but directories
};
// In the order of names and numbers. What others remove meanwhile is left out.
absl::StatusOr<std::vector<CacheInfo>> ListCaches(const Store& store);

// That one, alone, without waiting. kUnavailable: it is in use.
absl::StatusOr<CacheLease> HoldCache(Store* store, const CacheName& name, int number);
// kUnavailable: it is in use.
absl::Status RemoveCache(Store* store, const CacheName& name, int number);
// Makes the directory of this name and number anew with this generation, in the place of what is there.
// kUnavailable: that is in use.
absl::Status ReplaceCache(Store* store, const CacheName& name, int number, const std::string& generation,
                          const std::function<absl::Status(const std::string& directory)>& fill);

}  // namespace kasane

#endif  // KASANE_SRC_STORE_CACHES_H_
