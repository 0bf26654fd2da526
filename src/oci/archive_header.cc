#include "src/oci/archive_header.h"

#include "absl/strings/match.h"
#include "src/oci/tar_reader.h"

namespace kasane {
namespace {

class NoHandler : public TarReader::Handler {
 public:
  absl::Status OnMember(const TarHeader&, int64_t) override { return absl::OkStatus(); }
  absl::Status OnContent(absl::string_view) override { return absl::OkStatus(); }
  absl::Status OnMemberEnd() override { return absl::OkStatus(); }
};

bool IsSkippableFrame(absl::string_view header) {  // of zstd: RFC 8878 3.1.2, magic 0x184D2A50 to 0x184D2A5F
  return header.size() >= 8 && (static_cast<unsigned char>(header[0]) & 0xf0) == 0x50 &&
         header.substr(1, 3) == "\x2a\x4d\x18";
}

}  // namespace

bool IsArchiveHeader(absl::string_view header) {
  for (absl::string_view magic : {absl::string_view("BZh"), absl::string_view("\x1f\x8b\x08"),
                                  absl::string_view("\xfd"
                                                    "7zXZ\0",
                                                    6),
                                  absl::string_view("\x28\xb5\x2f\xfd")}) {
    if (absl::StartsWith(header, magic)) return true;
  }
  if (IsSkippableFrame(header)) return true;
  if (header.size() < kTarBlock) return false;
  header = header.substr(0, kTarBlock);
  if (header.find_first_not_of('\0') == absl::string_view::npos) return false;
  NoHandler handler;
  return TarReader(&handler).Write(header).ok();
}

}  // namespace kasane
