// SHA-256 digests, the names of everything in the store.
#ifndef KASANE_SRC_BASE_DIGEST_H_
#define KASANE_SRC_BASE_DIGEST_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

// 32 bytes. The default value, all zero, means "none" and is never the digest of anything.
class Digest {
 public:
  Digest() : bytes_{} {}
  // `bytes` must be 32 long.
  static Digest FromBytes(absl::string_view bytes);
  // Accepts "sha256:<64 lower-case hex>" only.
  static absl::StatusOr<Digest> Parse(absl::string_view text);
  // Accepts 64 lower-case hex digits only.
  static absl::StatusOr<Digest> ParseHex(absl::string_view hex);

  std::string ToHex() const;     // 64 lower-case hex digits
  std::string ToString() const;  // "sha256:" + hex: the OCI form
  absl::string_view bytes() const {
    return absl::string_view(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
  }
  bool empty() const { return *this == Digest(); }

  friend bool operator==(const Digest& a, const Digest& b) { return a.bytes_ == b.bytes_; }
  friend bool operator!=(const Digest& a, const Digest& b) { return !(a == b); }
  friend bool operator<(const Digest& a, const Digest& b) { return a.bytes_ < b.bytes_; }
  template <typename H>
  friend H AbslHashValue(H h, const Digest& d) {
    uint64_t word;  // Already uniform: one word is hash enough.
    std::memcpy(&word, d.bytes_.data(), sizeof(word));
    return H::combine(std::move(h), word);
  }

 private:
  std::array<uint8_t, 32> bytes_;
};

// Incremental SHA-256 (SHA-NI where the CPU has it). Copyable: a copy continues from the same state.
class Sha256 {
 public:
  Sha256();
  void Update(absl::string_view data);
  void Update(const void* data, size_t size);
  // The digest of all bytes so far. The object may be used further.
  Digest Finish() const;

  // What a hash is after a whole number of blocks of kBlock bytes, so that another process can go on from
  // there: 32 bytes (no digest of anything). Only for as many bytes.
  static constexpr uint64_t kBlock = 64;
  Digest SaveState() const;
  static Sha256 FromState(const Digest& state, uint64_t bytes);

 private:
  alignas(8) std::array<unsigned char, 128> state_;  // an OpenSSL SHA256_CTX
};

Digest Sha256Of(absl::string_view data);
// Of a regular file's content; no symlink is followed. kNotFound, too, if it is something else.
absl::StatusOr<Digest> Sha256OfFile(const std::string& path);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_DIGEST_H_
