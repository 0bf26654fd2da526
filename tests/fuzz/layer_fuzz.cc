// A pulled layer: compressed or not, read as a tar, made a delta. Whatever the bytes, the answer does not
// depend on the pieces in which they came, and an accepted delta is sound.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "src/base/status.h"
#include "src/oci/compression.h"
#include "src/oci/delta_builder.h"
#include "src/oci/tar_reader.h"

namespace {

using kasane::Decompressor;
using kasane::Delta;
using kasane::DeltaBuilder;
using kasane::Sha256;
using kasane::TarHeader;
using kasane::TarReader;

class Builder : public TarReader::Handler {
 public:
  absl::Status OnMember(const TarHeader& header, int64_t) override {
    is_file_ = header.type == kasane::TarType::kFile;
    hash_ = Sha256();
    return builder_.Add(header);
  }
  absl::Status OnContent(absl::string_view data) override {
    hash_.Update(data);
    total_ += data.size();
    if (total_ > (16u << 20)) return absl::ResourceExhaustedError("");  // holes of sparse files
    return absl::OkStatus();
  }
  absl::Status OnMemberEnd() override {
    if (is_file_) builder_.SetContent(hash_.Finish());
    return absl::OkStatus();
  }
  absl::StatusOr<Delta> Finish() { return builder_.Finish(); }

 private:
  DeltaBuilder builder_;
  Sha256 hash_;
  bool is_file_ = false;
  size_t total_ = 0;
};

// The encoded delta, or "" if the layer is refused.
std::string Read(absl::string_view data, size_t step) {
  Decompressor decompressor;
  Builder builder;
  TarReader reader(&builder);
  std::string buffer(4096, '\0');
  size_t total = 0;
  auto take = [&](const absl::StatusOr<size_t>& n) {  // false: refused, or more than is worth the time
    if (!n.ok() || !reader.Write(absl::string_view(buffer).substr(0, *n)).ok()) return false;
    total += *n;
    return total <= (8u << 20);
  };
  for (size_t at = 0; at < data.size(); at += step) {
    absl::string_view in = data.substr(at, step);
    while (true) {
      absl::StatusOr<size_t> n = decompressor.Read(&in, buffer.data(), buffer.size());
      if (!take(n)) return "";
      if (*n == 0 && in.empty()) break;
    }
  }
  while (true) {
    absl::StatusOr<size_t> n = decompressor.ReadEnd(buffer.data(), buffer.size());
    if (!take(n)) return "";
    if (*n == 0) break;
  }
  if (!reader.Finish().ok()) return "";
  absl::StatusOr<Delta> delta = builder.Finish();
  return delta.ok() ? delta->Encode() : "";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string whole = Read(bytes, size + 1);
  if (whole != Read(bytes, 1 + size % 700)) abort();
  if (!whole.empty() && !Delta::Decode(whole).ok()) abort();
  return 0;
}
