// Compressed streams: told by their first bytes, unpacked as they arrive; and fragments, which are compressed
// each on its own, so that they can be made in parallel and an edit compresses one of them again.
#ifndef KASANE_SRC_OCI_COMPRESSION_H_
#define KASANE_SRC_OCI_COMPRESSION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/oci/fragment_bytes.h"

namespace kasane {

enum class Compression { kNone, kGzip, kZstd };

// "gzip", "zstd", "uncompressed", as in LayerSpec.
absl::StatusOr<Compression> ParseCompression(absl::string_view name);
// By magic number. Four bytes are enough; what is not known is kNone.
Compression DetectCompression(absl::string_view first_bytes);
// The OCI media type of a layer: "application/vnd.oci.image.layer.v1.tar+gzip" and its siblings.
std::string LayerMediaType(Compression compression);

// Unpacks gzip (any number of members), zstd (any number of frames) or nothing, in constant memory (zstd: up
// to 128 MiB of window; xz: up to 1 GiB of dictionary). Checksums are checked where there are any.
class Decompressor {
 public:
  // Of archives that ADD unpacks: bzip2 and xz too.
  enum class Formats { kOfLayers, kOfArchives };
  explicit Decompressor(Formats formats = Formats::kOfLayers);
  ~Decompressor();

  // Takes bytes from the front of `*in` and puts unpacked ones at `out`; returns how many (at most `size`).
  // Call again until it has given 0 with `*in` empty. kDataLoss if the bytes are damaged.
  absl::StatusOr<size_t> Read(absl::string_view* in, char* out, size_t size);
  // After the last byte: gives what was held back (call until 0), then kDataLoss if the stream is cut off.
  absl::StatusOr<size_t> ReadEnd(char* out, size_t size);

  class Codec {
   public:
    virtual ~Codec() = default;
    virtual absl::StatusOr<size_t> Read(absl::string_view* in, char* out, size_t size) = 0;
    virtual bool complete() const = 0;  // the bytes so far may be all
  };

 private:
  void Choose();
  const Formats formats_;
  std::string start_;  // until there are enough bytes to tell
  absl::string_view start_left_;
  std::unique_ptr<Codec> codec_;
};

// Compresses fragments: a gzip member or a zstd frame each, which simply stand one after another in a layer.
// The same bytes on any machine: libdeflate and libzstd do not choose by the CPU's abilities (isa-l's deflate
// does, so it is not used here). Not thread safe; make one for each thread.
class FragmentCompressor {
 public:
  // `level`: gzip 1..12, zstd 1..19; values outside are brought inside.
  FragmentCompressor(Compression compression, int level);
  ~FragmentCompressor();
  FragmentCompressor(const FragmentCompressor&) = delete;
  FragmentCompressor& operator=(const FragmentCompressor&) = delete;

  absl::StatusOr<FragmentBytes> Compress(absl::string_view data);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Names whatever decides the bytes that come out: "gzip libdeflate 1.14 level 6". Part of result keys.
std::string CodecId(Compression compression, int level);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_COMPRESSION_H_
