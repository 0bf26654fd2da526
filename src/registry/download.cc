#include "src/registry/download.h"

#include <curl/curl.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "src/base/status.h"
#include "src/oci/compression.h"
#include "src/registry/backoff.h"
#include "src/registry/url.h"

namespace kasane {
namespace {

constexpr int kMaxRedirects = 10;
constexpr size_t kPiece = 256 << 10;

// A URL as people write it, taken apart: "user:password@" and what may not stand in a request.
struct Address {
  Url url;
  std::string authorization;  // the header's value, or empty
  std::string shown;          // for messages
};

std::string DecodePercent(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    uint32_t byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2])) &&
        absl::SimpleHexAtoi(text.substr(i + 1, 2), &byte)) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

absl::StatusOr<Address> ParseAddress(absl::string_view text, const std::string& authorization) {
  text = text.substr(0, text.find('#'));
  Address out;
  std::string clean;
  for (char c : text) {  // a browser's courtesy, and Go's
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f) {
      absl::StrAppend(&clean, PercentEncode(absl::string_view(&c, 1)));
    } else {
      clean += c;
    }
  }
  const size_t scheme = clean.find("://");
  const size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const size_t end = std::min(clean.find_first_of("/?", host), clean.size());
  const size_t at = clean.rfind('@', end);
  if (at != std::string::npos && at >= host) {
    out.authorization =
        absl::StrCat("Basic ", absl::Base64Escape(DecodePercent(clean.substr(host, at - host))));
    clean.erase(host, at + 1 - host);
  }
  if (!authorization.empty()) out.authorization = authorization;
  out.shown = clean;
  ASSIGN_OR_RETURN(out.url, ParseUrl(clean));
  return out;
}

bool IsRedirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// The last answer, redirects followed.
absl::StatusOr<HttpResponse> Exchange(HttpClient* http, const char* method, const Address& address,
                                      const std::string& etag, const BodySink& sink) {
  HttpRequest request;
  request.method = method;
  request.url = address.url;
  for (int hops = 0; hops <= kMaxRedirects; ++hops) {
    request.headers = {{"Accept", "*/*"}, {"Accept-Encoding", "gzip"}};
    if (!etag.empty()) request.headers.emplace_back("If-None-Match", etag);
    if (!address.authorization.empty() && request.url.SameOrigin(address.url)) {
      request.headers.emplace_back("Authorization", address.authorization);
    }
    ASSIGN_OR_RETURN(HttpResponse answer, http->Send(request, sink));
    const std::string location = answer.Header("location");
    if (!IsRedirect(answer.status) || location.empty()) return answer;
    ASSIGN_OR_RETURN(request.url, ResolveUrl(request.url, location));
  }
  return absl::FailedPreconditionError("too many redirects");
}

RemoteFile Describe(const HttpResponse& answer, const std::string& asked) {
  RemoteFile file;
  file.etag = std::string(absl::StripPrefix(answer.Header("etag"), "W/"));
  file.modified = answer.Header("last-modified");
  if (answer.status == 304 && file.etag.empty()) file.etag = asked;
  file.same = !asked.empty() && file.etag == asked;
  return file;
}

absl::Status ErrorOf(const HttpResponse& answer) {
  const std::string message = absl::StrCat("the server answers ", answer.status);
  if (answer.status == 404 || answer.status == 410) return absl::NotFoundError(message);
  if (answer.status == 401 || answer.status == 403) return absl::PermissionDeniedError(message);
  return IsTransient(answer.status) ? absl::UnavailableError(message)
                                    : absl::FailedPreconditionError(message);
}

// Takes a body as it comes and makes a blob of it.
class BodyWriter {
 public:
  explicit BodyWriter(Store* store) : blob_(store->NewBlob()) {}

  absl::Status Write(const HttpResponse& so_far, absl::string_view data) {
    if (!begun_ && absl::EqualsIgnoreCase(so_far.Header("content-encoding"), "gzip")) {
      decompressor_ = std::make_unique<Decompressor>();
      buffer_.resize(kPiece);
    }
    begun_ = true;
    if (decompressor_ == nullptr) return blob_.Write(data);
    while (true) {
      ASSIGN_OR_RETURN(const size_t n, decompressor_->Read(&data, buffer_.data(), buffer_.size()));
      RETURN_IF_ERROR(blob_.Write(absl::string_view(buffer_.data(), n)));
      if (n == 0 && data.empty()) return absl::OkStatus();
    }
  }

  absl::Status Finish(RemoteFile* file) {
    while (decompressor_ != nullptr) {
      ASSIGN_OR_RETURN(const size_t n, decompressor_->ReadEnd(buffer_.data(), buffer_.size()));
      RETURN_IF_ERROR(blob_.Write(absl::string_view(buffer_.data(), n)));
      if (n == 0) break;
    }
    file->size = blob_.size();
    ASSIGN_OR_RETURN(file->content, blob_.Commit());
    return absl::OkStatus();
  }

 private:
  BlobWriter blob_;
  std::unique_ptr<Decompressor> decompressor_;
  std::string buffer_;
  bool begun_ = false;
};

absl::StatusOr<RemoteFile> DownloadOnce(HttpClient* http, Store* store, const Address& address,
                                        const std::string& etag, HttpResponse* answer) {
  BodyWriter writer(store);
  const BodySink sink = [&](const HttpResponse& so_far, absl::string_view data) {
    return writer.Write(so_far, data);
  };
  ASSIGN_OR_RETURN(*answer, Exchange(http, "GET", address, etag, sink));
  RemoteFile file = Describe(*answer, etag);
  if (answer->status == 304 && file.same) return file;
  if (!answer->ok()) return ErrorOf(*answer);
  file.same = false;
  RETURN_IF_ERROR(writer.Finish(&file));
  return file;
}

bool IsWorthAnotherTry(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kAborted;
}

}  // namespace

absl::StatusOr<RemoteFile> ProbeFile(HttpClient* http, const std::string& url, const std::string& etag,
                                     const std::string& authorization) {
  absl::StatusOr<Address> address = ParseAddress(url, authorization);
  if (!address.ok()) return address.status();
  absl::StatusOr<HttpResponse> answer = Exchange(http, "HEAD", *address, etag, nullptr);
  if (!answer.ok()) return Annotate(answer.status(), address->shown);
  if ((answer->ok() || answer->status == 304) && !Describe(*answer, etag).etag.empty())
    return Describe(*answer, etag);

  HttpResponse headers;
  absl::Status enough = absl::CancelledError("enough");
  answer = Exchange(http, "GET", *address, etag, [&](const HttpResponse& so_far, absl::string_view) {
    headers = so_far;
    return enough;
  });
  if (answer.status() == enough) return Describe(headers, etag);
  if (!answer.ok()) return Annotate(answer.status(), address->shown);
  if (!answer->ok() && answer->status != 304) return Annotate(ErrorOf(*answer), address->shown);
  return Describe(*answer, etag);
}

absl::StatusOr<RemoteFile> DownloadFile(HttpClient* http, Store* store, const std::string& url,
                                        const std::string& etag, const std::string& authorization) {
  absl::StatusOr<Address> address = ParseAddress(url, authorization);
  if (!address.ok()) return address.status();
  for (int failures = 1;; ++failures) {
    HttpResponse answer;
    absl::StatusOr<RemoteFile> file = DownloadOnce(http, store, *address, etag, &answer);
    if (file.ok()) return file;
    // Nobody there at all is seldom a matter of time.
    const int tries = answer.status == 0 ? kMaxConnectTries : kMaxTries;
    if (!IsWorthAnotherTry(file.status()) || failures >= tries)
      return Annotate(file.status(), address->shown);
    const auto retry_after = ParseRetryAfter(answer.Header("retry-after"), absl::Now());
    absl::SleepFor(RetryDelay(failures, 0.5, retry_after));
  }
}

int64_t ParseHttpDate(const std::string& text) {
  const time_t time = curl_getdate(text.c_str(), nullptr);
  return time < 0 ? 0 : time;
}

}  // namespace kasane
