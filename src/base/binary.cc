#include "src/base/binary.h"

namespace kasane {

void PutVarint(std::string* out, uint64_t value) {
  char bytes[10];
  size_t size = 0;
  for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
  bytes[size++] = static_cast<char>(value);
  out->append(bytes, size);
}

void PutSigned(std::string* out, int64_t value) {
  PutVarint(out, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

void PutBytes(std::string* out, absl::string_view bytes) {
  PutVarint(out, bytes.size());
  out->append(bytes.data(), bytes.size());
}

void PutFixed64(std::string* out, uint64_t value) {
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  out->append(bytes, sizeof(bytes));
}

uint64_t BinaryReader::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && ok_; shift += 7) {
    if (rest_.empty()) break;
    uint8_t byte = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  ok_ = false;
  return 0;
}

int64_t BinaryReader::Signed() {
  uint64_t v = Varint();
  return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
}

absl::string_view BinaryReader::Raw(size_t size) {
  if (!ok_ || size > rest_.size()) {
    ok_ = false;
    return {};
  }
  absl::string_view out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return out;
}

absl::string_view BinaryReader::Bytes() { return Raw(Varint()); }

uint64_t BinaryReader::Fixed64() {
  absl::string_view raw = Raw(8);
  uint64_t value = 0;
  for (size_t i = 0; i < raw.size(); ++i)
    value |= static_cast<uint64_t>(static_cast<uint8_t>(raw[i])) << (8 * i);
  return value;
}

}  // namespace kasane
