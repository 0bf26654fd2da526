#include "src/store/built_images.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/list_directory.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;

std::string Directory(const Store& store) { return JoinPath(store.directory(), "images"); }

std::string EntryOf(const Store& store, const std::string& record) {
  return absl::StrCat(Directory(store), "/", Sha256Of(record).ToHex(), ".json");
}

std::vector<std::string> Entries(const Store& store) {
  std::vector<std::string> paths;
  for (const std::string& name : NamesIn(Directory(store))) {
    if (absl::EndsWith(name, ".json")) paths.push_back(JoinPath(Directory(store), name));
  }
  return paths;
}

absl::StatusOr<BuiltImage> Read(const Store& store, const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, path));
  if (JsonInt(json, "version") != kVersion) return absl::NotFoundError("an entry of another version");
  BuiltImage image;
  image.record = JsonString(json, "record");
  image.names = JsonStrings(json, "names");
  ASSIGN_OR_RETURN(image.manifest, Digest::Parse(JsonString(json, "manifest")));
  const std::string base = JsonString(json, "base");
  if (!base.empty()) {
    ASSIGN_OR_RETURN(image.base, Digest::Parse(base));
  }
  for (const std::string& delta : JsonStrings(json, "deltas")) {
    ASSIGN_OR_RETURN(image.deltas.emplace_back(), Digest::Parse(delta));
  }
  image.part = JsonBool(json, "part");
  image.parts = JsonStrings(json, "parts");
  struct stat st;
  if (stat(path.c_str(), &st) != 0 || !store.HasBlob(image.manifest))
    return absl::NotFoundError("it is gone");
  image.built = st.st_mtime;
  return image;
}

}  // namespace

absl::Status SaveBuiltImage(const Store& store, const BuiltImage& image) {
  Json json = Json::object();
  json["version"] = kVersion;
  json["record"] = image.record;
  json["names"] = image.names;
  json["manifest"] = image.manifest.ToString();
  if (!image.base.empty()) json["base"] = image.base.ToString();
  Json deltas = Json::array();
  for (const Digest& delta : image.deltas) deltas.push_back(delta.ToString());
  json["deltas"] = std::move(deltas);
  if (image.part) json["part"] = true;
  if (!image.parts.empty()) json["parts"] = image.parts;
  RETURN_IF_ERROR(MakeDirs(Directory(store)));
  return WriteFileAtomic(EntryOf(store, image.record), DumpJson(json));
}

absl::StatusOr<BuiltImage> ReadBuiltImage(const Store& store, const std::string& record) {
  return Read(store, EntryOf(store, record));
}

std::vector<BuiltImage> ListBuiltImages(const Store& store) {
  std::vector<BuiltImage> images;
  for (const std::string& path : Entries(store)) {
    absl::StatusOr<BuiltImage> image = Read(store, path);
    if (image.ok()) images.push_back(*std::move(image));
  }
  std::sort(images.begin(), images.end(), [](const BuiltImage& a, const BuiltImage& b) {
    return a.built != b.built ? a.built > b.built : a.record < b.record;
  });
  return images;
}

absl::Status RemoveLostImages(const Store& store) {
  for (const std::string& path : Entries(store)) {
    if (Read(store, path).ok()) continue;
    if (unlink(path.c_str()) != 0 && errno != ENOENT)
      return ErrnoStatus(errno, absl::StrCat("cannot remove ", path));
  }
  return absl::OkStatus();
}

}  // namespace kasane
