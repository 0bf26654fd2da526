#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/oci/manifest_reader.h"
#include "src/registry/access.h"

namespace kasane {
namespace {

struct Document {
  std::string bytes;
  std::string media_type;
};

absl::StatusOr<Document> Get(RegistryClient* client, absl::string_view path, bool is_manifest) {
  HttpRequest request;
  ASSIGN_OR_RETURN(request.url, client->At(path));
  if (is_manifest) request.headers.emplace_back("Accept", kManifestAccept);
  ASSIGN_OR_RETURN(HttpResponse answer, client->Send(request, RegistryClient::Retry::kAlways));
  if (!answer.ok()) return client->ErrorOf(answer);
  // By tag we know nothing but what the registry says of itself; it should at least agree with itself.
  const std::string said = answer.Header("docker-content-digest");
  if (is_manifest && absl::StartsWith(said, "sha256:") && said != Sha256Of(answer.body).ToString()) {
    return absl::DataLossError(absl::StrCat("wrong digest: ", client->host(), " announces ", said,
                                            " and sends ", Sha256Of(answer.body).ToString()));
  }
  return Document{std::move(answer.body), answer.Header("content-type")};
}

absl::StatusOr<ResolvedImage> ResolveAt(RegistryClient* client, const Platform& platform) {
  RETURN_IF_ERROR(client->Connect());
  const RegistryEndpoint& endpoint = client->endpoint();
  const std::string& name = endpoint.digest.empty() ? endpoint.tag : endpoint.digest;
  ASSIGN_OR_RETURN(const Document document, Get(client, absl::StrCat("manifests/", name), true));
  const std::string got = Sha256Of(document.bytes).ToString();
  if (!endpoint.digest.empty() && got != endpoint.digest) {
    return absl::DataLossError(absl::StrCat("wrong digest: asked for ", endpoint.digest, ", got ", got));
  }
  const DocumentReader read = [&](const Descriptor& d, bool is_manifest) -> absl::StatusOr<std::string> {
    auto part =
        Get(client, absl::StrCat(is_manifest ? "manifests/" : "blobs/", d.digest.ToString()), is_manifest);
    if (!part.ok())
      return Annotate(part.status(),
                      absl::StrCat(is_manifest ? "manifest " : "config ", d.digest.ToString()));
    return std::move(part->bytes);
  };
  return ResolveManifest(document.bytes, document.media_type, platform, read);
}

}  // namespace

absl::StatusOr<ResolvedImage> ResolveImage(RegistryAccess* access, const Reference& reference,
                                           const Platform& platform) {
  const std::string name = reference.ToString();
  ASSIGN_OR_RETURN(const std::vector<RegistryEndpoint> endpoints, access->conf.ReadEndpoints(name));
  std::vector<absl::Status> errors;
  for (const RegistryEndpoint& endpoint : endpoints) {
    RegistryClient client = access->Client(endpoint, /*push=*/false);
    auto image = ResolveAt(&client, platform);
    if (image.ok()) {
      image->reference = reference;
      image->source = access->conf.BlobSource(name, reference.Repository());
      return image;
    }
    errors.push_back(image.status());
  }
  return Annotate(CombineErrors(endpoints, errors), name);
}

}  // namespace kasane
