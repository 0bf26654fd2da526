#include "generator/secret_options.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "src/base/csv.h"
#include "src/base/file.h"

namespace kasane {
namespace {

constexpr char kSecretForm[] = "use id=NAME,src=FILE or id=NAME,env=VARIABLE";
constexpr char kSshForm[] = "use default, or NAME=SOCKET, or NAME=KEYFILE[,KEYFILE]";

std::string Quoted(const std::string& field) {
  if (field.find_first_of(",\"") == std::string::npos) return field;
  return absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
}

bool CheckFile(const std::string& path, std::string* error) {
  struct stat st;
  if (stat(path.c_str(), &st) != 0) {
    *error = absl::StrCat("cannot read ", path, ": ", std::strerror(errno));
  } else if (S_ISDIR(st.st_mode)) {
    *error = absl::StrCat(path, " is a directory");
  } else if (st.st_size > kMaxSecretSize) {
    *error = absl::StrCat(path, " is too big: ", st.st_size, " bytes, ", kMaxSecretSize, " are allowed");
  }
  return error->empty();
}

}  // namespace

bool AddSecretOption(absl::string_view value, EnvironmentLookup environment, BuildSecrets* secrets,
                     std::string* error, std::string* help) {
  *help = kSecretForm;
  std::vector<CsvField> fields;
  size_t offset = 0;
  if (!SplitCsv(value, &fields, error, &offset)) return false;
  std::string id, type;
  SecretSource source;
  for (const CsvField& field : fields) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(field.text, absl::MaxSplits('=', 1));
    const std::string key = absl::AsciiStrToLower(pair.first);
    if (!absl::StrContains(field.text, '=')) {
      *error = absl::StrCat("invalid field \"", field.text, "\": it must be key=value");
      return false;
    }
    if (key == "id") {
      id = pair.second;
    } else if (key == "type") {
      type = pair.second;
    } else if (key == "src" || key == "source") {
      source.path = pair.second;
    } else if (key == "env") {
      source.env = pair.second;
    } else {
      *error = absl::StrCat("unexpected key \"", key, "\"");
      return false;
    }
  }
  if (!type.empty() && type != "file" && type != "env") {
    *error = absl::StrCat("unsupported type of secret \"", type, "\"");
    return false;
  }
  if (id.empty()) {
    *error = "a secret needs an id";
    return false;
  }
  if (type == "env" && source.env.empty()) source.env = std::exchange(source.path, "");
  if (source.env.empty() && source.path.empty()) {
    (type != "file" && environment(id).has_value() ? source.env : source.path) = id;
  }
  if (source.env.empty()) {
    source.path = AbsolutePath(source.path);
    if (!CheckFile(source.path, error)) return false;
  } else {
    source.path.clear();
  }
  secrets->secrets[id] = std::move(source);
  return true;
}

bool AddSshOption(absl::string_view value, BuildSecrets* secrets, std::string* error, std::string* help) {
  *help = kSshForm;
  const std::pair<std::string, std::string> pair = absl::StrSplit(value, absl::MaxSplits('=', 1));
  const std::string id = pair.first.empty() ? "default" : pair.first;
  std::vector<std::string> paths;
  for (absl::string_view path : absl::StrSplit(pair.second, ',', absl::SkipEmpty())) {
    paths.push_back(AbsolutePath(path));
    struct stat st;
    if (stat(paths.back().c_str(), &st) != 0) {
      *error = absl::StrCat("cannot read ", paths.back(), ": ", std::strerror(errno));
      return false;
    }
    if (S_ISSOCK(st.st_mode) && absl::StrContains(pair.second, ',')) {
      *error = "an agent's socket stands alone";
      return false;
    }
  }
  if (!secrets->agents.emplace(id, std::move(paths)).second) {
    *error = absl::StrCat("the agent ", id, " was given twice");
    return false;
  }
  return true;
}

std::vector<std::string> SecretOptions(const BuildSecrets& secrets) {
  std::vector<std::string> out;
  for (const auto& [id, source] : secrets.secrets) {
    const std::string field =
        source.env.empty() ? absl::StrCat("src=", source.path) : absl::StrCat("env=", source.env);
    out.push_back(absl::StrCat(Quoted(absl::StrCat("id=", id)), ",", Quoted(field)));
  }
  return out;
}

std::vector<std::string> SshOptions(const BuildSecrets& secrets) {
  std::vector<std::string> out;
  for (const auto& [id, paths] : secrets.agents) {
    out.push_back(paths.empty() ? id : absl::StrCat(id, "=", absl::StrJoin(paths, ",")));
  }
  return out;
}

}  // namespace kasane
