// A cache mount as a tar, to carry it from machine to machine: first "cache.json"
// ({"version":1,"id":"...","base":"...","generation":"..."}), then "data/" and all below it, directories
// before what they hold. Owners, modes, links, extended attributes and times (whole seconds) are kept;
// sockets are left out.
#ifndef KASANE_SRC_OCI_CACHE_ARCHIVE_H_
#define KASANE_SRC_OCI_CACHE_ARCHIVE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/store/caches.h"

namespace kasane {

// Writes `info` and what is in info.directory to the descriptor.
absl::Status WriteCacheArchive(const CacheInfo& info, int fd);

// Reads a descriptor to its end. `begin` is called once, with what cache.json says (name, generation), and
// gives the empty directory to unpack into. No path or link of the archive leads out of it. kDataLoss: it is
// no such archive.
absl::Status ReadCacheArchive(int fd, absl::FunctionRef<absl::StatusOr<std::string>(const CacheInfo&)> begin);

// What cache.json says; the descriptor is read up to there.
absl::StatusOr<CacheInfo> ReadCacheArchiveHead(int fd);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_CACHE_ARCHIVE_H_
