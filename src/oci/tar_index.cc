#include "src/oci/tar_index.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/oci/tar_reader.h"

namespace kasane {
namespace {

constexpr size_t kPiece = 4096;  // bytes read at once: small members come along, big ones are passed over
constexpr int kMaxLinks = 8;

std::string Relative(absl::string_view path) { return CleanPath(absl::StrCat("/", path)).substr(1); }

}  // namespace

// Notes where the members lie.
class TarIndex::Collector : public TarReader::Handler {
 public:
  explicit Collector(std::map<std::string, Member>* members) : members_(members) {}
  absl::Status OnMember(const TarHeader& header, int64_t content_offset) override {
    Member member;
    const std::string name = Relative(header.name);
    if (header.sparse) return absl::OkStatus();  // an image's blobs are not
    if (header.type == TarType::kFile) {
      member.offset = content_offset;
      member.size = static_cast<int64_t>(header.size);
    } else if (header.type == TarType::kHardLink) {
      member.link = Relative(header.link_name);
    } else if (header.type == TarType::kSymlink) {
      member.link = Relative(absl::StrCat(Dirname(name), "/", header.link_name));
    } else {
      return absl::OkStatus();
    }
    (*members_)[name] = std::move(member);
    return absl::OkStatus();
  }
  absl::Status OnContent(absl::string_view) override { return absl::OkStatus(); }
  absl::Status OnMemberEnd() override { return absl::OkStatus(); }

 private:
  std::map<std::string, Member>* members_;
};

absl::StatusOr<TarIndex> TarIndex::Open(const std::string& path) {
  ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDONLY));
  struct stat st;
  if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, absl::StrCat("cannot stat ", path));
  if (!S_ISREG(st.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, " is not a file"));
  TarIndex out;
  out.path_ = path;
  Collector collector(&out.members_);
  TarReader reader(&collector);
  std::string buffer(kPiece, '\0');
  for (int64_t at = 0; at < st.st_size;) {
    const int64_t left = st.st_size - at;
    if (reader.content_left() > kPiece) {
      if (static_cast<int64_t>(reader.content_left()) > left) break;
      at += static_cast<int64_t>(reader.content_left());
      RETURN_IF_ERROR(reader.SkipContent(reader.content_left()));
      continue;
    }
    const absl::string_view piece(buffer.data(), static_cast<size_t>(std::min<int64_t>(left, kPiece)));
    RETURN_IF_ERROR(PReadExactly(fd.get(), buffer.data(), piece.size(), at, path));
    if (at == 0 && (absl::StartsWith(piece, "\x1f\x8b") || absl::StartsWith(piece, "\x28\xb5\x2f\xfd"))) {
      return absl::InvalidArgumentError(absl::StrCat(path, " is compressed; unpack it to a plain tar first"));
    }
    const absl::Status status = reader.Write(piece);
    if (!status.ok()) return Annotate(status, path);
    at += static_cast<int64_t>(piece.size());
  }
  const absl::Status status = reader.Finish();
  if (!status.ok()) return Annotate(status, path);
  if (out.members_.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " is not a tar archive"));
  out.fd_ = std::make_shared<const UniqueFd>(std::move(fd));
  return out;
}

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
