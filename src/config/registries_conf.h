// containers-registries.conf(5), version 2: which servers to ask for an image, and how.
//
// Differences from podman and skopeo: a name without a registry is always docker.io (as in Docker), so
// unqualified-search-registries, aliases and short-name-mode are read over; the lists of the deprecated
// version 1
// ([registries.insecure], [registries.block]) are refused with a message that says what to write instead.
#ifndef KASANE_SRC_CONFIG_REGISTRIES_CONF_H_
#define KASANE_SRC_CONFIG_REGISTRIES_CONF_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"

namespace kasane {

// One place that may have an image.
struct RegistryEndpoint {
  std::string host;        // "docker.io", "localhost:5000"
  std::string repository;  // on that host: "library/golang"
  std::string tag;
  std::string digest;     // "sha256:..." or empty; it has precedence over the tag
  bool insecure = false;  // http, and TLS that is not verified, are allowed
  bool mirror = false;
};

// [[registry.mirror]]
struct RegistryMirror {
  enum class Use { kAll, kDigestOnly, kTagOnly };
  std::string location;
  bool insecure = false;
  Use use = Use::kAll;
};

// [[registry]]
struct RegistryRule {
  std::string prefix;    // "host[:port][/namespace...]" or "*.host"
  std::string location;  // what replaces it; empty: nothing does
  bool insecure = false;
  bool blocked = false;
  bool mirror_by_digest_only = false;
  std::vector<RegistryMirror> mirrors;
};

class RegistriesConf {
 public:
  // Adds the rules of one file; a rule replaces one of the same prefix from an earlier file. Errors and
  // warnings go to `diagnostics`; false if there was an error, and then nothing is added.
  bool Add(absl::string_view text, const std::string& file, std::vector<Diagnostic>* diagnostics);

  // Where to read `reference` (full: "docker.io/library/golang:latest", "host/path@sha256:.."), in the order
  // in which to try: mirrors, then the primary location. kPermissionDenied if the configuration blocks it.
  absl::StatusOr<std::vector<RegistryEndpoint>> ReadEndpoints(absl::string_view reference) const;
  // Where to read blobs of an image that one of those endpoints served. `source` is BlobSource's. Mirrors for
  // tags alone come after the primary location: they may be where the manifest came from.
  absl::StatusOr<std::vector<RegistryEndpoint>> BlobEndpoints(absl::string_view source) const;
  // What to remember of `reference` for BlobEndpoints: its repository ("docker.io/library/golang"), or all of
  // it where a rule's prefix names its tag or digest.
  std::string BlobSource(absl::string_view reference, absl::string_view repository) const;
  // Where to write it: rewrites and mirrors do not apply, `insecure` and `blocked` do.
  absl::StatusOr<RegistryEndpoint> WriteEndpoint(absl::string_view reference) const;

  const std::vector<RegistryRule>& rules() const { return rules_; }

 private:
  using MirrorFilter = std::function<bool(RegistryMirror::Use)>;
  const RegistryRule* Find(absl::string_view reference) const;
  // The mirrors that `first` admits, the primary location, the mirrors that `last` admits.
  absl::StatusOr<std::vector<RegistryEndpoint>> Endpoints(absl::string_view reference,
                                                          const MirrorFilter& first,
                                                          const MirrorFilter& last) const;

  std::vector<RegistryRule> rules_;
};

// What the environment says ("" if a variable is unset); getenv but in tests.
using EnvironmentReader = std::function<std::string(const char* name)>;
std::string ProcessEnvironment(const char* name);

// The files that make up the configuration, those that exist, in the order in which they are added:
// $CONTAINERS_REGISTRIES_CONF, or the user's registries.conf ($XDG_CONFIG_HOME or ~/.config, below
// containers/), or /etc/containers/registries.conf; then registries.conf.d/*.conf of the system (not if the
// user's file was taken) and of the user, each in the order of their names. `system_directory`:
// "/etc/containers" but in tests.
std::vector<std::string> FindRegistriesConf(const EnvironmentReader& environment,
                                            const std::string& system_directory = "/etc/containers");

// Reads those files. `override_file` takes the place of $CONTAINERS_REGISTRIES_CONF. Diagnostics are rendered
// into the error (kInvalidArgument, several lines); warnings are dropped.
absl::StatusOr<RegistriesConf> LoadRegistriesConf(const EnvironmentReader& environment,
                                                  const std::string& override_file);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_REGISTRIES_CONF_H_
