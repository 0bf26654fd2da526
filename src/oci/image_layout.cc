#include "src/oci/image_layout.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/oci/tar_writer.h"

namespace kasane {
namespace {

constexpr char kLayoutFile[] = "{\"imageLayoutVersion\":\"1.0.0\"}";

// All of a blob to the descriptor's position, in the kernel.
absl::Status SendBlob(const Store& store, const Digest& digest, int64_t size, int out,
                      const std::string& name) {
  ASSIGN_OR_RETURN(BlobRef ref, store.OpenBlob(digest));
  if (ref.size != size) {
    return absl::DataLossError(
        absl::StrCat("blob ", digest.ToString(), " has ", ref.size, " bytes, not ", size));
  }
  off_t offset = ref.offset;
  for (int64_t left = size; left > 0;) {
    ssize_t n = sendfile(out, ref.fd->get(), &offset, static_cast<size_t>(std::min<int64_t>(left, 1 << 30)));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoStatus(errno, absl::StrCat("cannot write ", name));
    if (n == 0) return absl::DataLossError(absl::StrCat("blob ", digest.ToString(), " is cut off"));
    left -= n;
  }
  return absl::OkStatus();
}

// A file that appears under its name only when it is complete.
class PendingFile {
 public:
  static absl::StatusOr<PendingFile> Create(const std::string& path) {
    PendingFile file;
    file.path_ = path;
    file.temporary_ = absl::StrCat(path, ".", getpid(), ".tmp");
    ASSIGN_OR_RETURN(file.fd_, OpenFile(file.temporary_, O_WRONLY | O_CREAT | O_TRUNC, 0644));
    return file;
  }
  PendingFile(PendingFile&&) = default;
  ~PendingFile() {
    if (fd_.valid()) unlink(temporary_.c_str());
  }
  int fd() const { return fd_.get(); }
  absl::Status Commit() {
    if (rename(temporary_.c_str(), path_.c_str()) != 0) {
      return ErrnoStatus(errno, absl::StrCat("cannot replace ", path_));
    }
    fd_.reset();
    return absl::OkStatus();
  }

 private:
  PendingFile() = default;
  std::string path_;
  std::string temporary_;
  UniqueFd fd_;
};

absl::Status PlaceBlob(const Store& store, const Digest& digest, int64_t size, const std::string& path) {
  struct stat present;
  bool there = lstat(path.c_str(), &present) == 0 && S_ISREG(present.st_mode) && present.st_size == size;
  absl::StatusOr<std::string> loose = store.LooseBlobPath(digest);
  struct stat stored;
  if (loose.ok() && stat(loose->c_str(), &stored) == 0 && stored.st_size == size) {
    if (there && present.st_dev == stored.st_dev && present.st_ino == stored.st_ino) return absl::OkStatus();
    std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
    if (link(loose->c_str(), temporary.c_str()) == 0) {
      if (rename(temporary.c_str(), path.c_str()) == 0) return absl::OkStatus();
      int error_number = errno;
      unlink(temporary.c_str());
      return ErrnoStatus(error_number, absl::StrCat("cannot replace ", path));
    }
  }
  if (there) return absl::OkStatus();
  ASSIGN_OR_RETURN(PendingFile file, PendingFile::Create(path));
  RETURN_IF_ERROR(SendBlob(store, digest, size, file.fd(), path));
  return file.Commit();
}

absl::Status RemoveOthers(const std::string& directory, const std::set<std::string>& keep) {
  DIR* dir = opendir(directory.c_str());
  if (dir == nullptr) return ErrnoStatus(errno, absl::StrCat("cannot list ", directory));
  std::vector<std::string> others;
  while (dirent* entry = readdir(dir)) {
    std::string name = entry->d_name;
    if (name != "." && name != ".." && keep.count(name) == 0) others.push_back(std::move(name));
  }
  closedir(dir);
  for (const std::string& name : others) RETURN_IF_ERROR(RemoveTree(JoinPath(directory, name)));
  return absl::OkStatus();
}

}  // namespace

namespace {

using Blobs = std::map<Digest, int64_t>;

// Adds the blobs of an image to `blobs`; its config, size and platform to `image`, its layers too.
absl::Status LoadManifest(const Store& store, const Digest& digest, StoredImage* image, Blobs* blobs) {
  ASSIGN_OR_RETURN(std::string manifest_text, store.ReadBlob(digest));
  ASSIGN_OR_RETURN(Json manifest, ParseJson(manifest_text, "the image's manifest"));
  ASSIGN_OR_RETURN(image->config, Digest::Parse(JsonString(JsonMember(manifest, "config"), "digest")));
  ASSIGN_OR_RETURN(std::string config_text, store.ReadBlob(image->config));
  ASSIGN_OR_RETURN(Json config, ParseJson(config_text, "the image's config"));
  image->descriptor.manifest = digest;
  image->descriptor.manifest_size = static_cast<int64_t>(manifest_text.size());
  image->descriptor.platform = PlatformOf(config);
  (*blobs)[digest] = image->descriptor.manifest_size;
  (*blobs)[image->config] = static_cast<int64_t>(config_text.size());
  for (const Json& layer : JsonMember(manifest, "layers")) {
    ASSIGN_OR_RETURN(Digest layer_digest, Digest::Parse(JsonString(layer, "digest")));
    image->layers.push_back(layer_digest);
    (*blobs)[layer_digest] = JsonInt(layer, "size");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StoredImage> LoadStoredImage(const Store& store, const Record& record,
                                            const std::vector<std::string>& names) {
  StoredImage image;
  Blobs blobs;
  image.is_index = record.manifest_media_type == kOciIndexType;
  if (image.is_index) {
    ASSIGN_OR_RETURN(const std::string text, store.ReadBlob(record.manifest));
    ASSIGN_OR_RETURN(const Json index, ParseJson(text, "the image's index"));
    for (const Json& item : JsonMember(index, "manifests")) {
      ASSIGN_OR_RETURN(const Digest digest, Digest::Parse(JsonString(item, "digest")));
      StoredImage part;
      RETURN_IF_ERROR(LoadManifest(store, digest, &part, &blobs));
    }
    image.descriptor.media_type = kOciIndexType;
    image.descriptor.manifest = record.manifest;
    image.descriptor.manifest_size = static_cast<int64_t>(text.size());
    blobs[record.manifest] = image.descriptor.manifest_size;
  } else {
    RETURN_IF_ERROR(LoadManifest(store, record.manifest, &image, &blobs));
  }
  image.descriptor.names = names;
  image.blobs.assign(blobs.begin(), blobs.end());
  return image;
}

absl::Status WriteImageLayout(const Store& store, const StoredImage& image, const std::string& directory) {
  const std::string blobs = JoinPath(directory, "blobs/sha256");
  RETURN_IF_ERROR(MakeDirs(blobs));
  std::set<std::string> names;
  for (const auto& [digest, size] : image.blobs) {
    RETURN_IF_ERROR(PlaceBlob(store, digest, size, JoinPath(blobs, digest.ToHex())));
    names.insert(digest.ToHex());
  }
  ASSIGN_OR_RETURN(std::string index, MakeIndex(image.descriptor));
  RETURN_IF_ERROR(WriteFileIfChanged(JoinPath(directory, "index.json"), index).status());
  RETURN_IF_ERROR(WriteFileIfChanged(JoinPath(directory, "oci-layout"), kLayoutFile).status());
  return RemoveOthers(blobs, names);
}

absl::Status WriteImageArchive(const Store& store, const StoredImage& image, const std::string& path) {
  ASSIGN_OR_RETURN(std::string index, MakeIndex(image.descriptor));
  std::string docker;
  if (!image.is_index) {
    ASSIGN_OR_RETURN(docker, MakeDockerManifest(image.config, image.layers, image.descriptor.names));
  }
  ASSIGN_OR_RETURN(PendingFile file, PendingFile::Create(path));

  std::string pending;  // written in one go with what comes next
  auto header = [&](const std::string& name, TarType type, uint32_t mode, int64_t size) {
    TarHeader h;
    h.name = name;
    h.type = type;
    h.mode = mode;
    h.size = static_cast<uint64_t>(size);
    return AppendTarHeader(h, &pending);
  };
  auto small = [&](const std::string& name, const std::string& text) {
    absl::Status status = header(name, TarType::kFile, 0644, static_cast<int64_t>(text.size()));
    pending += text;
    AppendTarPadding(text.size(), &pending);
    return status;
  };
  RETURN_IF_ERROR(header("blobs/", TarType::kDirectory, 0755, 0));
  RETURN_IF_ERROR(header("blobs/sha256/", TarType::kDirectory, 0755, 0));
  for (const auto& [digest, size] : image.blobs) {
    RETURN_IF_ERROR(header(BlobPath(digest), TarType::kFile, 0444, size));
    RETURN_IF_ERROR(WriteAll(file.fd(), pending, path));
    pending.clear();
    RETURN_IF_ERROR(SendBlob(store, digest, size, file.fd(), path));
    AppendTarPadding(static_cast<uint64_t>(size), &pending);
  }
  RETURN_IF_ERROR(small("index.json", index));
  if (!image.is_index) RETURN_IF_ERROR(small("manifest.json", docker));
  RETURN_IF_ERROR(small("oci-layout", kLayoutFile));
  AppendTarEnd(&pending);
  RETURN_IF_ERROR(WriteAll(file.fd(), pending, path));
  return file.Commit();
}

}  // namespace kasane
