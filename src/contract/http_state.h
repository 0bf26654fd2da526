// What the server said of a file that an http edge brought: "<record>.http", beside the edge's record.
//
// Ninja cannot see that a remote file changed. gen asks the server (BuildKit does at every build) and
// compares with this; if the file is another one, or the server cannot tell, the edge gets a new salt in its
// command, so ninja runs it. An edge with a checksum has no state: nobody is asked again.
//   {"version":1,"salt":"...","etag":"...","modified":"Tue, 01 Jan 2030 00:00:00 GMT"}
#ifndef KASANE_SRC_CONTRACT_HTTP_STATE_H_
#define KASANE_SRC_CONTRACT_HTTP_STATE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

struct HttpState {
  std::string salt;      // of the command that asked
  std::string etag;      // without "W/"; empty: the server has none
  std::string modified;  // Last-Modified as it was sent, or empty
};

std::string HttpStatePath(const std::string& record);  // record + ".http"
std::string EncodeHttpState(const HttpState& state);
absl::StatusOr<HttpState> DecodeHttpState(absl::string_view json);

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_HTTP_STATE_H_
