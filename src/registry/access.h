// What every use of a registry needs: where it is, who we are, a connection.
#ifndef KASANE_SRC_REGISTRY_ACCESS_H_
#define KASANE_SRC_REGISTRY_ACCESS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "src/config/registries_conf.h"
#include "src/oci/reference.h"
#include "src/oci/resolved_image.h"
#include "src/registry/client.h"
#include "src/registry/credentials.h"
#include "src/registry/http.h"

namespace kasane {

// For one thread.
struct RegistryAccess {
  RegistriesConf conf;
  Credentials credentials{{}, nullptr};
  HttpClient http;

  // `registries_conf`: instead of the environment's; may be empty.
  static absl::StatusOr<std::unique_ptr<RegistryAccess>> FromEnvironment(const std::string& registries_conf);

  RegistryClient Client(const RegistryEndpoint& endpoint, bool push);
};

// What went wrong at each of several endpoints, as one message: the last one's (the primary location's),
// then, in brackets, the mirrors'. All vectors of the same size.
absl::Status CombineErrors(const std::vector<RegistryEndpoint>& endpoints,
                           const std::vector<absl::Status>& errors);

// Manifest and config of an image, mirrors tried in order. Messages begin with the reference.
absl::StatusOr<ResolvedImage> ResolveImage(RegistryAccess* access, const Reference& reference,
                                           const Platform& platform);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_ACCESS_H_
