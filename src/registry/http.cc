#include "src/registry/http.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/registry/certificates.h"
#include "src/registry/headers.h"

namespace kasane {
namespace {

constexpr char kUserAgent[] = "kasane/1";
constexpr long kConnectTimeout = 20;  // seconds
constexpr long kStallTimeout = 60;    // seconds without a byte
constexpr long kBufferSize = 256 << 10;
constexpr size_t kMaxErrorBody = 64 << 10;

void InitOnce() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// What the callbacks of one transfer share.
struct Transfer {
  const HttpRequest* request = nullptr;
  const BodySink* sink = nullptr;
  int64_t max_body = 0;
  HttpResponse response;
  absl::Status status;  // of the sink, or of reading the body to be sent
  int64_t sent = 0;
};

size_t OnHeader(char* data, size_t, size_t size, void* user) {
  AddHeaderLine(absl::string_view(data, size), &static_cast<Transfer*>(user)->response);
  return size;
}

size_t OnBody(char* data, size_t, size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  HttpResponse& response = transfer.response;
  if (!response.ok()) {
    response.body.append(data, std::min(size, kMaxErrorBody - std::min(kMaxErrorBody, response.body.size())));
    return size;
  }
  if (*transfer.sink) {
    transfer.status = (*transfer.sink)(response, absl::string_view(data, size));
    return transfer.status.ok() ? size : 0;
  }
  if (static_cast<int64_t>(response.body.size() + size) > transfer.max_body) {
    transfer.status =
        absl::DataLossError(absl::StrCat("the answer is longer than ", transfer.max_body, " bytes"));
    return 0;
  }
  response.body.append(data, size);
  return size;
}

// Sends HttpRequest::body_file, or body.
size_t OnSend(char* buffer, size_t, size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const HttpRequest& request = *transfer.request;
  if (!request.body_file) {
    const size_t piece = std::min(size, request.body.size() - static_cast<size_t>(transfer.sent));
    request.body.copy(buffer, piece, static_cast<size_t>(transfer.sent));
    transfer.sent += static_cast<int64_t>(piece);
    return piece;
  }
  const BlobRef& file = *request.body_file;
  const size_t wanted =
      static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(size), file.size - transfer.sent));
  if (wanted == 0) return 0;
  ssize_t got;
  do {
    got = pread(file.fd->get(), buffer, wanted, file.offset + transfer.sent);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) {
    transfer.status =
        got < 0 ? ErrnoStatus(errno, "cannot read the blob") : absl::DataLossError("the blob is cut off");
    return CURL_READFUNC_ABORT;
  }
  transfer.sent += got;
  return static_cast<size_t>(got);
}

int OnRewind(void* user, curl_off_t offset, int origin) {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Transfer*>(user)->sent = offset;
  return CURL_SEEKFUNC_OK;
}

std::string Lower(const char* text) { return absl::AsciiStrToLower(text); }

absl::Status TransferError(CURLcode code, long os_error, const char* detail, const Url& url,
                           const Transfer& transfer) {
  std::string reason = *detail != '\0' ? detail : Lower(curl_easy_strerror(code));
  while (!reason.empty() && (reason.back() == '\n' || reason.back() == '.')) reason.pop_back();
  const std::string host = url.Authority();
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return absl::UnavailableError(absl::StrCat("cannot reach ", host, ": the host name is not known"));
    case CURLE_COULDNT_RESOLVE_PROXY:
      return absl::UnavailableError(absl::StrCat("cannot reach ", host, ": the proxy's name is not known"));
    case CURLE_COULDNT_CONNECT:
      if (os_error != 0) reason = Lower(std::strerror(static_cast<int>(os_error)));
      return absl::UnavailableError(absl::StrCat("cannot reach ", host, ": ", reason));
    case CURLE_OPERATION_TIMEDOUT:
      if (transfer.response.status == 0 && transfer.sent == 0) {
        return absl::UnavailableError(absl::StrCat("cannot reach ", host, ": timed out"));
      }
      return absl::AbortedError(absl::StrCat(host, " stopped sending"));
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return absl::FailedPreconditionError(absl::StrCat("cannot reach ", host, " over TLS: ", reason));
    default:
      return absl::AbortedError(absl::StrCat("the connection to ", host, " broke: ", reason));
  }
}

}  // namespace

std::string HttpResponse::Header(const std::string& lower_case_name) const {
  auto found = headers.find(lower_case_name);
  return found == headers.end() ? "" : found->second;
}

struct HttpClient::Impl {
  std::unique_ptr<CURL, void (*)(CURL*)> curl{curl_easy_init(), &curl_easy_cleanup};
  std::map<std::string, HostCertificates> certificates;  // by authority

  const HostCertificates& CertificatesOf(const Url& url) {
    const std::string authority = url.Authority();
    auto found = certificates.find(authority);
    if (found == certificates.end())
      found = certificates.emplace(authority, FindCertificates(authority)).first;
    return found->second;
  }
};

HttpClient::HttpClient() {
  InitOnce();
  impl_ = std::make_unique<Impl>();
}
HttpClient::~HttpClient() = default;

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpRequest& request, const BodySink& sink,
                                              int64_t max_body) {
  CURL* curl = impl_->curl.get();
  if (curl == nullptr) return absl::InternalError("libcurl does not start");
  curl_easy_reset(curl);  // keeps connections
  Transfer transfer;
  transfer.request = &request;
  transfer.sink = &sink;
  transfer.max_body = max_body;
  char detail[CURL_ERROR_SIZE] = "";

  curl_easy_setopt(curl, CURLOPT_URL, request.url.text.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_USERAGENT, kUserAgent);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectTimeout);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kStallTimeout);
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, kBufferSize);
  curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, kBufferSize);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);

  // libcurl reads the proxy variables but HTTP_PROXY, which a web server could set for its CGI programs; Go's
  // tools take it, and users set it for them. Nor does it know that loopback needs no proxy.
  if (request.url.IsLoopback()) {
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
  } else if (const char* proxy = std::getenv("HTTP_PROXY");
             proxy != nullptr && request.url.scheme == "http" && std::getenv("http_proxy") == nullptr) {
    curl_easy_setopt(curl, CURLOPT_PROXY, proxy);
  }

  curl_slist* list = nullptr;
  const auto append = [&](const std::string& line) { list = curl_slist_append(list, line.c_str()); };
  for (const auto& [name, value] : request.headers) append(absl::StrCat(name, ": ", value));
  const bool has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (has_body) {
    const int64_t size =
        request.body_file ? request.body_file->size : static_cast<int64_t>(request.body.size());
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, &OnSend);
    curl_easy_setopt(curl, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, &OnRewind);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, &transfer);
    append("Expect:");  // small bodies need no permission, and a refused big one is cut short anyway
  }
  if (request.method != "HEAD") curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);

  if (request.url.scheme == "https") {
    if (!request.verify_tls) {
      curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
      curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    const HostCertificates& certificates = impl_->CertificatesOf(request.url);
    if (!certificates.authorities.empty()) {
      curl_blob blob = {const_cast<char*>(certificates.authorities.data()), certificates.authorities.size(),
                        CURL_BLOB_NOCOPY};
      curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
    }
    if (!certificates.client_certificate.empty()) {
      curl_easy_setopt(curl, CURLOPT_SSLCERT, certificates.client_certificate.c_str());
      curl_easy_setopt(curl, CURLOPT_SSLKEY, certificates.client_key.c_str());
    }
  }
  const CURLcode code = curl_easy_perform(curl);
  curl_slist_free_all(list);
  if (!transfer.status.ok()) return transfer.status;
  if (code == CURLE_OK) return std::move(transfer.response);
  // A server that refuses a big upload answers and hangs up; its answer says more than "broken pipe".
  const bool refused = transfer.response.status >= 400 && has_body;
  if (refused && (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR)) return std::move(transfer.response);
  long os_error = 0;
  curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error);
  return TransferError(code, os_error, detail, request.url, transfer);
}

}  // namespace kasane
