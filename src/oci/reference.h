// Image references as Docker writes them, and platforms.
#ifndef KASANE_SRC_OCI_REFERENCE_H_
#define KASANE_SRC_OCI_REFERENCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"

namespace kasane {

// domain/path[:tag][@digest], normalised: a bare name is docker.io/library/NAME; index.docker.io is
// docker.io.
struct Reference {
  std::string domain;  // "docker.io", "localhost:5000"
  std::string path;    // "library/golang"
  std::string tag;     // "latest" if neither tag nor digest was given; may be empty beside a digest
  std::string digest;  // "sha256:..." or empty
  std::string Repository() const;  // "docker.io/library/golang"
  std::string ToString() const;    // full
  std::string Familiar() const;    // as people write it: "golang:latest", "localhost:5000/x:1"
  std::string ShortName() const;   // the same without ":latest": how contexts are looked up
};
// Grammar of distribution's reference package: lower-case path components, tag of at most 128 characters.
absl::StatusOr<Reference> ParseReference(absl::string_view text);

struct Platform {
  std::string os = "linux";
  std::string architecture = "amd64";
  std::string variant;
  std::string ToString() const;  // "linux/arm/v7"
  std::string Slug() const;      // "linux-arm-v7": for file names
};
// Normalised as containerd does: x86_64 -> amd64, aarch64 -> arm64, arm64/v8 -> arm64, arm -> arm/v7.
absl::StatusOr<Platform> ParsePlatform(absl::string_view text);
Platform HostPlatform();

// A named context for one platform, "alpine::linux/arm64", and the name in it.
std::string ContextKey(absl::string_view name, const Platform& platform);
absl::string_view ContextName(absl::string_view key);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_REFERENCE_H_
