#include "src/oci/tar_index.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr int64_t kBlock = 512;
constexpr int64_t kMaxExtension = 1 << 20;  // bytes of a long name or a PAX header
constexpr int kMaxLinks = 8;

// A NUL-terminated or full field.
std::string Text(const char* field, size_t size) { return std::string(field, strnlen(field, size)); }

// Octal text, or GNU's base 256 with the top bit set. Negative: malformed.
int64_t Number(const char* field, size_t size) {
  uint64_t value = 0;
  if ((field[0] & 0x80) != 0) {
    for (size_t i = 0; i < size; ++i) {
      const unsigned char byte = static_cast<unsigned char>(field[i]) & (i == 0 ? 0x7f : 0xff);
      if (value >> 54 != 0) return -1;
      value = value << 8 | byte;
    }
    return static_cast<int64_t>(value);
  }
  size_t i = 0;
  while (i < size && field[i] == ' ') ++i;
  for (; i < size && field[i] >= '0' && field[i] <= '7'; ++i)
    value = value << 3 | static_cast<uint64_t>(field[i] - '0');
  return value >> 62 == 0 ? static_cast<int64_t>(value) : -1;
}

bool ChecksumFits(const char* header) {
  int64_t sum = 8 * ' ';
  for (int i = 0; i < kBlock; ++i) {
    if (i < 148 || i >= 156) sum += static_cast<unsigned char>(header[i]);
  }
  return sum == Number(header + 148, 8);
}

std::string Relative(absl::string_view path) {
  std::string clean = CleanPath(absl::StrCat("/", path));
  return clean.substr(1);
}

// What an extension header says about the next member.
struct Overrides {
  std::string path, link;
  int64_t size = -1;
};

void ReadPax(absl::string_view records, Overrides* out) {
  while (!records.empty()) {  // "LENGTH key=value\n"
    const size_t blank = records.find(' ');
    size_t length = 0;
    if (blank == absl::string_view::npos || !absl::SimpleAtoi(records.substr(0, blank), &length) ||
        length <= blank + 1 || length > records.size()) {
      return;
    }
    const absl::string_view record = records.substr(blank + 1, length - blank - 2);
    const size_t equal = record.find('=');
    if (equal != absl::string_view::npos) {
      const absl::string_view key = record.substr(0, equal), value = record.substr(equal + 1);
      if (key == "path") out->path = std::string(value);
      if (key == "linkpath") out->link = std::string(value);
      if (key == "size" && !absl::SimpleAtoi(value, &out->size)) out->size = -1;
    }
    records = records.substr(length);
  }
}

}  // namespace

absl::StatusOr<TarIndex> TarIndex::Open(const std::string& path) {
  ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDONLY));
  struct stat st;
  if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot stat ", path));
  if (!S_ISREG(st.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, " is not a file"));
  TarIndex out;
  out.path_ = path;
  Overrides overrides;
  char header[kBlock];
  int64_t at = 0;
  while (at + kBlock <= st.st_size) {
    RETURN_IF_ERROR(PReadExactly(fd.get(), header, sizeof(header), at, path));
    if (at == 0 &&
        (std::memcmp(header, "\x1f\x8b", 2) == 0 || std::memcmp(header, "\x28\xb5\x2f\xfd", 4) == 0)) {
      return absl::InvalidArgumentError(absl::StrCat(path, " is compressed; unpack it to a plain tar first"));
    }
    if (std::all_of(header, header + kBlock, [](char c) { return c == 0; })) break;
    if (!ChecksumFits(header)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, at == 0 ? " is not a tar archive" : " is a damaged tar archive"));
    }
    const char type = header[156];
    int64_t size = Number(header + 124, 12);
    if (overrides.size >= 0 && type != 'x' && type != 'g') size = overrides.size;
    const int64_t data = at + kBlock;
    if (size < 0 || size > st.st_size - data) return absl::DataLossError(absl::StrCat(path, " is cut off"));
    at = data + (size + kBlock - 1) / kBlock * kBlock;
    if (type == 'x' || type == 'L' || type == 'K') {
      if (size > kMaxExtension) return absl::DataLossError(absl::StrCat(path, " has an oversized header"));
      std::string extension(static_cast<size_t>(size), '\0');
      RETURN_IF_ERROR(PReadExactly(fd.get(), extension.data(), extension.size(), data, path));
      if (type == 'x') ReadPax(extension, &overrides);
      if (type == 'L') overrides.path = Text(extension.data(), extension.size());
      if (type == 'K') overrides.link = Text(extension.data(), extension.size());
      continue;
    }
    std::string name = Text(header, 100);
    if (std::memcmp(header + 257, "ustar\0", 6) == 0 && header[345] != 0) {
      name = absl::StrCat(Text(header + 345, 155), "/", name);
    }
    if (!overrides.path.empty()) name = overrides.path;
    Member member;
    if (type == '0' || type == '\0' || type == '7') {
      member.offset = data;
      member.size = size;
      out.members_[Relative(name)] = std::move(member);
    } else if (type == '1' || type == '2') {
      std::string link = overrides.link.empty() ? Text(header + 157, 100) : overrides.link;
      if (type == '2') link = absl::StrCat(Dirname(Relative(name)), "/", link);
      member.link = Relative(link);
      out.members_[Relative(name)] = std::move(member);
    }
    overrides = Overrides();
  }
  if (out.members_.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " is not a tar archive"));
  out.fd_ = std::make_shared<const UniqueFd>(std::move(fd));
  return out;
}

bool TarIndex::Has(absl::string_view name) const { return Find(name).ok(); }

absl::StatusOr<BlobRef> TarIndex::Find(absl::string_view name) const {
  auto found = members_.find(Relative(name));
  for (int i = 0; i < kMaxLinks && found != members_.end(); ++i) {
    if (found->second.link.empty()) {
      BlobRef ref;
      ref.fd = fd_;
      ref.offset = found->second.offset;
      ref.size = found->second.size;
      return ref;
    }
    found = members_.find(found->second.link);
  }
  return absl::NotFoundError(absl::StrCat(path_, " has no ", name));
}

}  // namespace kasane
