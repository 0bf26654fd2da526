#include "src/trace/program.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "src/base/binary.h"

namespace kasane {
namespace {

// More than the linkers write: a file that says otherwise is not worth reading.
constexpr uint64_t kMaxHeaders = 4096;
constexpr uint64_t kMaxNames = 1 << 20;
constexpr uint64_t kMaxBuildInfo = 1 << 20;

constexpr absl::string_view kGoMagic = "\xff Go buildinf:";
constexpr size_t kGoHeader = 32;

// A range of the file or of memory.
struct Range {
  uint64_t address = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
};

class ElfFile {
 public:
  ElfFile(uint64_t size, const RangeReader& read) : size_(size), read_(read) {}

  bool Open() {
    std::string header;
    if (!Read(0, std::min<uint64_t>(size_, sizeof(Elf64_Ehdr)), &header) || header.size() < EI_NIDENT)
      return false;
    if (!absl::StartsWith(header, ELFMAG) || header[EI_DATA] != ELFDATA2LSB) return false;
    if (header[EI_CLASS] == ELFCLASS64) return Load<Elf64_Ehdr, Elf64_Phdr, Elf64_Shdr>(header);
    if (header[EI_CLASS] == ELFCLASS32) return Load<Elf32_Ehdr, Elf32_Phdr, Elf32_Shdr>(header);
    return false;
  }

  // Null if there is no such section.
  const Range* Section(absl::string_view name) const {
    for (const auto& [section, range] : sections_) {
      if (section == name) return &range;
    }
    return nullptr;
  }

  bool Read(uint64_t offset, uint64_t size, std::string* out) const {
    if (offset > size_ || size > size_ - offset) return false;
    absl::StatusOr<std::string> bytes = read_(offset, size);
    if (!bytes.ok() || bytes->size() != size) return false;
    *out = *std::move(bytes);
    return true;
  }

  bool ReadMemory(uint64_t address, uint64_t size, std::string* out) const {
    for (const Range& segment : segments_) {
      if (address < segment.address || address - segment.address >= segment.size) continue;
      const uint64_t at = address - segment.address;
      return size <= segment.size - at && Read(segment.offset + at, size, out);
    }
    return false;
  }

 private:
  template <typename Ehdr, typename Phdr, typename Shdr>
  bool Load(const std::string& header) {
    Ehdr file;
    if (header.size() < sizeof(file)) return false;
    std::memcpy(&file, header.data(), sizeof(file));
    if (file.e_shentsize != sizeof(Shdr) || file.e_shnum == 0 || file.e_shnum > kMaxHeaders ||
        file.e_shstrndx >= file.e_shnum || file.e_phnum > kMaxHeaders ||
        (file.e_phnum != 0 && file.e_phentsize != sizeof(Phdr))) {
      return false;
    }
    std::string bytes;
    if (!Read(file.e_phoff, uint64_t{file.e_phnum} * sizeof(Phdr), &bytes)) return false;
    for (size_t i = 0; i < file.e_phnum; ++i) {
      Phdr segment;
      std::memcpy(&segment, bytes.data() + i * sizeof(segment), sizeof(segment));
      if (segment.p_type == PT_LOAD)
        segments_.push_back({segment.p_vaddr, segment.p_offset, segment.p_filesz});
    }
    if (!Read(file.e_shoff, uint64_t{file.e_shnum} * sizeof(Shdr), &bytes)) return false;
    std::vector<Shdr> sections(file.e_shnum);
    std::memcpy(sections.data(), bytes.data(), bytes.size());
    std::string names;
    const Shdr& table = sections[file.e_shstrndx];
    if (table.sh_size > kMaxNames || !Read(table.sh_offset, table.sh_size, &names)) return false;
    for (const Shdr& section : sections) {
      if (section.sh_name >= names.size() || section.sh_type == SHT_NOBITS) continue;
      const char* name = names.data() + section.sh_name;
      sections_.emplace_back(std::string(name, strnlen(name, names.size() - section.sh_name)),
                             Range{section.sh_addr, section.sh_offset, section.sh_size});
    }
    return true;
  }

  const uint64_t size_;
  const RangeReader& read_;
  std::vector<Range> segments_;
  std::vector<std::pair<std::string, Range>> sections_;
};

// A little-endian number of 4 or 8 bytes.
uint64_t Number(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Go's string header at an address: pointer and length.
bool ReadGoString(const ElfFile& file, uint64_t address, size_t pointer_size, std::string* out) {
  std::string header;
  if (!file.ReadMemory(address, 2 * pointer_size, &header)) return false;
  const uint64_t size = Number(absl::string_view(header).substr(pointer_size));
  return size <= kMaxBuildInfo &&
         file.ReadMemory(Number(absl::string_view(header).substr(0, pointer_size)), size, out);
}

// What Go calls modinfo: lines between two marks of 16 bytes.
bool ReadModuleInfo(const ElfFile& file, absl::string_view section, std::string* out) {
  const auto flags = static_cast<unsigned char>(section[15]);
  if ((flags & 2) != 0) {  // both strings follow the header, each after its length
    BinaryReader in(section.substr(kGoHeader));
    in.Bytes();  // Go's version
    *out = std::string(in.Bytes());
    return in.ok();
  }
  const auto pointer_size = static_cast<unsigned char>(section[14]);
  if ((flags & 1) != 0 || (pointer_size != 4 && pointer_size != 8)) return false;
  return ReadGoString(file, Number(section.substr(16 + pointer_size, pointer_size)), pointer_size, out);
}

}  // namespace

size_t ProgramStrings::Add(const std::string& text) {
  const auto found = std::find(texts_.begin(), texts_.end(), text);
  if (found != texts_.end()) return static_cast<size_t>(found - texts_.begin());
  texts_.push_back(text);
  return texts_.size() - 1;
}

std::vector<bool> ProgramStrings::Find(absl::string_view bytes) const {
  std::vector<bool> found(texts_.size());
  // What each ends or begins with decides fast that most strings are none of them.
  std::vector<std::pair<size_t, absl::string_view>> by_end[256], by_start[256];
  size_t shortest = bytes.size();
  for (size_t i = 0; i < texts_.size(); ++i) {
    absl::string_view text = texts_[i];
    if (text.size() > 1 && text.back() == '*') {
      text.remove_suffix(1);
      by_start[static_cast<unsigned char>(text[0])].emplace_back(i, text);
    } else if (!text.empty()) {
      by_end[static_cast<unsigned char>(text.back())].emplace_back(i, text);
      if (text[0] == '*') text.remove_prefix(1);
    }
    shortest = std::min(shortest, std::max<size_t>(text.size(), 1));
  }
  const char* const end = bytes.data() + bytes.size();
  for (const char* at = bytes.data(); at < end;) {
    // Code is full of strings that are too short to be any: no call for those.
    const char* stop = at;
    while (stop < end && stop < at + shortest && *stop != '\0') ++stop;
    if (stop == at + shortest)
      stop = static_cast<const char*>(memchr(stop, '\0', static_cast<size_t>(end - stop)));
    if (stop == nullptr || stop == end) break;  // it does not end
    const absl::string_view one(at, static_cast<size_t>(stop - at));
    at = stop + 1;
    if (one.size() < shortest) continue;
    for (const auto& [index, text] : by_end[static_cast<unsigned char>(one.back())]) {
      if (text[0] == '*' ? absl::EndsWith(one, text.substr(1)) : one == text) found[index] = true;
    }
    for (const auto& [index, text] : by_start[static_cast<unsigned char>(one[0])]) {
      if (absl::StartsWith(one, text)) found[index] = true;
    }
  }
  return found;
}

std::string GoMainPackage(uint64_t size, const RangeReader& read) {
  ElfFile file(size, read);
  if (!file.Open()) return "";
  const Range* place = file.Section(".go.buildinfo");
  std::string section;
  if (place == nullptr || place->size < kGoHeader || place->size > kMaxBuildInfo ||
      !file.Read(place->offset, place->size, &section) || !absl::StartsWith(section, kGoMagic)) {
    return "";
  }
  std::string info;
  if (!ReadModuleInfo(file, section, &info) || info.size() < 33 || info[info.size() - 17] != '\n') return "";
  for (absl::string_view line : absl::StrSplit(absl::string_view(info).substr(16, info.size() - 32), '\n')) {
    if (absl::StartsWith(line, "path\t")) return std::string(line.substr(5));
  }
  return "";
}

}  // namespace kasane
