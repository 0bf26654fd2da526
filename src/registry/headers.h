// What is read out of the header lines of an answer (RFC 9110); challenges and times have files of their own:
// challenge.h, backoff.h. Nothing here trusts the server.
#ifndef KASANE_SRC_REGISTRY_HEADERS_H_
#define KASANE_SRC_REGISTRY_HEADERS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "src/registry/http.h"

namespace kasane {

// One line as libcurl gives it, its end included. A status line begins a new answer, so what came before (a
// 100 Continue, a proxy's words) is forgotten; what is no header is passed over.
void AddHeaderLine(absl::string_view line, HttpResponse* response);

// Content-Range of a 206 answer: "bytes 100-199/200" -> 100. -1: it does not say.
int64_t ContentRangeStart(absl::string_view value);

// Range of an upload, as distribution has it: "0-1023" -> 1024 bytes have arrived. A missing header, "0--1",
// "0-0" of an upload that has nothing yet, and what cannot be: `nothing`.
int64_t UploadedBytes(absl::string_view value, int64_t nothing);

}  // namespace kasane

#endif  // KASANE_SRC_REGISTRY_HEADERS_H_
