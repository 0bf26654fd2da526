#include "generator/context_argument.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "src/base/digest.h"
#include "src/base/file.h"
#include "src/base/password.h"
#include "src/oci/built_base.h"
#include "src/oci/reference.h"

namespace kasane {
namespace {

using Kind = ContextArgument::Kind;

bool Fail(Diagnostic* error, std::string message, std::string help = "") {
  *error = Diagnostic();
  error->message = std::move(message);
  error->help = std::move(help);
  return false;
}

bool IsDirectory(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// True: it is a URL or a repository, right or wrong; then `*ok` says which.
bool ParseNetwork(const std::string& word, const std::string& what, ContextArgument* out, Diagnostic* error,
                  bool* ok) {
  std::string reason;
  *ok = true;
  switch (ParseRemote(word, &out->git, &reason)) {
    case RemoteKind::kNone:
      return false;
    case RemoteKind::kBad:
      *ok = Fail(error, absl::StrCat(what, " ", WithoutPassword(word), ": ", reason));
      return true;
    case RemoteKind::kGit:
      out->kind = Kind::kGit;
      return true;
    case RemoteKind::kFile:
      out->kind = Kind::kUrl;
      return true;
  }
  return false;
}

bool ParseLayout(absl::string_view rest, const std::string& what, ContextArgument* out, Diagnostic* error) {
  out->kind = Kind::kLayout;
  const size_t at = rest.find('@');
  const absl::string_view front = rest.substr(0, at);
  out->value = std::string(front.substr(0, front.find(':')));
  if (at != absl::string_view::npos) {
    out->tag = std::string(rest.substr(at));
    if (!Digest::Parse(rest.substr(at + 1)).ok()) {
      return Fail(error, absl::StrCat(what, ": invalid digest \"", rest.substr(at + 1), "\""),
                  "it is sha256: and 64 hexadecimal digits");
    }
  } else {
    out->tag = std::string(front.substr(out->value.size()));
  }
  if (PathExists(JoinPath(out->value, "index.json"))) return true;
  return Fail(error, absl::StrCat(what, ": ", out->value, " is no OCI layout: it has no index.json"),
              "use oci-layout://DIRECTORY[:TAG]");
}

bool ParseBuild(absl::string_view rest, const std::string& what, ContextArgument* out, Diagnostic* error) {
  out->kind = Kind::kBuilt;
  out->value = std::string(rest);
  if (PathExists(absl::StrCat(rest, "/.kasane/", kBuiltBases))) return true;
  return Fail(error, absl::StrCat(what, ": there is no build in ", rest),
              "build://DIRECTORY is where gen has written .kasane");
}

}  // namespace

bool ParseMainContext(const std::string& word, ContextArgument* out, Diagnostic* error) {
  out->value = word;
  if (word == "-") {
    out->kind = Kind::kStandardInput;
    return true;
  }
  if (IsDirectory(word)) return true;
  bool ok = true;
  if (ParseNetwork(word, "context", out, error, &ok)) return ok;
  if (PathExists(word)) return Fail(error, absl::StrCat("context ", word, " is not a directory"));
  return Fail(error, absl::StrCat("context directory ", word, " does not exist"));
}

bool ParseNamedContext(const std::string& name, const std::string& word, ContextArgument* out,
                       Diagnostic* error) {
  const std::string what = absl::StrCat("--build-context ", name);
  out->value = word;
  absl::string_view rest = word;
  if (absl::ConsumePrefix(&rest, "docker-image://")) {
    out->kind = Kind::kImage;
    out->value = std::string(rest);
    if (rest == "scratch") return true;
    const absl::StatusOr<Reference> reference = ParseReference(rest);
    return reference.ok() || Fail(error, absl::StrCat(what, ": ", reference.status().message()));
  }
  if (absl::ConsumePrefix(&rest, "oci-layout://")) return ParseLayout(rest, what, out, error);
  if (absl::ConsumePrefix(&rest, "build://")) return ParseBuild(rest, what, out, error);
  if (absl::ConsumePrefix(&rest, "target:")) {
    out->kind = Kind::kStage;
    out->value = std::string(rest);
    return !rest.empty() || Fail(error, absl::StrCat(what, ": target: names no stage"));
  }
  bool ok = true;
  if (ParseNetwork(word, what, out, error, &ok)) return ok;
  if (IsDirectory(word)) return true;
  if (PathExists(word)) return Fail(error, absl::StrCat(what, ": ", word, " is not a directory"));
  return Fail(error, absl::StrCat(what, ": directory ", word, " does not exist"),
              "besides directories there are docker-image://, oci-layout://, build://, target:, repositories "
              "and URLs");
}

std::string ContextWord(const ContextArgument& argument, const std::string& word, const std::string& path) {
  if (argument.kind == Kind::kDirectory) return path;
  if (argument.kind == Kind::kLayout) return absl::StrCat("oci-layout://", path, argument.tag);
  if (argument.kind == Kind::kBuilt) return absl::StrCat("build://", path);
  return word;
}

}  // namespace kasane
