// What the tags of base images mean: asked of the registries once, through `gen-net`, and kept beside the
// build.
#ifndef KASANE_GENERATOR_RESOLVER_H_
#define KASANE_GENERATOR_RESOLVER_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/base/child.h"
#include "src/base/digest.h"
#include "src/config/lock_file.h"
#include "src/oci/resolved_image.h"

namespace kasane {

// What a gen-net that failed says.
absl::Status GenNetError(const ChildResult& result);

using ImageRequest = std::pair<Reference, Platform>;

// Asks for all of them at once; answers in the same order. Tests put another in its place.
class ImageSource {
 public:
  virtual ~ImageSource() = default;
  virtual std::vector<absl::StatusOr<ResolvedImage>> Resolve(const std::vector<ImageRequest>& requests) = 0;
};

// One `gen-net resolve` process per request, all running at the same time.
class GenNetSource : public ImageSource {
 public:
  // `program`: path of gen-net.
  explicit GenNetSource(std::string program) : program_(std::move(program)) {}
  std::vector<absl::StatusOr<ResolvedImage>> Resolve(const std::vector<ImageRequest>& requests) override;

 private:
  std::string program_;
};

// An ImageResolver for a planner that asks for one image after the other, though they are to be resolved
// together. First Load; then evaluate the plan: what is not known yet is answered with an empty stand-in and
// noted. If anything was (`missing`), ResolveMissing, and evaluate again: from then on unknown images are
// asked for at once.
//
// File format 1, `.kasane/resolved.json`: {"version":1,"images":{"REFERENCE
// PLATFORM":<EncodeResolvedImage>,...}}.
class CachedResolver : public ImageResolver {
 public:
  explicit CachedResolver(ImageSource* source) : source_(source) {}

  // A missing file, or one that cannot be read, is an empty cache.
  void Load(const std::string& path);
  absl::StatusOr<ResolvedImage> Resolve(const Reference& reference, const Platform& platform) override;
  // What names are pinned to. `locked`: others are refused.
  void Pin(const LockedNames& lock, bool locked) {
    pins_ = lock.images;
    locked_ = locked;
  }
  // What the names without a digest that were asked for mean.
  const std::map<std::string, Digest>& pinned() const { return pinned_; }
  bool missing() const { return !missing_.empty(); }
  void ResolveMissing();
  // The file's new content; what failed is not in it.
  std::string Encode() const;

 private:
  absl::StatusOr<ResolvedImage> Find(const Reference& reference, const Platform& platform);
  static ResolvedImage StandIn(const Reference& reference, const Platform& platform);

  ImageSource* source_;
  bool ask_at_once_ = false;
  bool locked_ = false;
  std::map<std::string, Digest> pins_, pinned_;  // by reference and platform
  std::map<std::string, absl::StatusOr<ResolvedImage>> known_;
  std::vector<ImageRequest> missing_;
};

}  // namespace kasane

#endif  // KASANE_GENERATOR_RESOLVER_H_
