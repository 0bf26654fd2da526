#include "src/oci/archive_codecs.h"

#include <bzlib.h>
#include <lzma.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

constexpr absl::string_view kBzip2Magic("BZh", 3);
constexpr absl::string_view kXzMagic(
    "\xfd"
    "7zXZ\0",
    6);
constexpr uint64_t kXzMemory = uint64_t{1} << 30;
constexpr size_t kPiece = 1 << 30;  // bytes offered at once: bzip2 counts in 32 bits

class Bzip2Codec : public Decompressor::Codec {
 public:
  ~Bzip2Codec() override {
    if (open_) BZ2_bzDecompressEnd(&stream_);
  }

  absl::StatusOr<size_t> Read(absl::string_view* in, char* out, size_t size) override {
    size_t written = 0;
    while (written < size) {
      if (!open_) {  // at the start, or a stream has ended; is there another?
        if (in->empty()) break;
        stream_ = {};
        if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK)
          return absl::ResourceExhaustedError("no memory for bzip2");
        open_ = true;
      }
      const size_t available = std::min(in->size(), kPiece), room = std::min(size - written, kPiece);
      stream_.next_in = const_cast<char*>(in->data());
      stream_.avail_in = static_cast<unsigned>(available);
      stream_.next_out = out + written;
      stream_.avail_out = static_cast<unsigned>(room);
      const int result = BZ2_bzDecompress(&stream_);
      if (result != BZ_OK && result != BZ_STREAM_END) {
        return absl::DataLossError(result == BZ_MEM_ERROR ? "no memory for bzip2" : "bad bzip2 stream");
      }
      const size_t taken = available - stream_.avail_in, made = room - stream_.avail_out;
      in->remove_prefix(taken);
      written += made;
      if (result == BZ_STREAM_END) {
        BZ2_bzDecompressEnd(&stream_);
        open_ = false;
      } else if (taken == 0 && made == 0) {
        break;
      }
    }
    return written;
  }
  bool complete() const override { return !open_; }

 private:
  bz_stream stream_ = {};
  bool open_ = false;
};

class XzCodec : public Decompressor::Codec {
 public:
  ~XzCodec() override { lzma_end(&stream_); }

  absl::StatusOr<size_t> Read(absl::string_view* in, char* out, size_t size) override {
    size_t written = 0;
    while (written < size) {
      if (!open_) {  // at the start, or a stream has ended; is there another behind its padding?
        in->remove_prefix(std::min(in->find_first_not_of('\0'), in->size()));
        if (in->empty()) break;
        if (lzma_stream_decoder(&stream_, kXzMemory, 0) != LZMA_OK)
          return absl::ResourceExhaustedError("no memory for xz");
        open_ = true;
      }
      stream_.next_in = reinterpret_cast<const uint8_t*>(in->data());
      stream_.avail_in = in->size();
      stream_.next_out = reinterpret_cast<uint8_t*>(out + written);
      stream_.avail_out = size - written;
      const lzma_ret result = lzma_code(&stream_, LZMA_RUN);
      if (result == LZMA_MEMLIMIT_ERROR) {
        return absl::DataLossError("an xz stream with a dictionary of more than 1 GiB");
      }
      // A buffer error: it wants more than there is.
      if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR) {
        return absl::DataLossError(result == LZMA_MEM_ERROR ? "no memory for xz" : "bad xz stream");
      }
      const size_t taken = in->size() - stream_.avail_in, made = size - written - stream_.avail_out;
      in->remove_prefix(taken);
      written += made;
      if (result == LZMA_STREAM_END) {
        open_ = false;
      } else if (taken == 0 && made == 0) {
        break;
      }
    }
    return written;
  }
  bool complete() const override { return !open_; }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Decompressor::Codec> NewArchiveCodec(absl::string_view first_bytes) {
  if (absl::StartsWith(first_bytes, kBzip2Magic)) return std::make_unique<Bzip2Codec>();
  if (absl::StartsWith(first_bytes, kXzMagic)) return std::make_unique<XzCodec>();
  return nullptr;
}

}  // namespace kasane
