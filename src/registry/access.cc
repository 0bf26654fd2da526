#include "src/registry/access.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {

absl::StatusOr<std::unique_ptr<RegistryAccess>> RegistryAccess::FromEnvironment(
    const std::string& registries_conf) {
  auto access = std::make_unique<RegistryAccess>();
  ASSIGN_OR_RETURN(access->conf, LoadRegistriesConf(&ProcessEnvironment, registries_conf));
  access->credentials = Credentials::FromEnvironment();
  return access;
}

RegistryClient RegistryAccess::Client(const RegistryEndpoint& endpoint, bool push) {
  return RegistryClient(&http, endpoint, credentials.Find(endpoint.host, endpoint.repository), push);
}

absl::Status CombineErrors(const std::vector<RegistryEndpoint>& endpoints,
                           const std::vector<absl::Status>& errors) {
  size_t primary = 0;
  while (primary + 1 < endpoints.size() && endpoints[primary].mirror) ++primary;
  std::string message(errors[primary].message());
  bool first = true;
  for (size_t i = 0; i < endpoints.size(); ++i) {
    if (i == primary) continue;
    absl::StrAppend(&message, first ? " (mirrors failed too: " : "; ", endpoints[i].host, "/",
                    endpoints[i].repository, ": ", errors[i].message());
    first = false;
  }
  if (!first) absl::StrAppend(&message, ")");
  return absl::Status(errors[primary].code(), message);
}

}  // namespace kasane
