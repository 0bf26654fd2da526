// Talks to one registry about one repository, as the OCI distribution specification says: finds out whether
// it speaks https or http, authenticates (basic, bearer), follows redirects, tries again what may pass, and
// turns answers into statuses. Reading and writing of images is built on it in fetch.h, resolve.h and push.h.
#ifndef KASANE_SRC_REGISTRY_CLIENT_H_
#define KASANE_SRC_REGISTRY_CLIENT_H_

#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/config/registries_conf.h"
#include "src/registry/challenge.h"
#include "src/registry/credentials.h"
#include "src/registry/http.h"

namespace kasane {

class RegistryClient {
 public:
  // `http` must outlive it. `push`: ask for the right to write.
  RegistryClient(HttpClient* http, RegistryEndpoint endpoint, Credential credential, bool push);

  // GET /v2/, once: chooses the scheme, learns how to authenticate. Later calls give the first answer again.
  // https is tried first; http only where the endpoint is insecure or on this machine.
  absl::Status Connect();
  const RegistryEndpoint& endpoint() const { return endpoint_; }

  // The URL of "manifests/latest", "blobs/uploads/", ... in the repository. After Connect.
  absl::StatusOr<Url> At(absl::string_view path) const;

  // Also asks for the right to read `repository`, which a mount from there needs. Before the first Send.
  void AddReadScope(absl::string_view repository);

  enum class Retry {
    kNo,         // the caller knows better
    kIfReached,  // not if no connection was made
    kAlways,     // the request may be repeated as it is
  };
  // The last answer, whatever its status. Credentials go to the registry's own origin alone; redirects are
  // followed for GET and HEAD. Once a sink has been given bytes nothing is repeated. Errors as HttpClient's.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, Retry retry, const BodySink& sink = nullptr);

  // Sleeps before try number `failures` + 1; `answer`, which may be null, may say how long.
  void Pause(int failures, const HttpResponse* answer);

  // What a bad answer means to the user: kNotFound ("not found"), kPermissionDenied, kResourceExhausted (too
  // many requests), kUnavailable. The registry's own words are in the message.
  absl::Status ErrorOf(const HttpResponse& response) const;
  std::string host() const { return base_.Authority(); }

 private:
  absl::Status ConnectOver(const std::string& scheme);
  absl::StatusOr<HttpResponse> SendOnce(HttpRequest request, const BodySink& sink);
  absl::StatusOr<HttpResponse> SendFollowing(HttpRequest request, const BodySink& sink);
  // Takes a challenge up; true if a request with the new credentials is worth a try.
  absl::StatusOr<bool> Authenticate(const HttpResponse& answer);
  absl::Status FetchToken(const Challenge& challenge);
  absl::StatusOr<HttpRequest> TokenRequest(const Challenge& challenge, bool refresh) const;

  HttpClient* http_;
  RegistryEndpoint endpoint_;
  Credential credential_;
  bool insecure_;
  bool connected_ = false;
  absl::Status connect_status_;
  Url base_;
  std::vector<std::string> scopes_;
  std::string authorization_;  // the header's value
  std::minstd_rand random_;
};

// "docker.io" -> "registry-1.docker.io"; others are what they are.
std::string ServerOf(absl::string_view host);

// The messages of an error document ({"errors":[{"code","message","detail"}]}, {"details":..}), on one line;
// "" if it has none.
std::string RegistryMessage(absl::string_view body);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_CLIENT_H_
