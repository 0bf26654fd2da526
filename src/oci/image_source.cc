#include "src/oci/image_source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/oci/manifest_reader.h"
#include "src/oci/tar_index.h"

namespace kasane {
namespace {

constexpr const char* kLayoutPrefixes[] = {"oci-layout:", "oci:"};
constexpr const char* kArchivePrefixes[] = {"archive:", "oci-archive:", "docker-archive:"};

// The files of an image, by their names in a layout or an archive.
class ImageFiles {
 public:
  virtual ~ImageFiles() = default;
  virtual absl::StatusOr<BlobRef> Open(const std::string& name) const = 0;

  absl::StatusOr<std::string> Read(const std::string& name) const {
    ASSIGN_OR_RETURN(const BlobRef file, Open(name));
    if (file.size > kMaxManifestSize)
      return absl::DataLossError(absl::StrCat(name, " has ", file.size, " bytes"));
    std::string out(static_cast<size_t>(file.size), '\0');
    RETURN_IF_ERROR(PReadExactly(file.fd->get(), out.data(), out.size(), file.offset, name));
    return out;
  }
};

class LayoutFiles : public ImageFiles {
 public:
  explicit LayoutFiles(std::string root) : root_(std::move(root)) {}
  absl::StatusOr<BlobRef> Open(const std::string& name) const override {
    const std::string path = JoinPath(root_, name);
    ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDONLY));
    struct stat st;
    if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot stat ", path));
    if (!S_ISREG(st.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, " is not a file"));
    BlobRef ref;
    ref.size = st.st_size;
    ref.fd = std::make_shared<const UniqueFd>(std::move(fd));
    return ref;
  }

 private:
  std::string root_;
};

class ArchiveFiles : public ImageFiles {
 public:
  explicit ArchiveFiles(TarIndex index) : index_(std::move(index)) {}
  absl::StatusOr<BlobRef> Open(const std::string& name) const override { return index_.Find(name); }

 private:
  TarIndex index_;
};

// A name of image_source.h taken apart. `rest` still holds path and tag.
struct LocalName {
  bool archive = false;
  absl::string_view rest;
};

bool SplitPrefix(absl::string_view name, LocalName* out) {
  for (const char* prefix : kLayoutPrefixes) {
    if (!absl::StartsWith(name, prefix)) continue;
    *out = {false, name.substr(absl::string_view(prefix).size())};
    return true;
  }
  for (const char* prefix : kArchivePrefixes) {
    if (!absl::StartsWith(name, prefix)) continue;
    *out = {true, name.substr(absl::string_view(prefix).size())};
    return true;
  }
  return false;
}

// Cuts the tag or digest off: the longest beginning that exists, up to a colon or an "@", is the path.
std::string TakePath(absl::string_view* rest) {
  if (absl::StartsWith(*rest, "//")) *rest = rest->substr(1);  // oci-layout:///path, as buildx has it
  std::string path(*rest);
  while (true) {
    if (!path.empty() && PathExists(path)) break;
    const size_t cut = path.find_last_of(":@");
    if (cut == std::string::npos || path.find('/', cut) != std::string::npos) {
      path = std::string(rest->substr(0, rest->find_first_of(":@")));  // missing: for the message
      break;
    }
    path.resize(cut);
  }
  *rest = rest->substr(std::min(path.size() + 1, rest->size()));
  return path;
}

std::string BlobName(const Digest& digest) { return absl::StrCat("blobs/sha256/", digest.ToHex()); }

// True if a name of the image, as written in an index or in RepoTags, is what `tag` asks for.
bool NameFits(absl::string_view name, absl::string_view tag) {
  if (name == tag || absl::EndsWith(name, absl::StrCat(":", tag))) return true;
  auto a = ParseReference(name), b = ParseReference(tag);
  return a.ok() && b.ok() && a->ToString() == b->ToString();
}

absl::Status Several(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return absl::InvalidArgumentError(
      absl::StrCat("it holds several images (", absl::StrJoin(names, ", "), "); append :NAME to choose one"));
}

absl::Status NoImageCalled(absl::string_view wanted, const std::vector<std::string>& names) {
  return absl::NotFoundError(
      absl::StrCat("no image called ", wanted,
                   names.empty() ? "" : absl::StrCat(" (it has ", absl::StrJoin(names, ", "), ")")));
}

// The entries of index.json that `wanted` (a tag, a digest, or nothing) leaves.
absl::StatusOr<std::vector<Descriptor>> SelectEntries(const std::vector<Descriptor>& entries,
                                                      absl::string_view wanted) {
  std::vector<Descriptor> out;
  std::vector<std::string> names;
  for (const Descriptor& entry : entries) {
    if (!entry.ref_name.empty()) names.push_back(entry.ref_name);
  }
  for (const Descriptor& entry : entries) {
    if (wanted.empty() ? true : entry.digest.ToString() == wanted || NameFits(entry.ref_name, wanted)) {
      out.push_back(entry);
    }
  }
  if (out.empty()) {
    return wanted.empty() ? absl::NotFoundError("it holds no image") : NoImageCalled(wanted, names);
  }
  if (!wanted.empty() || out.size() == 1 || names.empty()) return out;
  out.clear();
  for (const Descriptor& entry : entries) {
    if (NameFits(entry.ref_name, "latest")) out.push_back(entry);
  }
  if (out.empty()) return Several(names);
  return out;
}

absl::StatusOr<ResolvedImage> ResolveLayout(const ImageFiles& files, absl::string_view wanted,
                                            const Platform& platform) {
  ASSIGN_OR_RETURN(const std::string index_text, files.Read("index.json"));
  ASSIGN_OR_RETURN(const Json index, ParseJson(index_text, "index.json"));
  const DocumentReader read = [&](const Descriptor& d, bool) { return files.Read(BlobName(d.digest)); };
  ASSIGN_OR_RETURN(const std::vector<Descriptor> entries, SelectEntries(IndexEntries(index), wanted));
  Descriptor chosen = entries[0];
  if (entries.size() > 1) {
    ASSIGN_OR_RETURN(chosen, ChoosePlatform(entries, platform, read));
  }
  ASSIGN_OR_RETURN(const std::string document, files.Read(BlobName(chosen.digest)));
  if (Sha256Of(document) != chosen.digest) {
    return absl::DataLossError(absl::StrCat("wrong digest: ", BlobName(chosen.digest), " is damaged"));
  }
  return ResolveManifest(document, chosen.media_type, platform, read);
}

// One image of manifest.json, the way `docker save` describes them.
struct ArchiveImage {
  std::string config_name;
  std::vector<std::string> layers;
  std::vector<std::string> names;
};

absl::StatusOr<std::vector<ArchiveImage>> ReadArchiveImages(const ImageFiles& files) {
  ASSIGN_OR_RETURN(const std::string text, files.Read("manifest.json"));
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "manifest.json"));
  std::vector<ArchiveImage> out;
  for (const Json& item : json) {
    out.push_back({JsonString(item, "Config"), JsonStrings(item, "Layers"), JsonStrings(item, "RepoTags")});
  }
  return out;
}

absl::StatusOr<ArchiveImage> SelectArchiveImage(const std::vector<ArchiveImage>& images,
                                                absl::string_view wanted) {
  std::vector<std::string> names;
  for (const ArchiveImage& image : images) {
    for (const std::string& name : image.names) {
      if (!wanted.empty() && NameFits(name, wanted)) return image;
      names.push_back(name);
    }
  }
  if (!wanted.empty()) return NoImageCalled(wanted, names);
  if (images.size() > 1) return Several(names);
  if (images.empty()) return absl::NotFoundError("it holds no image");
  return images[0];
}

absl::StatusOr<Digest> HashFile(const BlobRef& file, absl::string_view name) {
  Sha256 hash;
  RETURN_IF_ERROR(ReadPieces(file, name, [&](absl::string_view piece) {
    hash.Update(piece);
    return absl::OkStatus();
  }));
  return hash.Finish();
}

// A docker archive has no descriptors: the layers' digests come from their names, the config or the bytes.
absl::StatusOr<LayerInfo> DescribeLayer(const ImageFiles& files, const std::string& name,
                                        const Digest& diff_id) {
  ASSIGN_OR_RETURN(const BlobRef file, files.Open(name));
  char magic[4] = {};
  if (file.size >= 4) RETURN_IF_ERROR(PReadExactly(file.fd->get(), magic, sizeof(magic), file.offset, name));
  LayerInfo layer;
  layer.diff_id = diff_id;
  layer.size = file.size;
  layer.media_type = "application/vnd.oci.image.layer.v1.tar";
  const absl::string_view head(magic, sizeof(magic));
  const bool gzip = absl::StartsWith(head, "\x1f\x8b"), zstd = head == "\x28\xb5\x2f\xfd";
  if (!gzip && !zstd) {
    layer.blob = diff_id;
    return layer;
  }
  layer.media_type += gzip ? "+gzip" : "+zstd";
  if (absl::StartsWith(name, "blobs/sha256/")) {
    ASSIGN_OR_RETURN(layer.blob, Digest::ParseHex(Basename(name)));
  } else {
    ASSIGN_OR_RETURN(layer.blob, HashFile(file, name));
  }
  return layer;
}

absl::StatusOr<std::vector<Digest>> ReadDiffIds(absl::string_view config_text, absl::string_view name) {
  ASSIGN_OR_RETURN(const Json config, ParseJson(config_text, name));
  return ConfigDiffIds(config);
}

absl::StatusOr<ResolvedImage> ResolveDockerArchive(const ImageFiles& files, absl::string_view wanted) {
  ASSIGN_OR_RETURN(const std::vector<ArchiveImage> images, ReadArchiveImages(files));
  ASSIGN_OR_RETURN(const ArchiveImage image, SelectArchiveImage(images, wanted));
  ResolvedImage out;
  ASSIGN_OR_RETURN(out.config, files.Read(image.config_name));
  out.manifest = Sha256Of(out.config);
  ASSIGN_OR_RETURN(const std::vector<Digest> diff_ids, ReadDiffIds(out.config, image.config_name));
  if (diff_ids.size() != image.layers.size()) {
    return absl::DataLossError(absl::StrCat("manifest.json has ", image.layers.size(), " layers, the config ",
                                            diff_ids.size(), " diff_ids"));
  }
  for (size_t i = 0; i < diff_ids.size(); ++i) {
    ASSIGN_OR_RETURN(LayerInfo layer, DescribeLayer(files, image.layers[i], diff_ids[i]));
    out.layers.push_back(std::move(layer));
  }
  return out;
}

absl::StatusOr<std::unique_ptr<ImageFiles>> OpenFiles(bool archive, const std::string& path) {
  if (!PathExists(path)) return absl::NotFoundError(absl::StrCat(path, " does not exist"));
  if (!archive) return std::unique_ptr<ImageFiles>(new LayoutFiles(path));
  ASSIGN_OR_RETURN(TarIndex index, TarIndex::Open(path));
  return std::unique_ptr<ImageFiles>(new ArchiveFiles(std::move(index)));
}

}  // namespace

bool IsLocalImage(absl::string_view name) {
  LocalName local;
  return SplitPrefix(name, &local);
}

absl::StatusOr<ResolvedImage> ResolveLocalImage(absl::string_view name, const Platform& platform) {
  LocalName local;
  if (!SplitPrefix(name, &local)) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": not the name of a layout or an archive"));
  }
  absl::string_view wanted = local.rest;
  const std::string path = TakePath(&wanted);
  auto files = OpenFiles(local.archive, path);
  if (!files.ok()) return Annotate(files.status(), name);
  // An archive that is both is read as a layout: it tells digests and platforms.
  const bool layout = !local.archive || (*files)->Open("index.json").ok();
  auto image = layout ? ResolveLayout(**files, wanted, platform) : ResolveDockerArchive(**files, wanted);
  if (!image.ok()) return Annotate(image.status(), name);
  image->source = absl::StrCat(local.archive ? "archive:" : "oci-layout:", AbsolutePath(path));
  return image;
}

absl::StatusOr<BlobRef> OpenLocalLayer(const PullSpec& spec) {
  LocalName local;
  if (!SplitPrefix(spec.source, &local)) {
    return absl::InvalidArgumentError(absl::StrCat(spec.source, ": not the name of a layout or an archive"));
  }
  auto files = OpenFiles(local.archive, std::string(local.rest));
  if (!files.ok()) return files.status();
  auto blob = (*files)->Open(BlobName(spec.blob));
  if (blob.ok() || !local.archive) return blob;
  ASSIGN_OR_RETURN(const std::vector<ArchiveImage> images, ReadArchiveImages(**files));
  for (const ArchiveImage& image : images) {
    ASSIGN_OR_RETURN(const std::string text, (*files)->Read(image.config_name));
    ASSIGN_OR_RETURN(const std::vector<Digest> diff_ids, ReadDiffIds(text, image.config_name));
    for (size_t i = 0; i < std::min(diff_ids.size(), image.layers.size()); ++i) {
      if (diff_ids[i] == spec.diff_id) return (*files)->Open(image.layers[i]);
    }
  }
  return absl::NotFoundError(absl::StrCat(spec.source, " no longer has the layer ", spec.blob.ToString()));
}

}  // namespace kasane
