#include "src/store/store.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/status.h"
#include "src/store/scratch.h"
#include "src/store/store_impl.h"

namespace kasane {
namespace {

constexpr absl::string_view kFormat = "1\n";
constexpr int kUseGranularity = 3600;  // seconds

// The store's id; "" if there is none.
std::string ReadId(const std::string& directory) {
  std::string id = ReadFile(absl::StrCat(directory, "/id")).value_or("");
  absl::string_view stripped = absl::StripSuffix(id, "\n");
  return stripped.size() == 16 ? std::string(stripped) : "";
}

uint64_t ReadGeneration(const std::string& directory) {
  uint64_t generation = 0;
  std::string text = ReadFile(absl::StrCat(directory, "/generation")).value_or("");
  return absl::SimpleAtoi(text, &generation) ? generation : 0;
}

// Two processes may do this at once: both go on with the id that was there first.
absl::Status Initialise(const std::string& directory) {
  for (const char* folder : {"blobs/sha256", "packs", "results", "tmp"}) {
    RETURN_IF_ERROR(MakeDirs(absl::StrCat(directory, "/", folder)));
  }
  if (ReadId(directory).empty()) {
    char random[8];
    if (getrandom(random, sizeof(random), 0) != sizeof(random)) return ErrnoStatus(errno, "getrandom");
    std::string path = absl::StrCat(directory, "/id");
    std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
    RETURN_IF_ERROR(WriteFileAtomic(
        temporary, absl::StrCat(absl::BytesToHexString(absl::string_view(random, sizeof(random))), "\n")));
    int result = link(temporary.c_str(), path.c_str());
    // An unreadable one is what a power loss left.
    if (result != 0 && ReadId(directory).empty()) result = rename(temporary.c_str(), path.c_str());
    int error_number = errno;
    unlink(temporary.c_str());
    if (result != 0 && ReadId(directory).empty()) {
      return ErrnoStatus(error_number, absl::StrCat("cannot create ", path));
    }
  }
  return WriteFileAtomic(absl::StrCat(directory, "/format"), kFormat);
}

}  // namespace

std::string Store::DefaultPath() {
  auto variable = [](const char* name) {
    const char* value = getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (std::string path = variable("KASANE_STORE"); !path.empty()) return AbsolutePath(path);
  // The XDG specification: a relative path is to be ignored.
  if (std::string path = variable("XDG_CACHE_HOME"); !path.empty() && path[0] == '/') {
    return JoinPath(path, "kasane");
  }
  std::string home = variable("HOME");
  if (home.empty()) {  // as in an action of Bazel's
    const passwd* user = getpwuid(geteuid());
    home = user == nullptr ? "" : user->pw_dir;
  }
  return AbsolutePath(JoinPath(home, ".cache/kasane"));
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& given) {
  std::string directory = AbsolutePath(given);
  std::string format = ReadFile(absl::StrCat(directory, "/format")).value_or("");
  if (format.empty() || ReadId(directory).empty()) {
    RETURN_IF_ERROR(Annotate(Initialise(directory), "cannot create the store"));
  } else if (format != kFormat) {
    return absl::FailedPreconditionError(absl::StrCat("the store ", directory, " has format ",
                                                      absl::StripSuffix(format, "\n"),
                                                      ", which this version does not know"));
  }
  auto impl = std::make_unique<Impl>(directory);
  std::string lock_path = absl::StrCat(directory, "/lock");
  ASSIGN_OR_RETURN(impl->lock, OpenFile(lock_path, O_RDWR | O_CREAT, 0644));
  RETURN_IF_ERROR(LockFile(impl->lock.get(), LOCK_SH, lock_path));
  impl->identity = ReadIdentity(directory);
  SpreadScratch(absl::StrCat(directory, "/tmp"));
  RemoveDeadScratch(absl::StrCat(directory, "/tmp"));
  std::unique_ptr<Store> store(new Store(std::move(impl)));
  store->impl_->store = store.get();
  return store;
}

std::string Store::ReadIdentity(const std::string& directory) {
  std::string id = ReadId(directory);
  return id.empty() ? "" : absl::StrCat(id, ".", ReadGeneration(directory));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;
const std::string& Store::directory() const { return impl_->directory; }
std::string Store::identity() const { return impl_->identity; }

std::string Store::Impl::BlobPath(const Digest& digest) const {
  std::string hex = digest.ToHex();
  return absl::StrCat(directory, "/blobs/sha256/", hex.substr(0, 2), "/", hex);
}

std::string Store::Impl::ResultPath(const Digest& key) const {
  std::string hex = key.ToHex();
  return absl::StrCat(directory, "/results/", hex.substr(0, 2), "/", hex);
}

absl::StatusOr<std::string> Store::Impl::TemporaryPath() {
  std::lock_guard<std::mutex> guard(mutex);
  if (scratch.path().empty()) {
    ASSIGN_OR_RETURN(scratch, store->NewScratch());
  }
  return absl::StrCat(scratch.path(), "/", temporaries++);
}

absl::Status Store::Impl::Publish(const std::string& temporary, const std::string& path, bool by_link) const {
  const auto move = [&] {
    if (!by_link || link(temporary.c_str(), path.c_str()) != 0)
      return rename(temporary.c_str(), path.c_str());
    unlink(temporary.c_str());
    return 0;
  };
  if (move() == 0) return absl::OkStatus();
  absl::Status status = ErrnoStatus(errno, absl::StrCat("cannot create ", path));
  if (errno == ENOENT) {
    status = MakeDirs(std::string(Dirname(path)));
    if (status.ok()) {
      if (move() == 0) return absl::OkStatus();
      status = ErrnoStatus(errno, absl::StrCat("cannot create ", path));
    }
  }
  unlink(temporary.c_str());
  return status;
}

absl::Status Store::Impl::NextGeneration() {
  return WriteFileAtomic(absl::StrCat(directory, "/generation"),
                         absl::StrCat(ReadGeneration(directory) + 1, "\n"));
}

absl::StatusOr<std::string> Store::GetResult(const Digest& key) const {
  std::string path = impl_->ResultPath(key);
  absl::StatusOr<UniqueFd> fd = OpenFile(path, O_RDONLY);
  if (absl::IsNotFound(fd.status())) return absl::NotFoundError(absl::StrCat("no result ", key.ToHex()));
  if (!fd.ok()) return fd.status();
  ASSIGN_OR_RETURN(std::string text, ReadAllFrom(fd->get(), path));
  constexpr size_t kLine = 65;
  absl::string_view value = absl::string_view(text).substr(std::min(kLine, text.size()));
  if (text.size() < kLine || text.substr(0, kLine) != absl::StrCat(Sha256Of(value).ToHex(), "\n")) {
    unlink(path.c_str());
    return absl::NotFoundError(absl::StrCat("result ", key.ToHex(), " was damaged and is removed"));
  }
  struct stat st;
  if (fstat(fd->get(), &st) == 0 && time(nullptr) - st.st_mtime > kUseGranularity) {
    utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  }
  return std::string(value);
}

absl::Status Store::PutResult(const Digest& key, absl::string_view value) {
  ASSIGN_OR_RETURN(std::string temporary, impl_->TemporaryPath());
  std::string text = absl::StrCat(Sha256Of(value).ToHex(), "\n", value);
  RETURN_IF_ERROR(WriteFileAtomic(temporary, text));
  return impl_->Publish(temporary, impl_->ResultPath(key), /*by_link=*/true);
}

}  // namespace kasane
