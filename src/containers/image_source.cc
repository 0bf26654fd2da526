#include "src/containers/image_source.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/real_path.h"
#include "src/base/status.h"
#include "src/oci/reference.h"

namespace kasane {
namespace {

constexpr size_t kFewestDigits = 4;

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

absl::StatusOr<BuiltImage> FindByRecord(const std::vector<BuiltImage>& images, const std::string& record) {
  for (const BuiltImage& image : images) {
    if (image.record == record) return image;
  }
  return absl::NotFoundError("");
}

// The newest that fits, and is not a part of an index.
absl::StatusOr<BuiltImage> FindByWord(const std::vector<BuiltImage>& images, const std::string& word) {
  const absl::StatusOr<Reference> reference = ParseReference(word);
  for (const BuiltImage& image : images) {
    if (!reference.ok() || image.part) continue;
    const std::string full = reference->ToString();
    if (std::find(image.names.begin(), image.names.end(), full) != image.names.end()) return image;
  }
  const absl::string_view digits = absl::StripPrefix(word, "sha256:");
  for (const BuiltImage& image : images) {
    if (digits.size() >= kFewestDigits && IsHex(digits) && absl::StartsWith(image.manifest.ToHex(), digits))
      return image;
  }
  if (!absl::StrContains(word, '/')) {
    absl::StatusOr<BuiltImage> image =
        FindByRecord(images, RealPath(absl::StrCat(".kasane/", word, "/.kasane")) + "/records/image.json");
    if (image.ok()) return image;
  }
  return absl::NotFoundError(absl::StrCat("no build of this store has made an image ", word));
}

absl::StatusOr<BuiltImage> FindHere(const std::vector<BuiltImage>& images, const std::string& directory) {
  const std::string state = JoinPath(directory.empty() ? "." : directory, ".kasane");
  const std::string where = directory.empty() ? "here" : absl::StrCat("in ", directory);
  if (!PathExists(state))
    return absl::NotFoundError(absl::StrCat("there is no build ", where, ": run gen and ninja first"));
  absl::StatusOr<BuiltImage> image = FindByRecord(images, RealPath(state) + "/records/image.json");
  if (image.ok()) return image;
  if (PathExists(JoinPath(state, "workspace")))
    return absl::NotFoundError(absl::StrCat("several images are built ", where, ": name one of them"));
  return absl::NotFoundError(absl::StrCat("the build ", where, " has made no image yet: run ninja"));
}

}  // namespace

absl::StatusOr<ImageDocuments> ReadImageDocuments(const Store& store, const BuiltImage& image) {
  ImageDocuments documents;
  ASSIGN_OR_RETURN(const std::string manifest, store.ReadBlob(image.manifest));
  ASSIGN_OR_RETURN(documents.manifest, ParseJson(manifest, "the image's manifest"));
  ASSIGN_OR_RETURN(const Digest digest,
                   Digest::Parse(JsonString(JsonMember(documents.manifest, "config"), "digest")));
  ASSIGN_OR_RETURN(const std::string config, store.ReadBlob(digest));
  ASSIGN_OR_RETURN(documents.config, ParseJson(config, "the image's config"));
  for (const Json& layer : JsonMember(documents.manifest, "layers")) {
    ASSIGN_OR_RETURN(const Digest blob, Digest::Parse(JsonString(layer, "digest")));
    documents.layers.push_back({blob, JsonInt(layer, "size")});
  }
  return documents;
}

int64_t ImageDocuments::size() const {
  int64_t sum = 0;
  for (const Layer& layer : layers) sum += layer.size;
  return sum;
}

absl::StatusOr<BuiltImage> FindBuiltImage(const Store& store, const std::string& word,
                                          const std::string& directory, bool whole) {
  const std::vector<BuiltImage> images = ListBuiltImages(store);
  ASSIGN_OR_RETURN(const BuiltImage image,
                   word.empty() ? FindHere(images, directory) : FindByWord(images, word));
  if (image.parts.empty() || whole) return image;
  const Platform host = HostPlatform();
  for (const std::string& record : image.parts) {
    absl::StatusOr<BuiltImage> part = FindByRecord(images, record);
    if (!part.ok()) continue;
    ASSIGN_OR_RETURN(const ImageDocuments documents, ReadImageDocuments(store, *part));
    if (JsonString(documents.config, "os") == host.os &&
        JsonString(documents.config, "architecture") == host.architecture) {
      part->names = image.names;
      return part;
    }
  }
  return absl::NotFoundError(absl::StrCat(ShownName(image), " has no image for ", host.ToString()));
}

std::string ShownName(const BuiltImage& image) {
  if (!image.names.empty()) {
    const absl::StatusOr<Reference> reference = ParseReference(image.names[0]);
    return reference.ok() ? reference->Familiar() : image.names[0];
  }
  return image.manifest.ToHex().substr(0, 12);
}

}  // namespace kasane
