#include "src/sbom/rpm_header.h"

#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

enum Tag : uint32_t {
  kName = 1000,
  kVersion = 1001,
  kRelease = 1002,
  kEpoch = 1003,
  kLicense = 1014,
  kArchitecture = 1022,
  kSourceRpm = 1044,
};
enum Type : uint32_t { kInt32 = 4, kString = 6, kI18nString = 9 };

constexpr size_t kIntroduction = 8;
constexpr size_t kEntry = 16;

// Big-endian; the caller has checked that it is there.
uint32_t Number(absl::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// "bash-5.2.26-1.fc40.src.rpm" is of "bash".
std::string SourceName(absl::string_view file) {
  for (int i = 0; i < 2; ++i) {
    const size_t dash = file.rfind('-');
    if (dash == absl::string_view::npos) return "";
    file = file.substr(0, dash);
  }
  return std::string(file);
}

}  // namespace

absl::optional<Package> ParseRpmHeader(absl::string_view bytes) {
  if (bytes.size() < kIntroduction) return absl::nullopt;
  const uint64_t entries = Number(bytes, 0);
  const uint64_t data_size = Number(bytes, 4);
  if (entries > (bytes.size() - kIntroduction) / kEntry) return absl::nullopt;
  const absl::string_view data = bytes.substr(kIntroduction + entries * kEntry);
  if (data_size > data.size()) return absl::nullopt;
  const auto text = [&](uint32_t offset) {
    if (offset >= data_size) return std::string();
    const absl::string_view rest = data.substr(offset, data_size - offset);
    return std::string(rest.substr(0, rest.find('\0')));
  };
  Package package;
  package.type = "rpm";
  std::string release, epoch;
  for (uint64_t i = 0; i < entries; ++i) {
    const size_t at = kIntroduction + i * kEntry;
    const uint32_t tag = Number(bytes, at);
    const uint32_t type = Number(bytes, at + 4);
    const uint32_t offset = Number(bytes, at + 8);
    if (tag == kEpoch && type == kInt32 && data_size >= 4 && offset <= data_size - 4) {
      epoch = absl::StrCat(Number(data, offset), ":");
    }
    if (type != kString && type != kI18nString) continue;
    if (tag == kName) package.name = text(offset);
    if (tag == kVersion) package.version = text(offset);
    if (tag == kRelease) release = text(offset);
    if (tag == kLicense) package.license = text(offset);
    if (tag == kArchitecture) package.architecture = text(offset);
    if (tag == kSourceRpm) package.source = SourceName(text(offset));
  }
  // Keys that the owner trusts are kept as if they were packages.
  if (package.name.empty() || package.version.empty() || package.name == "gpg-pubkey") return absl::nullopt;
  package.version = absl::StrCat(epoch, package.version, release.empty() ? "" : "-", release);
  if (package.source == package.name) package.source.clear();
  return package;
}

}  // namespace kasane
