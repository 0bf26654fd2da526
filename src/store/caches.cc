#include "src/store/caches.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "src/base/binary.h"
#include "src/base/digest.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/store/store_impl.h"

namespace kasane {
namespace {

std::string RootOf(const Store& store) { return JoinPath(store.directory(), "caches"); }

std::string PlaceOf(const Store& store, const CacheName& name) {
  std::string key;
  PutBytes(&key, name.id);
  PutBytes(&key, name.base);
  return JoinPath(RootOf(store), Sha256Of(key).ToHex().substr(0, 16));
}

absl::StatusOr<std::string> NewGeneration() {
  uint64_t number = 0;
  if (getrandom(&number, sizeof(number), 0) != static_cast<ssize_t>(sizeof(number))) {
    return ErrnoStatus(errno, "cannot make a random number");
  }
  return absl::StrFormat("%016x", number);
}

std::vector<std::string> ListNames(const std::string& directory) {
  std::vector<std::string> names;
  DIR* dir = opendir(directory.c_str());
  if (dir == nullptr) return names;
  while (dirent* entry = readdir(dir)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

// The numbers of a name's directories, ascending.
std::vector<int> ListNumbers(const std::string& place) {
  std::vector<int> numbers;
  for (const std::string& name : ListNames(place)) {
    int number = 0;
    if (absl::SimpleAtoi(name, &number) && number >= 0) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

// The directories of one name.
class CacheKeeper {
 public:
  CacheKeeper(Store* store, const CacheName& name)
      : store_(store), name_(name), place_(PlaceOf(*store, name)) {}

  std::string DirectoryOf(int number) const { return absl::StrCat(place_, "/", number); }

  // kUnavailable: others hold it. kNotFound: it is gone. With `wait`, waits for the others.
  absl::StatusOr<CacheLease> Take(int number, bool shared, bool wait) const {
    const std::string directory = DirectoryOf(number);
    const std::string path = directory + "/lock";
    CacheLease lease;
    ASSIGN_OR_RETURN(lease.lock_, OpenFile(path, O_RDWR));
    while (flock(lease.lock_.get(), (shared ? LOCK_SH : LOCK_EX) | (wait ? 0 : LOCK_NB)) != 0) {
      if (errno == EWOULDBLOCK) return absl::UnavailableError(absl::StrCat(name_.id, " is in use"));
      if (errno != EINTR) return ErrnoStatus(errno, absl::StrCat("cannot lock ", path));
    }
    struct stat locked, named;
    if (fstat(lease.lock_.get(), &locked) != 0 || lstat(path.c_str(), &named) != 0 ||
        locked.st_ino != named.st_ino) {
      return absl::NotFoundError(absl::StrCat(directory, " was removed"));
    }
    ASSIGN_OR_RETURN(lease.generation_, ReadFile(directory + "/generation"));
    lease.directory_ = directory + "/data";
    futimens(lease.lock_.get(), nullptr);                                   // the last use
    if (!PathExists(place_ + "/cache.json")) RETURN_IF_ERROR(WriteName());  // a removal crossed a creation
    return lease;
  }

  // Makes a directory of that number. kAlreadyExists: somebody else did.
  absl::Status Make(int number, const std::string& generation,
                    const std::function<absl::Status(const std::string&)>& fill) const {
    ASSIGN_OR_RETURN(const ScratchDir scratch, store_->NewScratch());
    const std::string made = scratch.path() + "/cache";
    RETURN_IF_ERROR(MakeDirs(made, 0700));
    const std::string data = made + "/data";
    if (mkdir(data.c_str(), 0755) != 0 || chmod(data.c_str(), 0755) != 0) {
      return ErrnoStatus(errno, absl::StrCat("cannot create ", data));
    }
    if (fill) RETURN_IF_ERROR(fill(data));
    RETURN_IF_ERROR(WriteFileAtomic(made + "/generation", generation));
    RETURN_IF_ERROR(WriteFileAtomic(made + "/lock", ""));
    RETURN_IF_ERROR(MakeDirs(place_, 0700));
    RETURN_IF_ERROR(WriteName());
    const std::string directory = DirectoryOf(number);
    if (rename(made.c_str(), directory.c_str()) == 0) return absl::OkStatus();
    // ENOENT: the last directory of this name was just removed, and the folder with it.
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT) return absl::AlreadyExistsError(directory);
    return ErrnoStatus(errno, absl::StrCat("cannot rename ", made, " to ", directory));
  }

  absl::StatusOr<CacheLease> Lease(const CacheRequest& request) const {
    const bool shared = request.sharing == CacheSharing::kShared;
    bool said = false;
    while (true) {
      const std::vector<int> numbers = ListNumbers(place_);
      for (const int number : numbers) {
        absl::StatusOr<CacheLease> lease = Take(number, shared, false);
        if (lease.ok() || !IsPassing(lease.status())) return lease;
      }
      if (request.sharing == CacheSharing::kLocked && !numbers.empty()) {
        if (request.on_wait && !said) request.on_wait();
        said = true;
        absl::StatusOr<CacheLease> lease = Take(numbers[0], shared, true);
        if (lease.ok() || !IsPassing(lease.status())) return lease;
        continue;
      }
      int number = 0;  // the lowest that is free
      while (std::binary_search(numbers.begin(), numbers.end(), number)) ++number;
      ASSIGN_OR_RETURN(const std::string generation, NewGeneration());
      const absl::Status made = Make(number, generation, request.fill);
      if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
    }
  }

  // Takes it away from its name. The caller holds it alone.
  absl::Status Remove(int number) const {
    ASSIGN_OR_RETURN(const ScratchDir scratch, store_->NewScratch());
    const std::string directory = DirectoryOf(number);
    if (rename(directory.c_str(), (scratch.path() + "/cache").c_str()) != 0) {
      return ErrnoStatus(errno, absl::StrCat("cannot remove ", directory));
    }
    // What ninja takes for done may have counted on it: all edges look again.
    RETURN_IF_ERROR(store_->impl()->NextGeneration());
    if (!ListNumbers(place_).empty()) return absl::OkStatus();
    unlink((place_ + "/cache.json").c_str());
    rmdir(place_.c_str());
    return absl::OkStatus();
  }

 private:
  absl::Status WriteName() const {
    const Json json = {{"version", 1}, {"id", name_.id}, {"base", name_.base}};
    return WriteFileIfChanged(place_ + "/cache.json", DumpJson(json)).status();
  }

  static bool IsPassing(const absl::Status& status) {
    return absl::IsUnavailable(status) || absl::IsNotFound(status);
  }

  Store* const store_;
  const CacheName& name_;
  const std::string place_;
};

absl::StatusOr<CacheLease> LeaseCache(Store* store, const CacheRequest& request) {
  return CacheKeeper(store, request.name).Lease(request);
}

std::vector<std::string> CacheGenerations(const Store& store, const CacheName& name) {
  std::vector<std::string> out;
  const std::string place = PlaceOf(store, name);
  for (const int number : ListNumbers(place)) {
    absl::StatusOr<std::string> generation = ReadFile(absl::StrCat(place, "/", number, "/generation"));
    if (generation.ok()) out.push_back(*std::move(generation));
  }
  return out;
}

absl::StatusOr<std::vector<CacheInfo>> ListCaches(const Store& store) {
  std::vector<CacheInfo> out;
  for (const std::string& key : ListNames(RootOf(store))) {
    const std::string place = JoinPath(RootOf(store), key);
    const absl::StatusOr<std::string> text = ReadFile(place + "/cache.json");
    if (!text.ok()) continue;
    ASSIGN_OR_RETURN(const Json json, ParseJson(*text, place + "/cache.json"));
    for (const int number : ListNumbers(place)) {
      CacheInfo info;
      info.name = {JsonString(json, "id"), JsonString(json, "base")};
      info.number = number;
      info.directory = absl::StrCat(place, "/", number, "/data");
      struct stat st;
      if (lstat(absl::StrCat(place, "/", number, "/lock").c_str(), &st) != 0) continue;
      info.last_used = st.st_mtim.tv_sec;
      info.generation = ReadFile(absl::StrCat(place, "/", number, "/generation")).value_or("");
      const TreeCount count = CountTree(info.directory);
      info.files = count.files, info.bytes = count.bytes;
      out.push_back(std::move(info));
    }
  }
  std::sort(out.begin(), out.end(), [](const CacheInfo& a, const CacheInfo& b) {
    return a.name == b.name ? a.number < b.number : a.name < b.name;
  });
  return out;
}

absl::StatusOr<CacheLease> HoldCache(Store* store, const CacheName& name, int number) {
  return CacheKeeper(store, name).Take(number, false, false);
}

absl::Status RemoveCache(Store* store, const CacheName& name, int number) {
  const CacheKeeper keeper(store, name);
  ASSIGN_OR_RETURN(const CacheLease lease, keeper.Take(number, false, false));
  return keeper.Remove(number);
}

absl::Status ReplaceCache(Store* store, const CacheName& name, int number, const std::string& generation,
                          const std::function<absl::Status(const std::string&)>& fill) {
  const CacheKeeper keeper(store, name);
  absl::StatusOr<CacheLease> lease = keeper.Take(number, false, false);
  if (absl::IsUnavailable(lease.status())) return lease.status();
  // Filled before what is there goes: a bad archive costs nothing.
  if (!lease.ok()) return keeper.Make(number, generation, fill);
  return keeper.Make(number, generation, [&](const std::string& data) -> absl::Status {
    if (fill) RETURN_IF_ERROR(fill(data));
    return keeper.Remove(number);
  });
}

}  // namespace kasane
