#include "src/registry/certificates.h"

#include <dirent.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"

namespace kasane {
namespace {

constexpr char kSystemBundle[] = "/etc/ssl/certs/ca-certificates.crt";

std::vector<std::string> SortedNames(const std::string& directory) {
  std::vector<std::string> names;
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(directory.c_str()), &closedir);
  if (dir == nullptr) return names;
  while (const dirent* entry = readdir(dir.get())) names.emplace_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

HostCertificates FindCertificates(absl::string_view authority) {
  HostCertificates out;
  const char* bundle = std::getenv("SSL_CERT_FILE");
  if (bundle != nullptr && *bundle != '\0') {
    if (auto text = ReadFile(bundle); text.ok()) out.authorities = *std::move(text);
  }
  const char* home = std::getenv("HOME");
  std::vector<std::string> roots = {"/etc/containers/certs.d", "/etc/docker/certs.d"};
  if (home != nullptr) roots.insert(roots.begin(), JoinPath(home, ".config/containers/certs.d"));
  for (const std::string& root : roots) {
    const std::string directory = JoinPath(root, authority);
    if (!PathExists(directory)) continue;
    for (const std::string& name : SortedNames(directory)) {
      const std::string path = JoinPath(directory, name);
      if (absl::EndsWith(name, ".crt")) {
        if (out.authorities.empty()) {
          if (auto text = ReadFile(kSystemBundle); text.ok()) out.authorities = *std::move(text);
        }
        if (auto text = ReadFile(path); text.ok()) absl::StrAppend(&out.authorities, "\n", *text);
      } else if (absl::EndsWith(name, ".cert")) {
        const std::string key = absl::StrCat(path.substr(0, path.size() - 4), "key");
        if (!PathExists(key)) continue;
        out.client_certificate = path;
        out.client_key = key;
      }
    }
    break;
  }
  return out;
}

}  // namespace kasane
