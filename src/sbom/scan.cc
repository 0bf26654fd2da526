#include "src/sbom/scan.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "src/base/status.h"
#include "src/sbom/apk_installed.h"
#include "src/sbom/dpkg_status.h"
#include "src/sbom/go_build_info.h"
#include "src/sbom/metadata_files.h"
#include "src/sbom/rpm_database.h"

namespace kasane {
namespace {

constexpr uint64_t kMaxMetadata = 4u << 20;        // of a file about one package
constexpr uint64_t kMaxDatabase = 256u << 20;      // of a file about all of them
constexpr uint64_t kSmallestProgram = 256u << 10;  // no Go program is smaller

bool IsDpkgDatabase(absl::string_view path) {
  return path == "var/lib/dpkg/status" ||
         (absl::StartsWith(path, "var/lib/dpkg/status.d/") && !absl::EndsWith(path, ".md5sums"));
}

bool IsApkDatabase(absl::string_view path) {
  return path == "lib/apk/db/installed" || path == "usr/lib/apk/db/installed";
}

bool IsRpmDatabase(absl::string_view path) {
  if (!absl::ConsumePrefix(&path, "var/lib/rpm/") && !absl::ConsumePrefix(&path, "usr/lib/sysimage/rpm/"))
    return false;
  return path == "rpmdb.sqlite" || path == "Packages.db" || path == "Packages";
}

class Scanner {
 public:
  explicit Scanner(const Store& store) : store_(store) {}

  absl::Status Look(const std::string& path, const Entry& entry) {
    if (IsDpkgDatabase(path)) return Parse(path, entry, ParseDpkgStatus);
    if (IsApkDatabase(path)) return Parse(path, entry, ParseApkInstalled);
    if (IsRpmDatabase(path)) return Parse(path, entry, ParseRpmDatabase);
    if (IsNpmPackagePath(path)) return ParseOne(path, entry, ParseNpmPackage);
    if (IsPythonMetadataPath(path)) return ParseOne(path, entry, ParsePythonMetadata);
    if ((entry.mode & 0111) != 0 && entry.size >= kSmallestProgram) return LookIntoProgram(path, entry);
    return absl::OkStatus();
  }
  std::vector<Package> Take() {
    std::sort(packages_.begin(), packages_.end());
    return std::move(packages_);
  }

 private:
  void Add(const std::string& path, Package package) {
    package.path = path;
    packages_.push_back(std::move(package));
  }

  absl::Status Parse(const std::string& path, const Entry& entry,
                     std::vector<Package> (*parse)(absl::string_view text)) {
    if (entry.size > kMaxDatabase) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string text, store_.ReadBlob(entry.content));
    for (Package& package : parse(text)) Add(path, std::move(package));
    return absl::OkStatus();
  }

  absl::Status ParseOne(const std::string& path, const Entry& entry,
                        absl::optional<Package> (*parse)(absl::string_view text)) {
    if (entry.size > kMaxMetadata) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string text, store_.ReadBlob(entry.content));
    if (absl::optional<Package> package = parse(text)) Add(path, *std::move(package));
    return absl::OkStatus();
  }

  // Large files are not read whole.
  absl::Status LookIntoProgram(const std::string& path, const Entry& entry) {
    ASSIGN_OR_RETURN(const BlobRef blob, store_.OpenBlob(entry.content));
    const auto read = [&blob](uint64_t offset, uint64_t size) {
      const auto all = static_cast<uint64_t>(blob.size);
      if (offset >= all) return std::string();
      std::string bytes(std::min(size, all - offset), '\0');
      const ssize_t n =
          pread(blob.fd->get(), bytes.data(), bytes.size(), blob.offset + static_cast<off_t>(offset));
      bytes.resize(n < 0 ? 0 : static_cast<size_t>(n));
      return bytes;
    };
    for (Package& package : ReadGoBuildInfo(read)) Add(path, std::move(package));
    return absl::OkStatus();
  }

  const Store& store_;
  std::vector<Package> packages_;
};

absl::StatusOr<Distribution> FindDistribution(const Store& store, const Tree& tree) {
  for (const char* path : {"/etc/os-release", "/usr/lib/os-release"}) {
    const absl::StatusOr<std::string> resolved = tree.Resolve(path);
    const Node* node = resolved.ok() ? tree.Lookup(*resolved) : nullptr;
    if (node == nullptr || !node->entry.is_file() || node->entry.size > kMaxMetadata) continue;
    ASSIGN_OR_RETURN(const std::string text, store.ReadBlob(node->entry.content));
    return ParseOsRelease(text);
  }
  return Distribution();
}

}  // namespace

absl::StatusOr<ScannedPackages> ScanPackages(const Store& store, const Tree& tree) {
  ScannedPackages out;
  ASSIGN_OR_RETURN(out.distribution, FindDistribution(store, tree));
  Scanner scanner(store);
  absl::Status status;
  tree.Walk([&](const std::string& path, const Node& node) {
    if (status.ok() && node.entry.is_file()) status = scanner.Look(path, node.entry);
    return status.ok();
  });
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(tree.status());
  out.packages = scanner.Take();
  return out;
}

}  // namespace kasane
