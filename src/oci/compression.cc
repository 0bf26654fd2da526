#include "src/oci/compression.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/oci/archive_codecs.h"

namespace kasane {
namespace {

constexpr absl::string_view kGzipMagic("\x1f\x8b", 2);
constexpr absl::string_view kZstdMagic("\x28\xb5\x2f\xfd", 4);
constexpr size_t kZstdMagicSize = 4;
constexpr size_t kMagicSize = 6;  // xz has the longest

int ClampLevel(Compression compression, int level) {
  return std::clamp(level, 1, compression == Compression::kGzip ? 12 : 19);
}

}  // namespace

absl::StatusOr<Compression> ParseCompression(absl::string_view name) {
  if (name == "gzip") return Compression::kGzip;
  if (name == "zstd") return Compression::kZstd;
  if (name == "uncompressed") return Compression::kNone;
  return absl::InvalidArgumentError(absl::StrCat("unknown compression ", name));
}

Compression DetectCompression(absl::string_view first_bytes) {
  if (absl::StartsWith(first_bytes, kGzipMagic)) return Compression::kGzip;
  if (absl::StartsWith(first_bytes, kZstdMagic)) return Compression::kZstd;
  // A zstd stream may begin with a skippable frame: 0x184D2A50 to 5F, little-endian.
  if (first_bytes.size() >= kZstdMagicSize && (first_bytes[0] & 0xf0) == 0x50 &&
      first_bytes.substr(1, 3) == absl::string_view("\x2a\x4d\x18", 3)) {
    return Compression::kZstd;
  }
  return Compression::kNone;
}

std::string LayerMediaType(Compression compression) {
  const char* suffix = compression == Compression::kGzip   ? "+gzip"
                       : compression == Compression::kZstd ? "+zstd"
                                                           : "";
  return absl::StrCat("application/vnd.oci.image.layer.v1.tar", suffix);
}

namespace {

class PlainCodec : public Decompressor::Codec {
 public:
  absl::StatusOr<size_t> Read(absl::string_view* in, char* out, size_t size) override {
    size_t n = std::min(in->size(), size);
    if (n > 0) std::memcpy(out, in->data(), n);  // an empty view may have no data pointer
    in->remove_prefix(n);
    return n;
  }
  bool complete() const override { return true; }
};

class GzipCodec : public Decompressor::Codec {
 public:
  GzipCodec() { Start(); }

  absl::StatusOr<size_t> Read(absl::string_view* in, char* out, size_t size) override {
    size_t written = 0;
    while (written < size) {
      if (state_.block_state == ISAL_BLOCK_FINISH) {  // a member has ended; is there another?
        if (in->empty()) break;
        ended_ = true;
        Start();
      }
      size_t available = std::min<size_t>(in->size(), 1 << 30);
      state_.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(in->data()));
      state_.avail_in = static_cast<uint32_t>(available);
      state_.next_out = reinterpret_cast<uint8_t*>(out + written);
      uint32_t room = static_cast<uint32_t>(std::min<size_t>(size - written, 1 << 30));
      state_.avail_out = room;
      int result = isal_inflate(&state_);
      // After an error it gives back bytes that earlier calls took: avail_in is of no use then.
      if ((result != ISAL_DECOMP_OK && result != ISAL_END_INPUT && result != ISAL_OUT_OVERFLOW) ||
          state_.avail_in > available) {
        return absl::DataLossError(result == ISAL_INCORRECT_CHECKSUM ? "bad gzip stream: wrong checksum"
                                   : result == ISAL_INVALID_WRAPPER && ended_
                                       ? "bad gzip stream: something follows its end that is no gzip member"
                                       : "bad gzip stream");
      }
      size_t taken = available - state_.avail_in, made = room - state_.avail_out;
      in->remove_prefix(taken);
      written += made;
      if (taken == 0 && made == 0 && state_.block_state != ISAL_BLOCK_FINISH) break;
    }
    return written;
  }
  bool complete() const override { return state_.block_state == ISAL_BLOCK_FINISH; }

 private:
  void Start() {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
  }
  inflate_state state_;
  bool ended_ = false;  // at least one member is complete
};

class ZstdCodec : public Decompressor::Codec {
 public:
  ZstdCodec() : context_(ZSTD_createDCtx()) {}
  ~ZstdCodec() override { ZSTD_freeDCtx(context_); }
  ZstdCodec(const ZstdCodec&) = delete;
  ZstdCodec& operator=(const ZstdCodec&) = delete;

  absl::StatusOr<size_t> Read(absl::string_view* in, char* out, size_t size) override {
    ZSTD_outBuffer output = {out, size, 0};
    ZSTD_inBuffer input = {in->data(), in->size(), 0};
    while (output.pos < output.size) {
      size_t before_in = input.pos, before_out = output.pos;
      if (complete_ && input.pos == input.size) break;
      size_t result = ZSTD_decompressStream(context_, &output, &input);
      if (ZSTD_isError(result)) {
        return absl::DataLossError(absl::StrCat("bad zstd stream: ", ZSTD_getErrorName(result)));
      }
      complete_ = result == 0;
      if (input.pos == before_in && output.pos == before_out) break;
    }
    in->remove_prefix(input.pos);
    return output.pos;
  }
  bool complete() const override { return complete_; }

 private:
  ZSTD_DCtx* context_;
  bool complete_ = true;
};

}  // namespace

Decompressor::Decompressor(Formats formats) : formats_(formats) {}
Decompressor::~Decompressor() = default;

void Decompressor::Choose() {
  if (formats_ == Formats::kOfArchives) codec_ = NewArchiveCodec(start_);
  start_left_ = start_;
  if (codec_ != nullptr) return;
  switch (DetectCompression(start_)) {
    case Compression::kGzip:
      codec_ = std::make_unique<GzipCodec>();
      break;
    case Compression::kZstd:
      codec_ = std::make_unique<ZstdCodec>();
      break;
    case Compression::kNone:
      codec_ = std::make_unique<PlainCodec>();
      break;
  }
}

absl::StatusOr<size_t> Decompressor::Read(absl::string_view* in, char* out, size_t size) {
  if (codec_ == nullptr) {
    size_t n = std::min(kMagicSize - start_.size(), in->size());
    start_.append(in->data(), n);
    in->remove_prefix(n);
    if (start_.size() < kMagicSize) return 0;
    Choose();
  }
  if (!start_left_.empty()) {
    absl::StatusOr<size_t> n = codec_->Read(&start_left_, out, size);
    if (!n.ok() || *n > 0 || !start_left_.empty()) return n;
  }
  return codec_->Read(in, out, size);
}

absl::StatusOr<size_t> Decompressor::ReadEnd(char* out, size_t size) {
  if (codec_ == nullptr) Choose();
  absl::string_view nothing;
  absl::StatusOr<size_t> n = codec_->Read(start_left_.empty() ? &nothing : &start_left_, out, size);
  if (!n.ok() || *n > 0) return n;
  if (!codec_->complete()) return absl::DataLossError("the compressed stream is cut off");
  return 0;
}

struct FragmentCompressor::Impl {
  Compression compression;
  int level;
  libdeflate_compressor* deflate = nullptr;
  ZSTD_CCtx* zstd = nullptr;
};

FragmentCompressor::FragmentCompressor(Compression compression, int level)
    : impl_(std::make_unique<Impl>(Impl{compression, ClampLevel(compression, level)})) {
  if (compression == Compression::kGzip) impl_->deflate = libdeflate_alloc_compressor(impl_->level);
  if (compression == Compression::kZstd) impl_->zstd = ZSTD_createCCtx();
}

FragmentCompressor::~FragmentCompressor() {
  libdeflate_free_compressor(impl_->deflate);
  ZSTD_freeCCtx(impl_->zstd);
}

absl::StatusOr<FragmentBytes> FragmentCompressor::Compress(absl::string_view data) {
  FragmentBytes out;
  size_t size = 0;
  if (impl_->deflate != nullptr) {
    out = FragmentBytes(libdeflate_gzip_compress_bound(impl_->deflate, data.size()));
    size = libdeflate_gzip_compress(impl_->deflate, data.data(), data.size(), out.data(), out.size());
  } else if (impl_->zstd != nullptr) {
    out = FragmentBytes(ZSTD_compressBound(data.size()));
    size = ZSTD_compressCCtx(impl_->zstd, out.data(), out.size(), data.data(), data.size(), impl_->level);
    if (ZSTD_isError(size)) return absl::InternalError(absl::StrCat("zstd: ", ZSTD_getErrorName(size)));
  } else if (impl_->compression == Compression::kNone) {
    return FragmentBytes::CopyOf(data);
  }
  if (size == 0) return absl::ResourceExhaustedError("no memory to compress a layer");
  out.Shrink(size);
  return out;
}

std::string CodecId(Compression compression, int level) {
  switch (compression) {
    case Compression::kGzip:
      return absl::StrCat("gzip libdeflate " LIBDEFLATE_VERSION_STRING " level ",
                          ClampLevel(compression, level));
    case Compression::kZstd:
      return absl::StrCat("zstd ", ZSTD_versionString(), " level ", ClampLevel(compression, level));
    case Compression::kNone:
      break;
  }
  return "uncompressed";
}

}  // namespace kasane
