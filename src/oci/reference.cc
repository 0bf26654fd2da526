#include "src/oci/reference.h"

#include <sys/utsname.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr size_t kMaxName = 255;  // domain and path together
constexpr size_t kMaxTag = 128;

bool IsLowerAlnum(char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'z'); }

// [a-z0-9]+ runs joined by one of ".", "_", "__" or any number of "-".
bool ValidPathComponent(absl::string_view text) {
  size_t i = 0;
  while (true) {
    const size_t start = i;
    while (i < text.size() && IsLowerAlnum(text[i])) ++i;
    if (i == start) return false;
    if (i == text.size()) return true;
    if (text[i] == '-') {
      while (i < text.size() && text[i] == '-') ++i;
    } else if (absl::StartsWith(text.substr(i), "__")) {
      i += 2;
    } else if (text[i] == '.' || text[i] == '_') {
      ++i;
    } else {
      return false;
    }
  }
}

bool ValidPath(absl::string_view path) {
  for (absl::string_view component : absl::StrSplit(path, '/')) {
    if (!ValidPathComponent(component)) return false;
  }
  return true;
}

bool ValidPort(absl::string_view port) {
  return !port.empty() && std::all_of(port.begin(), port.end(), absl::ascii_isdigit);
}

// host[:port]: a bracketed IPv6 address, or dot-separated labels that neither begin nor end with '-'.
bool ValidDomain(absl::string_view domain) {
  if (absl::StartsWith(domain, "[")) {
    const size_t close = domain.find(']');
    if (close == absl::string_view::npos || close == 1) return false;
    for (char c : domain.substr(1, close - 1)) {
      if (!absl::ascii_isxdigit(c) && c != ':') return false;
    }
    const absl::string_view rest = domain.substr(close + 1);
    return rest.empty() || (rest[0] == ':' && ValidPort(rest.substr(1)));
  }
  const size_t colon = domain.find(':');
  if (colon != absl::string_view::npos && !ValidPort(domain.substr(colon + 1))) return false;
  for (absl::string_view label : absl::StrSplit(domain.substr(0, colon), '.')) {
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
    for (char c : label) {
      if (!absl::ascii_isalnum(c) && c != '-') return false;
    }
  }
  return true;
}

bool ValidTag(absl::string_view tag) {
  if (tag.empty() || tag.size() > kMaxTag) return false;
  if (!absl::ascii_isalnum(tag[0]) && tag[0] != '_') return false;
  return std::all_of(tag.begin(), tag.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-';
  });
}

absl::Status Invalid(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("invalid image reference \"", text, "\": ", why));
}

}  // namespace

std::string Reference::Repository() const { return absl::StrCat(domain, "/", path); }

std::string Reference::ToString() const {
  return absl::StrCat(Repository(), tag.empty() ? "" : ":", tag, digest.empty() ? "" : "@", digest);
}

std::string Reference::Familiar() const {
  std::string name = Repository();
  if (domain == "docker.io") {
    name = path;
    // Only names of exactly two components may lose "library/": "library/a/b" without it would name another
    // image.
    if (absl::StartsWith(path, "library/") && std::count(path.begin(), path.end(), '/') == 1) {
      name = path.substr(8);
    }
  }
  return absl::StrCat(name, tag.empty() ? "" : ":", tag, digest.empty() ? "" : "@", digest);
}

std::string Reference::ShortName() const {
  const std::string familiar = Familiar();
  return std::string(absl::StripSuffix(familiar, ":latest"));
}

absl::StatusOr<Reference> ParseReference(absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("empty image reference");
  Reference out;
  absl::string_view name = text;
  const size_t at = name.find('@');
  if (at != absl::string_view::npos) {
    auto digest = Digest::Parse(name.substr(at + 1));
    if (!digest.ok()) return Invalid(text, "the digest must be sha256: and 64 lower-case hex digits");
    out.digest = digest->ToString();
    name = name.substr(0, at);
  }
  // A colon after the last slash begins the tag; one before it belongs to a port.
  const size_t slash = name.rfind('/');
  const size_t colon = name.find(':', slash == absl::string_view::npos ? 0 : slash);
  if (colon != absl::string_view::npos) {
    const absl::string_view tag = name.substr(colon + 1);
    if (!ValidTag(tag)) return Invalid(text, absl::StrCat("bad tag \"", tag, "\""));
    out.tag = std::string(tag);
    name = name.substr(0, colon);
  }
  if (out.tag.empty() && out.digest.empty()) out.tag = "latest";

  // Docker's rule for telling a registry from the first path component: it has a dot, a port or capitals, or
  // is "localhost".
  const size_t first = name.find('/');
  const absl::string_view head = name.substr(0, first);
  const bool has_domain =
      first != absl::string_view::npos &&
      (head == "localhost" || head.find_first_of(".:") != absl::string_view::npos ||
       std::any_of(head.begin(), head.end(), [](unsigned char c) { return absl::ascii_isupper(c); }));
  if (has_domain) {
    out.domain = std::string(head);
    out.path = std::string(name.substr(first + 1));
  } else {
    out.domain = "docker.io";
    out.path = std::string(name);
  }
  if (!ValidDomain(out.domain)) return Invalid(text, absl::StrCat("bad registry name \"", out.domain, "\""));
  if (out.domain == "index.docker.io") out.domain = "docker.io";
  if (out.path.empty()) return Invalid(text, "the repository name is missing");
  if (!ValidPath(out.path)) {
    if (std::any_of(out.path.begin(), out.path.end(),
                    [](unsigned char c) { return absl::ascii_isupper(c); })) {
      return Invalid(text, "the repository name must be lower case");
    }
    return Invalid(text, absl::StrCat("bad repository name \"", out.path, "\""));
  }
  // 64 hex digits alone are an image id in Docker's eyes, never a name.
  if (!has_domain && Digest::ParseHex(out.path).ok()) return Invalid(text, "an image id is not a name");
  if (out.domain == "docker.io" && !absl::StrContains(out.path, '/')) {
    out.path = absl::StrCat("library/", out.path);
  }
  if (out.Repository().size() > kMaxName) {
    return Invalid(text, absl::StrCat("the name is longer than ", kMaxName, " characters"));
  }
  return out;
}

std::string Platform::ToString() const {
  return absl::StrCat(os, "/", architecture, variant.empty() ? "" : "/", variant);
}

std::string Platform::Slug() const { return absl::StrReplaceAll(ToString(), {{"/", "-"}}); }

namespace {

void NormalizeArchitecture(Platform* platform) {
  std::string& arch = platform->architecture;
  std::string& variant = platform->variant;
  if (arch == "i386" || arch == "i686" || arch == "x86") {
    arch = "386";
    variant.clear();
  } else if (arch == "x86_64" || arch == "x86-64" || arch == "amd64") {
    arch = "amd64";
    if (variant == "v1") variant.clear();
  } else if (arch == "aarch64" || arch == "arm64") {
    arch = "arm64";
    if (variant == "8" || variant == "v8") variant.clear();
  } else if (arch == "armhf") {
    arch = "arm";
    variant = "v7";
  } else if (arch == "armel") {
    arch = "arm";
    variant = "v6";
  } else if (arch == "armv6l" || arch == "armv7l") {
    variant = absl::StrCat("v", arch.substr(4, 1));
    arch = "arm";
  } else if (arch == "arm") {
    if (variant.empty() || variant == "7") variant = "v7";
    if (variant == "5" || variant == "6" || variant == "8") variant = absl::StrCat("v", variant);
  }
}

const char* const kArchitectures[] = {
    "386",     "amd64",   "arm",   "arm64", "loong64", "mips",    "mips64",  "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv64", "s390x", "wasm",  "armbe",   "arm64be", "sparc64", "ppc",      "riscv",  "s390"};
const char* const kSystems[] = {"linux",   "windows", "darwin",  "freebsd", "netbsd", "openbsd", "dragonfly",
                                "solaris", "illumos", "android", "plan9",   "js",     "wasip1",  "aix"};

template <size_t N>
bool Known(const char* const (&names)[N], absl::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

absl::StatusOr<Platform> ParsePlatform(absl::string_view text) {
  const auto bad = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("invalid platform \"", text, "\": ", why));
  };
  std::vector<std::string> parts = absl::StrSplit(absl::AsciiStrToLower(text), '/');
  for (const std::string& part : parts) {
    const bool clean = !part.empty() && std::all_of(part.begin(), part.end(), [](unsigned char c) {
      return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
    });
    if (!clean) return bad("expected os/architecture[/variant]");
  }
  if (parts.size() > 3) return bad("expected os/architecture[/variant]");
  Platform out = HostPlatform();
  if (parts.size() == 1) {
    // An operating system alone keeps this machine's architecture, an architecture alone means linux here.
    if (parts[0] == "macos") parts[0] = "darwin";
    if (Known(kSystems, parts[0])) {
      out.os = parts[0];
      return out;
    }
    out.architecture = parts[0];
    out.variant.clear();
    NormalizeArchitecture(&out);
    if (!Known(kArchitectures, out.architecture)) return bad("unknown operating system or architecture");
    return out;
  }
  out.os = parts[0] == "macos" ? "darwin" : parts[0];
  out.architecture = parts[1];
  out.variant = parts.size() == 3 ? parts[2] : "";
  NormalizeArchitecture(&out);
  return out;
}

Platform HostPlatform() {
  Platform out;
  struct utsname name;
  if (uname(&name) == 0) out.architecture = name.machine;
  NormalizeArchitecture(&out);
  return out;
}

std::string ContextKey(absl::string_view name, const Platform& platform) {
  return absl::StrCat(name, "::", platform.ToString());
}

absl::string_view ContextName(absl::string_view key) { return key.substr(0, key.find("::")); }

}  // namespace kasane
