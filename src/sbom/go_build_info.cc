#include "src/sbom/go_build_info.h"

#include <elf.h>

#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace kasane {
namespace {

constexpr absl::string_view kMagic = "\xff Go buildinf:";
constexpr size_t kHeaderSize = 32;
constexpr size_t kFrame = 16;                // marks at both ends of the list of modules
constexpr uint64_t kMaxSection = 16u << 20;  // of modules or names of sections; far more than there is
constexpr uint64_t kMaxScanned = 64u << 10;  // of the data segment, where the linker puts it first

template <typename T>
bool Take(const std::string& bytes, size_t offset, T* out) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return false;
  std::memcpy(out, bytes.data() + offset, sizeof(T));
  return true;
}

// Of the section of this name; empty: there is none.
template <typename Ehdr, typename Shdr>
std::string ReadSection(const std::string& header, absl::string_view name, ReadAt read) {
  Ehdr ehdr;
  if (!Take(header, 0, &ehdr) || ehdr.e_shentsize != sizeof(Shdr)) return "";
  const std::string table = read(ehdr.e_shoff, uint64_t{ehdr.e_shnum} * sizeof(Shdr));
  Shdr names;
  if (!Take(table, size_t{ehdr.e_shstrndx} * sizeof(Shdr), &names) || names.sh_size > kMaxSection) return "";
  const std::string strings = read(names.sh_offset, names.sh_size);
  for (size_t i = 0; i < ehdr.e_shnum; ++i) {
    Shdr section;
    if (!Take(table, i * sizeof(Shdr), &section)) return "";
    if (section.sh_name >= strings.size() || section.sh_type == SHT_NOBITS) continue;
    if (name != strings.c_str() + section.sh_name) continue;
    return section.sh_size > kMaxSection ? "" : read(section.sh_offset, section.sh_size);
  }
  return "";
}

// The beginning of the data segment, for programs whose sections were taken away.
template <typename Ehdr, typename Phdr>
std::string ReadData(const std::string& header, ReadAt read) {
  Ehdr ehdr;
  if (!Take(header, 0, &ehdr) || ehdr.e_phentsize != sizeof(Phdr)) return "";
  const std::string table = read(ehdr.e_phoff, uint64_t{ehdr.e_phnum} * sizeof(Phdr));
  for (size_t i = 0; i < ehdr.e_phnum; ++i) {
    Phdr segment;
    if (!Take(table, i * sizeof(Phdr), &segment)) return "";
    if (segment.p_type != PT_LOAD || (segment.p_flags & (PF_X | PF_W)) != PF_W) continue;
    return read(segment.p_offset, std::min<uint64_t>(segment.p_filesz, kMaxScanned));
  }
  return "";
}

// A string with its length, in 7-bit groups, in front. False: it is cut off.
bool TakeString(absl::string_view* bytes, absl::string_view* out) {
  uint64_t size = 0;
  for (int shift = 0;; shift += 7) {
    if (bytes->empty() || shift > 56) return false;
    const auto byte = static_cast<unsigned char>(bytes->front());
    bytes->remove_prefix(1);
    size |= uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) break;
  }
  if (size > bytes->size()) return false;
  *out = bytes->substr(0, size);
  bytes->remove_prefix(size);
  return true;
}

// The information lies at a multiple of 16.
size_t FindMagic(absl::string_view bytes) {
  for (size_t at = bytes.find(kMagic); at != absl::string_view::npos; at = bytes.find(kMagic, at + 1)) {
    if (at % 16 == 0) return at;
  }
  return absl::string_view::npos;
}

Package Module(absl::string_view name, absl::string_view version) {
  Package package;
  package.type = "golang";
  package.name = std::string(name);
  if (version != "(devel)") package.version = std::string(version);
  return package;
}

std::vector<Package> ParseModules(absl::string_view text) {
  std::vector<Package> out;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, '\t');
    if (fields.size() < 3) continue;
    if (fields[0] == "mod" || fields[0] == "dep") out.push_back(Module(fields[1], fields[2]));
    // A replacement by a directory has no version: then the module keeps its name.
    if (fields[0] == "=>" && !out.empty() && !fields[2].empty()) out.back() = Module(fields[1], fields[2]);
  }
  return out;
}

}  // namespace

std::vector<Package> ReadGoBuildInfo(ReadAt read) {
  const std::string header = read(0, sizeof(Elf64_Ehdr));
  if (!absl::StartsWith(header, absl::string_view(ELFMAG, SELFMAG)) || header.size() <= EI_DATA ||
      header[EI_DATA] != ELFDATA2LSB) {
    return {};
  }
  const bool wide = header[EI_CLASS] == ELFCLASS64;
  std::string info = wide ? ReadSection<Elf64_Ehdr, Elf64_Shdr>(header, ".go.buildinfo", read)
                          : ReadSection<Elf32_Ehdr, Elf32_Shdr>(header, ".go.buildinfo", read);
  if (info.empty()) {
    info = wide ? ReadData<Elf64_Ehdr, Elf64_Phdr>(header, read)
                : ReadData<Elf32_Ehdr, Elf32_Phdr>(header, read);
  }
  const size_t at = FindMagic(info);
  if (at == absl::string_view::npos || info.size() - at < kHeaderSize) return {};
  absl::string_view bytes(info);
  bytes.remove_prefix(at);
  constexpr int kInline = 2;
  if ((bytes[15] & kInline) == 0) return {};
  bytes.remove_prefix(kHeaderSize);
  absl::string_view version, modules;
  if (!TakeString(&bytes, &version) || !TakeString(&bytes, &modules)) return {};
  std::vector<Package> out;
  if (modules.size() >= 2 * kFrame) {
    modules.remove_prefix(kFrame);
    modules.remove_suffix(kFrame);
    out = ParseModules(modules);
  }
  version = version.substr(0, version.find(' '));
  absl::ConsumePrefix(&version, "go");
  if (!version.empty()) out.push_back(Module("stdlib", version));
  return out;
}

}  // namespace kasane
