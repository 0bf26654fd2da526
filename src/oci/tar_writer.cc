#include "src/oci/tar_writer.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isascii(static_cast<unsigned char>(c)); });
}

std::string AsciiOnly(absl::string_view text) {
  std::string out;
  for (char c : text) {
    if (absl::ascii_isascii(static_cast<unsigned char>(c))) out.push_back(c);
  }
  return out;
}

// Octal digits and a NUL fill the field.
bool FitsOctal(TarField field, int64_t value) {
  return value >= 0 && (static_cast<uint64_t>(value) >> (3 * (field.size - 1))) == 0;
}

// A value that does not fit stands in a PAX record; the field then holds 0.
void PutOctal(TarField field, int64_t value, char* block) {
  uint64_t rest = FitsOctal(field, value) ? static_cast<uint64_t>(value) : 0;
  for (size_t i = field.size - 1; i-- > 0; rest >>= 3)
    block[field.offset + i] = static_cast<char>('0' + (rest & 7));
}

// Cuts what is too long; a cut must not make a file's name end in '/', which some readers take for a
// directory.
void PutString(TarField field, absl::string_view text, char* block) {
  std::memcpy(block + field.offset, text.data(), std::min(text.size(), field.size));
  if (text.size() <= field.size || text[field.size - 1] != '/') return;
  size_t end = field.size - 1;
  while (end > 0 && text[end - 1] == '/') --end;
  block[field.offset + end] = 0;
}

// Splits a name of more than 100 bytes at a slash, so that both halves fit. False if that cannot be done.
bool SplitName(absl::string_view name, absl::string_view* prefix, absl::string_view* rest) {
  if (name.size() <= kTarName.size || !IsAscii(name)) return false;
  size_t length = name.size();
  if (length > kTarPrefix.size + 1) {
    length = kTarPrefix.size + 1;
  } else if (name.back() == '/') {
    --length;
  }
  size_t slash = name.substr(0, length).rfind('/');
  if (slash == absl::string_view::npos || slash == 0 || slash > kTarPrefix.size) return false;
  size_t left = name.size() - slash - 1;
  if (left == 0 || left > kTarName.size) return false;
  *prefix = name.substr(0, slash);
  *rest = name.substr(slash + 1);
  return true;
}

std::string PaxRecord(absl::string_view key, absl::string_view value) {
  size_t size = key.size() + value.size() + 3;  // ' ', '=' and the newline
  size += absl::StrCat(size).size();
  std::string record = absl::StrCat(size, " ", key, "=", value, "\n");
  if (record.size() != size) record = absl::StrCat(record.size(), " ", key, "=", value, "\n");
  return record;
}

void Seal(char* block) {
  std::memcpy(block + kTarMagic.offset, kUstarMagic.data(), kUstarMagic.size());
  PutOctal({kTarChecksum.offset, 7}, TarChecksum(block, /*as_signed=*/false), block);
  block[kTarChecksum.offset + 7] = ' ';
}

// The member that carries the records of the next one.
void AppendPax(absl::string_view name, const std::map<std::string, std::string>& records, std::string* out) {
  std::string data;
  for (const auto& [key, value] : records) data += PaxRecord(key, value);
  size_t slash = name.rfind('/');
  absl::string_view directory = slash == absl::string_view::npos ? "" : name.substr(0, slash + 1);
  absl::string_view file = slash == absl::string_view::npos ? name : name.substr(slash + 1);
  std::string pax_name = AsciiOnly(CleanPath(absl::StrCat(directory, "PaxHeaders.0/", file)));
  if (pax_name.size() > kTarName.size) pax_name.resize(kTarName.size);
  while (!pax_name.empty() && pax_name.back() == '/') pax_name.pop_back();

  char block[kTarBlock] = {};
  PutString(kTarName, pax_name, block);
  for (TarField field : {kTarMode, kTarUid, kTarGid, kTarMtime}) PutOctal(field, 0, block);
  PutOctal(kTarSize, static_cast<int64_t>(data.size()), block);
  block[kTarTypeFlag.offset] = 'x';
  Seal(block);
  out->append(block, kTarBlock);
  out->append(data);
  AppendTarPadding(data.size(), out);
}

}  // namespace

absl::Status AppendTarHeader(const TarHeader& header, std::string* out) {
  if (!FitsOctal(kTarDeviceMajor, header.device_major) || !FitsOctal(kTarDeviceMinor, header.device_minor) ||
      header.mtime.nanoseconds != 0 || absl::StrContains(header.name, '\0') ||
      absl::StrContains(header.link_name, '\0')) {
    return absl::InvalidArgumentError(absl::StrCat("no tar header can hold ", absl::CHexEscape(header.name)));
  }
  bool ustar = true;
  std::map<std::string, std::string> records;
  absl::string_view prefix, rest;
  bool split = SplitName(header.name, &prefix, &rest);
  if (!IsAscii(header.name) || header.name.size() > kTarName.size) {
    records["path"] = header.name;
    ustar = split;
  }
  if (!IsAscii(header.link_name) || header.link_name.size() > kTarLinkName.size) {
    records["linkpath"] = header.link_name;
    ustar = false;
  }
  auto number = [&](TarField field, int64_t value, const char* key) {
    if (FitsOctal(field, value)) return;
    records[key] = absl::StrCat(value);
    ustar = false;
  };
  number(kTarUid, header.uid, "uid");
  number(kTarGid, header.gid, "gid");
  number(kTarSize, static_cast<int64_t>(header.size), "size");
  number(kTarMtime, header.mtime.seconds, "mtime");
  for (const auto& [key, value] : header.xattrs) {
    records[absl::StrCat(kXattrPrefix, key)] = value;
    ustar = false;
  }
  if (!ustar) AppendPax(header.name, records, out);

  char block[kTarBlock] = {};
  if (!ustar) {
    PutString(kTarName, AsciiOnly(header.name), block);
  } else if (split) {
    PutString(kTarName, rest, block);
    PutString(kTarPrefix, prefix, block);
  } else {
    PutString(kTarName, header.name, block);
  }
  PutString(kTarLinkName, AsciiOnly(header.link_name), block);
  PutOctal(kTarMode, header.mode, block);
  PutOctal(kTarUid, header.uid, block);
  PutOctal(kTarGid, header.gid, block);
  PutOctal(kTarSize, static_cast<int64_t>(header.size), block);
  PutOctal(kTarMtime, header.mtime.seconds, block);
  PutOctal(kTarDeviceMajor, header.device_major, block);
  PutOctal(kTarDeviceMinor, header.device_minor, block);
  block[kTarTypeFlag.offset] = static_cast<char>(header.type);
  Seal(block);
  out->append(block, kTarBlock);
  return absl::OkStatus();
}

absl::StatusOr<size_t> TarHeaderSize(const TarHeader& header) {
  const auto is_plain = [](absl::string_view text, TarField field) {
    return text.size() <= field.size && IsAscii(text) && !absl::StrContains(text, '\0');
  };
  if (is_plain(header.name, kTarName) && is_plain(header.link_name, kTarLinkName) && header.xattrs.empty() &&
      header.mtime.nanoseconds == 0 && FitsOctal(kTarUid, header.uid) && FitsOctal(kTarGid, header.gid) &&
      FitsOctal(kTarSize, static_cast<int64_t>(header.size)) && FitsOctal(kTarMtime, header.mtime.seconds) &&
      FitsOctal(kTarDeviceMajor, header.device_major) && FitsOctal(kTarDeviceMinor, header.device_minor)) {
    return kTarBlock;
  }
  std::string block;
  RETURN_IF_ERROR(AppendTarHeader(header, &block));
  return block.size();
}

void AppendTarPadding(uint64_t size, std::string* out) { out->append(TarPadding(size), '\0'); }

void AppendTarEnd(std::string* out) { out->append(2 * kTarBlock, '\0'); }

}  // namespace kasane
