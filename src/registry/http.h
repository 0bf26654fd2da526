// One HTTP exchange over libcurl: no exceptions, no redirects, no authentication, no retries (client.h adds
// those). Proxies come from the environment: http_proxy, https_proxy, all_proxy, no_proxy, in both cases;
// loopback addresses are never asked through one. $SSL_CERT_FILE and the directories of containers-certs.d(5)
// name certificates.
#ifndef KASANE_SRC_REGISTRY_HTTP_H_
#define KASANE_SRC_REGISTRY_HTTP_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/registry/url.h"
#include "src/store/store.h"

namespace kasane {

struct HttpRequest {
  std::string method = "GET";
  Url url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                   // of a POST, PUT or PATCH, unless...
  absl::optional<BlobRef> body_file;  // ...it is this range of a file
  bool verify_tls = true;
};

struct HttpResponse {
  long status = 0;
  std::map<std::string, std::string> headers;  // by lower-case name; repeated ones are joined with ", "
  std::string body;                            // what did not go to the sink
  std::string Header(const std::string& lower_case_name) const;  // "" if there is none
  bool ok() const { return status >= 200 && status < 300; }
};

// Gets the body of a 2xx answer piece by piece, after its headers are known. A status that is not OK ends the
// transfer and is what Send returns.
using BodySink = std::function<absl::Status(const HttpResponse& so_far, absl::string_view data)>;

// Keeps connections open between exchanges. For one thread. `curl_global_init` is called by the first.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Without a sink the body is kept, at most `max_body` bytes of it (more is kDataLoss); bodies of answers
  // that are not 2xx are always kept, cut off after 64 KiB. kUnavailable: no connection was made.
  // kFailedPrecondition: TLS was refused (a certificate, no TLS at all). kAborted: it broke in the middle.
  // Messages name the host and the reason.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, const BodySink& sink = nullptr,
                                    int64_t max_body = 32 << 20);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_HTTP_H_
