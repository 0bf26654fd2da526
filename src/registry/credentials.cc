#include "src/registry/credentials.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr char kHubServer[] = "https://index.docker.io/v1/";  // what docker login writes for Docker Hub

// "https://index.docker.io/v1/" -> "docker.io"; "https://host:1/v2/" -> "host:1"; "host/ns/" -> "host/ns".
std::string NormalizeKey(absl::string_view key) {
  if (const size_t scheme = key.find("://"); scheme != absl::string_view::npos) {
    key = key.substr(scheme + 3);
    // Of a URL only the host counts.
    key = key.substr(0, key.find('/'));
  }
  while (absl::EndsWith(key, "/")) key.remove_suffix(1);
  if (absl::EndsWith(key, "/v1") || absl::EndsWith(key, "/v2")) key.remove_suffix(3);
  if (key == "index.docker.io" || key == "registry-1.docker.io") return "docker.io";
  return std::string(key);
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

absl::StatusOr<Credential> ParseAuthEntry(const Json& entry) {
  Credential out;
  out.username = JsonString(entry, "username");
  out.password = JsonString(entry, "password");
  out.identity_token = JsonString(entry, "identitytoken");
  out.registry_token = JsonString(entry, "registrytoken");
  const std::string auth = JsonString(entry, "auth");
  if (auth.empty()) return out;
  std::string decoded;
  if (!absl::Base64Unescape(auth, &decoded)) return absl::InvalidArgumentError("`auth` is not base64");
  const size_t colon = decoded.find(':');
  if (colon == std::string::npos) return absl::InvalidArgumentError("`auth` is not base64 of USER:PASSWORD");
  out.username = decoded.substr(0, colon);
  out.password = decoded.substr(colon + 1);
  while (!out.password.empty() && out.password.back() == '\0') out.password.pop_back();
  return out;
}

Credentials Credentials::FromEnvironment() {
  std::vector<std::string> files;
  const auto add = [&](const std::string& base, absl::string_view rest) {
    if (!base.empty()) files.push_back(rest.empty() ? base : JoinPath(base, rest));
  };
  const std::string home = Environment("HOME"), docker = Environment("DOCKER_CONFIG");
  const std::string runtime = Environment("XDG_RUNTIME_DIR"), config = Environment("XDG_CONFIG_HOME");
  add(Environment("REGISTRY_AUTH_FILE"), "");
  docker.empty() ? add(home, ".docker/config.json") : add(docker, "config.json");
  add(runtime.empty() ? absl::StrCat("/run/containers/", getuid()) : JoinPath(runtime, "containers"),
      "auth.json");
  config.empty() ? add(home, ".config/containers/auth.json") : add(config, "containers/auth.json");
  return Credentials(std::move(files), &RunCredentialHelper);
}

void Credentials::Warn(std::string message) {
  if (std::find(warnings_.begin(), warnings_.end(), message) == warnings_.end()) {
    warnings_.push_back(std::move(message));
  }
}

bool Credentials::AskHelper(const std::string& name, const std::string& host, Credential* out) {
  auto text = helper_(name, host == "docker.io" ? kHubServer : host);
  if (text.status().code() == absl::StatusCode::kNotFound) return false;
  const auto failed = [&](absl::string_view why) {
    Warn(absl::StrCat("docker-credential-", name, " failed (", why, "); going on without it"));
    return false;
  };
  if (!text.ok()) return failed(text.status().message());
  auto json = ParseJson(*text, "its answer");
  if (!json.ok()) return failed("its answer is not JSON");
  out->username = JsonString(*json, "Username");
  out->password = JsonString(*json, "Secret");
  if (out->username == "<token>") {
    out->identity_token = out->password;
    out->username.clear();
    out->password.clear();
  }
  return !out->empty();
}

Credential Credentials::FindInFile(const Json& file, const std::string& host, const std::string& repository) {
  Credential out;
  const Json& helpers = JsonMember(file, "credHelpers");
  if (helpers.is_object()) {
    for (auto it = helpers.begin(); it != helpers.end(); ++it) {
      if (NormalizeKey(it.key()) != host || !it->is_string()) continue;
      if (AskHelper(it->get<std::string>(), host, &out)) return out;
    }
  }
  const std::string store = JsonString(file, "credsStore");
  if (!store.empty() && AskHelper(store, host, &out)) return out;

  const Json& auths = JsonMember(file, "auths");
  if (!auths.is_object()) return out;
  std::map<std::string, const Json*> by_key;
  for (auto it = auths.begin(); it != auths.end(); ++it) by_key.emplace(NormalizeKey(it.key()), &*it);
  std::string key = absl::StrCat(host, "/", repository);
  while (true) {
    if (auto found = by_key.find(key); found != by_key.end()) {
      auto credential = ParseAuthEntry(*found->second);
      if (credential.ok() && !credential->empty()) return *std::move(credential);
      if (!credential.ok())
        Warn(absl::StrCat("the credential for ", key, " is no good: ", credential.status().message()));
    }
    const size_t slash = key.rfind('/');
    if (slash == std::string::npos) return out;
    key.resize(slash);
  }
}

Credential Credentials::Find(const std::string& host, const std::string& repository) {
  for (const std::string& file : files_) {
    auto text = ReadFile(file);
    if (!text.ok()) {
      if (text.status().code() != absl::StatusCode::kNotFound) Warn(std::string(text.status().message()));
      continue;
    }
    auto json = ParseJson(*text, file);
    if (!json.ok()) {
      Warn(std::string(json.status().message()));
      continue;
    }
    Credential credential = FindInFile(*json, NormalizeKey(host), repository);
    if (!credential.empty()) return credential;
  }
  return Credential();
}

}  // namespace kasane
