#include "src/sandbox/fuse_request.h"

#include <cerrno>

#include "absl/strings/match.h"

namespace kasane {
namespace {

// How many bytes the body of a request begins with, before a name.
size_t FixedSize(const fuse_in_header& header) {
  switch (header.opcode) {
    case FUSE_INIT:
      return offsetof(fuse_init_in, flags2);  // what it was before 7.36
    case FUSE_GETATTR:
      return sizeof(fuse_getattr_in);
    case FUSE_OPEN:
    case FUSE_OPENDIR:
      return sizeof(fuse_open_in);
    case FUSE_READ:
    case FUSE_READDIR:
    case FUSE_READDIRPLUS:
      return sizeof(fuse_read_in);
    case FUSE_GETXATTR:
    case FUSE_LISTXATTR:
      return sizeof(fuse_getxattr_in);
    default:
      return 0;
  }
}

bool HasName(const fuse_in_header& header) {
  return header.opcode == FUSE_LOOKUP || header.opcode == FUSE_GETXATTR;
}

}  // namespace

int ParseFuseRequest(absl::string_view bytes, FuseRequest* request) {
  *request = FuseRequest();
  if (bytes.size() < sizeof(fuse_in_header)) return EINVAL;
  std::memcpy(&request->header, bytes.data(), sizeof(fuse_in_header));
  if (request->header.len != bytes.size()) return EINVAL;
  request->body = bytes.substr(sizeof(fuse_in_header));
  const size_t fixed = FixedSize(request->header);
  if (request->body.size() < fixed) return EINVAL;
  if (!HasName(request->header)) return 0;
  absl::string_view rest = request->body.substr(fixed);
  size_t end = rest.find('\0');
  if (end == 0 || end == absl::string_view::npos) return EINVAL;
  request->name = rest.substr(0, end);
  bool is_path = request->header.opcode == FUSE_LOOKUP && absl::StrContains(request->name, '/');
  return is_path ? EINVAL : 0;
}

bool FuseRequestNeedsNode(const FuseRequest& request) {
  switch (request.header.opcode) {
    case FUSE_LOOKUP:
    case FUSE_GETATTR:
    case FUSE_READLINK:
    case FUSE_OPEN:
    case FUSE_READ:
    case FUSE_RELEASE:
    case FUSE_OPENDIR:
    case FUSE_READDIR:
    case FUSE_READDIRPLUS:
    case FUSE_RELEASEDIR:
    case FUSE_GETXATTR:
    case FUSE_LISTXATTR:
      return true;
    default:
      return false;
  }
}

}  // namespace kasane
