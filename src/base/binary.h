// The encoding of our own on-disk formats: varints, and byte strings with their length before them.
#ifndef KASANE_SRC_BASE_BINARY_H_
#define KASANE_SRC_BASE_BINARY_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace kasane {

// LEB128, at most 10 bytes.
void PutVarint(std::string* out, uint64_t value);
void PutSigned(std::string* out, int64_t value);           // zig-zag, then varint
void PutBytes(std::string* out, absl::string_view bytes);  // length as varint, then the bytes
void PutFixed64(std::string* out, uint64_t value);         // little-endian

// Reads from untrusted bytes. After the first malformed or missing field, ok() is false for good and every
// further read gives zero or an empty string.
class BinaryReader {
 public:
  explicit BinaryReader(absl::string_view data) : rest_(data) {}
  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }
  absl::string_view rest() const { return rest_; }
  uint64_t Varint();
  int64_t Signed();
  absl::string_view Bytes();  // points into the data given
  absl::string_view Raw(size_t size);
  uint64_t Fixed64();

 private:
  absl::string_view rest_;
  bool ok_ = true;
};

}  // namespace kasane

#endif  // KASANE_SRC_BASE_BINARY_H_
