// Status plumbing that Debian's Abseil (20220623) does not have yet.
#ifndef KASANE_SRC_BASE_STATUS_H_
#define KASANE_SRC_BASE_STATUS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

// A Status for a failed system call: `what` (a verb and a path: "cannot open /a/b"), then the text of
// `error_number`. ENOENT gives kNotFound, EEXIST kAlreadyExists, EACCES and EPERM kPermissionDenied, ENOSPC
// kResourceExhausted, anything else kInternal.
absl::Status ErrnoStatus(int error_number, absl::string_view what);

// The same code, with "context: " before the message. OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

}  // namespace kasane

#define KASANE_CONCAT_INNER(a, b) a##b
#define KASANE_CONCAT(a, b) KASANE_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expr)                      \
  do {                                             \
    ::absl::Status kasane_status = (expr);         \
    if (!kasane_status.ok()) return kasane_status; \
  } while (false)

#define KASANE_ASSIGN_OR_RETURN(tmp, lhs, expr) \
  auto tmp = (expr);                            \
  if (!tmp.ok()) return tmp.status();           \
  lhs = std::move(tmp).value()

// ASSIGN_OR_RETURN(auto x, F()): x = the value of F(), or return its status.
#define ASSIGN_OR_RETURN(lhs, expr) \
  KASANE_ASSIGN_OR_RETURN(KASANE_CONCAT(kasane_status_or_, __LINE__), lhs, expr)

#endif  // KASANE_SRC_BASE_STATUS_H_
