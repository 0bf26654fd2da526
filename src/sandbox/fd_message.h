// Messages with a descriptor on a unix socket (unix(7), SCM_RIGHTS).
#ifndef KASANE_SRC_SANDBOX_FD_MESSAGE_H_
#define KASANE_SRC_SANDBOX_FD_MESSAGE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "src/base/file.h"

namespace kasane {

// `fd`: -1 for none. Never a SIGPIPE.
absl::Status SendMessage(int socket, absl::string_view text, int fd);

struct FdMessage {
  std::string text;  // up to 4096 bytes; empty: an end, or an error
  UniqueFd fd;       // not valid: none came
};
FdMessage ReceiveMessage(int socket);  // blocks

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_FD_MESSAGE_H_
