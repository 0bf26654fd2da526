#include "src/contract/http_state.h"

#include "absl/strings/str_cat.h"
#include "src/base/json.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;

}  // namespace

std::string HttpStatePath(const std::string& record) { return absl::StrCat(record, ".http"); }

std::string EncodeHttpState(const HttpState& state) {
  const Json json = {
      {"version", kVersion}, {"salt", state.salt}, {"etag", state.etag}, {"modified", state.modified}};
  return absl::StrCat(DumpJson(json), "\n");
}

absl::StatusOr<HttpState> DecodeHttpState(absl::string_view text) {
  ASSIGN_OR_RETURN(const Json json, ParseJson(text, "the state of an http edge"));
  if (JsonInt(json, "version") != kVersion) {
    return absl::FailedPreconditionError("the state of an http edge is of another version");
  }
  HttpState state;
  state.salt = JsonString(json, "salt");
  state.etag = JsonString(json, "etag");
  state.modified = JsonString(json, "modified");
  return state;
}

}  // namespace kasane
