// One request of the kernel's FUSE protocol (linux/fuse.h), taken apart and checked.
#ifndef KASANE_SRC_SANDBOX_FUSE_REQUEST_H_
#define KASANE_SRC_SANDBOX_FUSE_REQUEST_H_

#include <linux/fuse.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "absl/strings/string_view.h"

namespace kasane {

struct FuseRequest {
  fuse_in_header header = {};
  // What follows the header. Views the bytes that were parsed.
  absl::string_view body;
  absl::string_view name;  // of LOOKUP and GETXATTR, without its NUL

  // The operation's own structure, with which the body begins. What an older kernel does not send is zero.
  template <typename T>
  T As() const {
    T value = {};
    if (!body.empty()) std::memcpy(&value, body.data(), std::min(body.size(), sizeof(T)));
    return value;
  }
};

// Parses what one read of /dev/fuse gave. 0, or the errno to refuse it with: EINVAL for a length that is not
// what the header says, a body too short for its operation, a name that is empty, holds a slash or does not
// end. Operations that LowerFs does not serve are not looked into. With fewer bytes than a header,
// header.unique stays 0: there is nobody to answer.
int ParseFuseRequest(absl::string_view bytes, FuseRequest* request);

// Whether the operation is about a node, whose id must then be one that the kernel was given.
bool FuseRequestNeedsNode(const FuseRequest& request);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_FUSE_REQUEST_H_
