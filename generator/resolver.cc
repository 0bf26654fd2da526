#include "generator/resolver.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/base/child.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;

std::string Key(const Reference& reference, const Platform& platform) {
  return absl::StrCat(reference.ToString(), " ", platform.ToString());
}

absl::StatusOr<ResolvedImage> FromChild(const Reference& reference, const ChildResult& result) {
  if (result.exit_code == 0) return DecodeResolvedImage(result.out, "the answer of gen-net");
  if (result.err.empty()) return Annotate(GenNetError(result), reference.ToString());
  return GenNetError(result);
}

}  // namespace

absl::Status GenNetError(const ChildResult& result) {
  // Warnings stand before it.
  absl::string_view message = absl::StripAsciiWhitespace(result.err);
  constexpr absl::string_view kMark = "gen-net: ";
  size_t mark = message.rfind(kMark);
  if (mark != absl::string_view::npos) message.remove_prefix(mark + kMark.size());
  if (!message.empty()) return absl::UnavailableError(message);
  return absl::UnavailableError(absl::StrCat("gen-net failed with exit code ", result.exit_code));
}

std::vector<absl::StatusOr<ResolvedImage>> GenNetSource::Resolve(const std::vector<ImageRequest>& requests) {
  std::vector<ChildCommand> commands;
  for (const auto& [reference, platform] : requests) {
    commands.emplace_back();
    commands.back().words = {program_, "resolve", "--platform", platform.ToString(), reference.ToString()};
  }
  std::vector<ChildResult> results = RunChildren(commands);
  std::vector<absl::StatusOr<ResolvedImage>> images;
  for (size_t i = 0; i < requests.size(); ++i) images.push_back(FromChild(requests[i].first, results[i]));
  return images;
}

void CachedResolver::Load(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return;
  absl::StatusOr<Json> json = ParseJson(*text, path);
  if (!json.ok() || JsonInt(*json, "version") != kVersion) return;
  const Json& images = JsonMember(*json, "images");
  for (auto it = images.begin(); it != images.end(); ++it) {
    absl::StatusOr<ResolvedImage> image = DecodeResolvedImage(DumpJson(*it), path);
    if (image.ok()) known_.emplace(it.key(), std::move(image));
  }
}

absl::StatusOr<ResolvedImage> CachedResolver::Resolve(const Reference& reference, const Platform& platform) {
  if (!reference.digest.empty()) return Find(reference, platform);
  const std::string name = Key(reference, platform);
  Reference asked = reference;
  if (const auto pin = pins_.find(name); pin != pins_.end()) {
    asked.digest = pin->second.ToString();
  } else if (locked_) {
    return absl::FailedPreconditionError(
        absl::StrCat(reference.Familiar(), " is not pinned in the lock file for ", platform.ToString(),
                     ": `gen lock` pins it, and --locked allows nothing else"));
  }
  absl::StatusOr<ResolvedImage> image = Find(asked, platform);
  if (!image.ok()) return image;
  image->reference = reference;
  pinned_[name] = image->manifest;
  return image;
}

absl::StatusOr<ResolvedImage> CachedResolver::Find(const Reference& reference, const Platform& platform) {
  std::string key = Key(reference, platform);
  auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  if (ask_at_once_) {
    return known_.emplace(key, source_->Resolve({{reference, platform}})[0]).first->second;
  }
  for (const ImageRequest& request : missing_) {
    if (Key(request.first, request.second) == key) return StandIn(reference, platform);
  }
  missing_.emplace_back(reference, platform);
  return StandIn(reference, platform);
}

ResolvedImage CachedResolver::StandIn(const Reference& reference, const Platform& platform) {
  ResolvedImage image;
  image.reference = reference;
  image.manifest = Sha256Of(Key(reference, platform));
  image.source = reference.Repository();
  Json config = {{"architecture", platform.architecture},
                 {"os", platform.os},
                 {"config", Json::object()},
                 {"rootfs", {{"type", "layers"}, {"diff_ids", Json::array()}}}};
  if (!platform.variant.empty()) config["variant"] = platform.variant;
  image.config = DumpJson(config);
  return image;
}

void CachedResolver::ResolveMissing() {
  std::vector<absl::StatusOr<ResolvedImage>> images = source_->Resolve(missing_);
  for (size_t i = 0; i < missing_.size(); ++i) {
    known_.insert_or_assign(Key(missing_[i].first, missing_[i].second), std::move(images[i]));
  }
  missing_.clear();
  ask_at_once_ = true;
}

std::string CachedResolver::Encode() const {
  Json json = {{"version", kVersion}, {"images", Json::object()}};
  for (const auto& [key, image] : known_) {
    if (!image.ok()) continue;
    json["images"][key] = ParseJson(EncodeResolvedImage(*image), "image").value_or(Json());
  }
  return PrettyJson(json);
}

}  // namespace kasane
