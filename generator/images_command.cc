#include "generator/images_command.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "generator/command_words.h"
#include "generator/shown_figures.h"
#include "src/base/json.h"
#include "src/base/shorten.h"
#include "src/base/status.h"
#include "src/containers/image_source.h"
#include "src/oci/reference.h"
#include "src/store/built_images.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr size_t kShownDigits = 12;
constexpr size_t kShownText = 70;

constexpr char kImagesHelp[] =
    "gen images: the images that builds in this store have made last, the newest first.\n"
    "\n"
    "  gen images [-q] [--json] [NAME]\n"
    "\n"
    "  -q, --quiet   their digests alone\n"
    "\n"
    "NAME: those alone whose names begin so. "
    "One line for each name, with the layers of the image and, in brackets, how many of them another image "
    "of the list\n"
    "has too. The size is that of the compressed layers. An image without a name goes by its digest.\n";

constexpr char kHistoryHelp[] =
    "gen history: what an image is made of, the last step first.\n"
    "\n"
    "  gen history [--json] [--no-trunc] [-C DIR] [IMAGE]\n"
    "\n"
    "IMAGE is a name or the beginning of a digest, as `gen images` shows them (default: the image of the "
    "build in DIR, or\n"
    "here). The size is that of the compressed layer; steps without one change the config alone.\n";

struct Listed {
  BuiltImage image;
  std::vector<ImageDocuments> documents;  // one, or those of an index's images
  std::set<Digest> layers;
  int64_t size = 0;
};

std::vector<Listed> List(const Store& store) {
  const std::vector<BuiltImage> images = ListBuiltImages(store);
  std::map<std::string, const BuiltImage*> by_record;
  for (const BuiltImage& image : images) by_record[image.record] = &image;
  std::vector<Listed> all;
  for (const BuiltImage& image : images) {
    if (image.part) continue;
    Listed listed;
    listed.image = image;
    std::vector<const BuiltImage*> parts = {&image};
    if (!image.parts.empty()) parts.clear();
    for (const std::string& record : image.parts) {
      if (by_record.count(record) > 0) parts.push_back(by_record[record]);
    }
    for (const BuiltImage* part : parts) {
      absl::StatusOr<ImageDocuments> documents = ReadImageDocuments(store, *part);
      if (!documents.ok()) continue;
      for (const ImageDocuments::Layer& layer : documents->layers) {
        if (listed.layers.insert(layer.digest).second) listed.size += layer.size;
      }
      listed.documents.push_back(*std::move(documents));
    }
    all.push_back(std::move(listed));
  }
  return all;
}

// As a person writes it; "-" if it is none.
std::string Familiar(const std::string& name) {
  const absl::StatusOr<Reference> reference = ParseReference(name);
  return reference.ok() ? reference->Familiar() : "-";
}

// The names that begin with `wanted`. False: the image has none of these.
bool Narrow(const std::string& wanted, std::vector<std::string>* names) {
  if (wanted.empty()) return true;
  names->erase(std::remove_if(names->begin(), names->end(),
                              [&](const std::string& name) {
                                return !absl::StartsWith(name, wanted) &&
                                       !absl::StartsWith(Familiar(name), wanted);
                              }),
               names->end());
  return !names->empty();
}

std::string ImagesText(const std::vector<Listed>& all, const std::string& wanted, bool json, bool quiet) {
  std::map<Digest, int> users;
  for (const Listed& listed : all) {
    for (const Digest& layer : listed.layers) ++users[layer];
  }
  std::vector<std::vector<std::string>> lines = {{"NAME", "DIGEST", "SIZE", "LAYERS", "BUILT", "BY"}};
  Json list = Json::array();
  std::string digests;
  for (Listed listed : all) {
    if (!Narrow(wanted, &listed.image.names)) continue;
    absl::StrAppend(&digests, listed.image.manifest.ToHex().substr(0, kShownDigits), "\n");
    const auto shared = std::count_if(listed.layers.begin(), listed.layers.end(),
                                      [&](const Digest& layer) { return users[layer] > 1; });
    const std::string by(absl::StripSuffix(listed.image.record, "/.kasane/records/image.json"));
    Json item = Json::object();
    item["names"] = listed.image.names;
    item["digest"] = listed.image.manifest.ToString();
    item["size"] = listed.size;
    item["layers"] = listed.layers.size();
    item["shared"] = shared;
    item["built"] =
        absl::FormatTime(absl::RFC3339_sec, absl::FromTimeT(listed.image.built), absl::UTCTimeZone());
    item["by"] = by;
    list.push_back(std::move(item));
    std::vector<std::string> names = listed.image.names;
    if (names.empty()) names.emplace_back();
    for (const std::string& name : names) {
      lines.push_back(
          {Familiar(name), listed.image.manifest.ToHex().substr(0, kShownDigits), ShownSize(listed.size),
           absl::StrCat(listed.layers.size(), shared > 0 ? absl::StrCat(" (", shared, " shared)") : ""),
           ShownAgo(listed.image.built), by});
    }
  }
  return json ? PrettyJson(list) : quiet ? digests : ShownTable(lines);
}

// BuildKit's words without what all have.
std::string Shorter(const std::string& by, bool whole) {
  std::string text;
  for (char c : absl::StripSuffix(by, " # buildkit")) text += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  return whole ? text : Shorten(text, kShownText);
}

std::string HistoryText(const ImageDocuments& documents, bool json, bool whole) {
  std::vector<std::vector<std::string>> lines;
  Json list = Json::array();
  size_t layer = 0;
  for (const Json& entry : JsonMember(documents.config, "history")) {
    const bool empty = JsonBool(entry, "empty_layer") || layer >= documents.layers.size();
    const ImageDocuments::Layer* its = empty ? nullptr : &documents.layers[layer++];
    const std::string created = JsonString(entry, "created"), by = JsonString(entry, "created_by");
    absl::Time time;
    std::string error;
    const bool dated = absl::ParseTime(absl::RFC3339_full, created, &time, &error);
    lines.push_back({its == nullptr ? "-" : its->digest.ToHex().substr(0, kShownDigits),
                     its == nullptr ? "-" : ShownSize(its->size), dated ? ShownAgo(absl::ToTimeT(time)) : "-",
                     Shorter(by, whole)});
    Json item = Json::object();
    if (its != nullptr) item["layer"] = its->digest.ToString(), item["size"] = its->size;
    item["created"] = created;
    item["created_by"] = by;
    list.push_back(std::move(item));
  }
  lines.push_back({"LAYER", "SIZE", "CREATED", "BY"});
  std::reverse(lines.begin(), lines.end());
  std::reverse(list.begin(), list.end());
  return json ? PrettyJson(list) : ShownTable(lines);
}

}  // namespace

int ImagesCommand(const std::string& command, const std::vector<std::string>& args, const std::string& store,
                  std::string* out, Messages* messages) {
  const bool history = command == "history";
  CommandWords words(absl::StrCat("gen ", command), messages);
  bool json = false, whole = false, quiet = false;
  std::string directory;
  words.Flag("--json", &json);
  if (history) words.Flag("--no-trunc", &whole);
  if (!history) words.Flag("-q|--quiet", &quiet);
  if (history) words.Option("-C|--build-dir", &directory);
  if (!words.Parse(args)) return kWrongUsage;
  if (words.help()) {
    out->append(history ? kHistoryHelp : kImagesHelp);
    return 0;
  }
  if (words.words().size() > 1) {
    messages->Error(absl::StrCat("gen ", command, " takes one ", history ? "image" : "name"),
                    absl::StrCat("`gen ", command, " --help` lists all it takes"));
    return kWrongUsage;
  }
  absl::StatusOr<std::unique_ptr<Store>> opened = Store::Open(store);
  if (!opened.ok()) {
    messages->Error(opened.status().message());
    return kFailed;
  }
  const std::string word = words.words().empty() ? "" : words.words()[0];
  if (!history) {
    out->append(ImagesText(List(**opened), word, json, quiet));
    return 0;
  }
  const absl::StatusOr<BuiltImage> image = FindBuiltImage(**opened, word, directory);
  const absl::StatusOr<ImageDocuments> documents =
      image.ok() ? ReadImageDocuments(**opened, *image) : absl::StatusOr<ImageDocuments>(image.status());
  if (!documents.ok()) {
    messages->Error(documents.status().message(), "`gen images` lists what there is");
    return kFailed;
  }
  out->append(HistoryText(*documents, json, whole));
  return 0;
}

}  // namespace kasane
