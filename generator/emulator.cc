#include "generator/emulator.h"

#include <dirent.h>

#include <cstdint>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"

namespace kasane {
namespace {

constexpr size_t kHeaderSize = 64;  // of a 64-bit ELF file; more than any magic asks for

struct Machine {
  const char* architecture;
  int bits;
  bool big_endian;
  uint16_t number;  // e_machine
};
constexpr Machine kMachines[] = {
    {"386", 32, false, 3},     {"amd64", 64, false, 62},    {"arm", 32, false, 40},
    {"arm64", 64, false, 183}, {"loong64", 64, false, 258}, {"mips", 32, true, 8},
    {"mipsle", 32, false, 8},  {"mips64", 64, true, 8},     {"mips64le", 64, false, 8},
    {"ppc64", 64, true, 21},   {"ppc64le", 64, false, 21},  {"riscv64", 64, false, 243},
    {"s390x", 64, true, 22},
};

// The first bytes of a program; empty: the architecture is not known.
std::string HeaderOf(const std::string& architecture) {
  for (const Machine& m : kMachines) {
    if (architecture != m.architecture) continue;
    std::string header(kHeaderSize, '\0');
    header.replace(0, 4,
                   "\x7f"
                   "ELF");
    header[4] = m.bits == 64 ? 2 : 1;
    header[5] = m.big_endian ? 2 : 1;
    header[6] = 1;  // version
    const size_t low = m.big_endian ? 1 : 0, high = 1 - low;
    header[16 + low] = 2;  // an executable
    header[18 + low] = static_cast<char>(m.number & 0xff);
    header[18 + high] = static_cast<char>(m.number >> 8);
    return header;
  }
  return "";
}

// Abseil's own has another signature in each of its versions.
std::string BytesOfHex(absl::string_view hex) {
  std::string bytes;
  int byte = 0;
  for (size_t i = 0; i + 1 < hex.size() && absl::SimpleHexAtoi(hex.substr(i, 2), &byte); i += 2)
    bytes += static_cast<char>(byte);
  return bytes;
}

// An entry of binfmt_misc, as the kernel prints it.
bool EntryFits(const std::string& text, const std::string& header) {
  bool enabled = false, fixed = false;
  size_t offset = 0;
  std::string magic, mask;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line == "enabled") enabled = true;
    if (absl::ConsumePrefix(&line, "flags: ")) fixed = absl::StrContains(line, 'F');
    if (absl::ConsumePrefix(&line, "offset ") && !absl::SimpleAtoi(line, &offset)) return false;
    if (absl::ConsumePrefix(&line, "magic ")) magic = BytesOfHex(line);
    if (absl::ConsumePrefix(&line, "mask ")) mask = BytesOfHex(line);
  }
  if (!enabled || !fixed || magic.empty() || offset > header.size() ||
      magic.size() > header.size() - offset) {
    return false;
  }
  if (mask.size() < magic.size()) mask.resize(magic.size(), '\xff');
  for (size_t i = 0; i < magic.size(); ++i) {
    if (((header[offset + i] ^ magic[i]) & mask[i]) != 0) return false;
  }
  return true;
}

bool IsNative(const Platform& platform) {
  const std::string host = HostPlatform().architecture;
  return platform.architecture == host || (host == "amd64" && platform.architecture == "386");
}

}  // namespace

bool CanRunPlatform(const Platform& platform, const std::string& binfmt) {
  if (platform.os != "linux") return false;
  if (IsNative(platform)) return true;
  const std::string header = HeaderOf(platform.architecture);
  DIR* directory = opendir(binfmt.c_str());
  if (header.empty() || directory == nullptr) {
    if (directory != nullptr) closedir(directory);
    return false;
  }
  bool fits = false;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (name[0] == '.' || name == "register" || name == "status") continue;
    fits = fits || EntryFits(ReadFile(JoinPath(binfmt, name)).value_or(""), header);
  }
  closedir(directory);
  return fits;
}

}  // namespace kasane
