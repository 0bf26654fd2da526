// Files behind URLs, as ADD wants them.
#ifndef KASANE_SRC_REGISTRY_DOWNLOAD_H_
#define KASANE_SRC_REGISTRY_DOWNLOAD_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "src/base/digest.h"
#include "src/registry/http.h"
#include "src/store/store.h"

namespace kasane {

struct RemoteFile {
  bool same = false;     // it is the one with the ETag that was asked about; then there is no content
  std::string etag;      // without "W/", which the rest of the world does not heed either; may be empty
  std::string modified;  // Last-Modified as it was sent, or empty
  Digest content;
  int64_t size = 0;
};

// Both follow redirects, send `authorization` (a header's value) or else "user:password@" of the URL, as
// basic authentication, to its own host only, and ask for gzip on the way, as BuildKit does: some servers
// have another ETag then. `etag` may be empty. Messages name the URL, without a password.

// What the server says of the file, without its content: by HEAD, or where that is refused, or tells no ETag,
// by a GET that is broken off. Tried once.
absl::StatusOr<RemoteFile> ProbeFile(HttpClient* http, const std::string& url, const std::string& etag,
                                     const std::string& authorization);

// The content as a blob, unless it is the one of `etag`. What may pass is tried again. kNotFound,
// kPermissionDenied, kUnavailable: the server's answer.
absl::StatusOr<RemoteFile> DownloadFile(HttpClient* http, Store* store, const std::string& url,
                                        const std::string& etag, const std::string& authorization);

// Seconds since 1970 of a Last-Modified header; 0 if it is none.
int64_t ParseHttpDate(const std::string& text);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_DOWNLOAD_H_
