#include "src/contract/spec_file.h"

#include <fcntl.h>

#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr char kMagic[] = {'K', 'S', 'N', 'S', 1, 0, 0, 0};
constexpr size_t kHeaderSize = 16;
constexpr size_t kRowSize = 48;

}  // namespace

std::string EncodeSpecFile(const std::map<Digest, std::string>& specs) {
  std::string out(kMagic, sizeof(kMagic));
  PutFixed64(&out, specs.size());
  uint64_t offset = kHeaderSize + kRowSize * specs.size();
  for (const auto& [digest, json] : specs) {
    absl::StrAppend(&out, digest.bytes());
    PutFixed64(&out, offset);
    PutFixed64(&out, json.size());
    offset += json.size();
  }
  for (const auto& [digest, json] : specs) out += json;
  return out;
}

absl::StatusOr<Spec> ReadSpec(const std::string& path, const Digest& digest) {
  ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(path, O_RDONLY));
  char header[kHeaderSize];
  RETURN_IF_ERROR(PReadExactly(fd.get(), header, sizeof(header), 0, path));
  if (std::memcmp(header, kMagic, sizeof(kMagic)) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is of another format; run gen again"));
  }
  uint64_t low = 0;
  uint64_t high = BinaryReader(absl::string_view(header + sizeof(kMagic), 8)).Fixed64();
  if (high > (uint64_t{1} << 32))
    return absl::DataLossError(absl::StrCat(path, " is damaged; run gen again"));
  while (low < high) {  // a few reads of 48 bytes: no need to map the file
    uint64_t middle = low + (high - low) / 2;
    char row[kRowSize];
    RETURN_IF_ERROR(PReadExactly(fd.get(), row, sizeof(row),
                                 static_cast<int64_t>(kHeaderSize + middle * kRowSize), path));
    BinaryReader reader(absl::string_view(row, sizeof(row)));
    Digest found = Digest::FromBytes(reader.Raw(32));
    if (found == digest) {
      uint64_t offset = reader.Fixed64();
      uint64_t size = reader.Fixed64();
      if (size > (uint64_t{1} << 30))
        return absl::DataLossError(absl::StrCat(path, " is damaged; run gen again"));
      std::string json(size, '\0');
      RETURN_IF_ERROR(PReadExactly(fd.get(), json.data(), size, static_cast<int64_t>(offset), path));
      if (Sha256Of(json) != digest)
        return absl::DataLossError(absl::StrCat(path, " is damaged; run gen again"));
      return DecodeSpec(json);
    }
    if (found < digest) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return absl::NotFoundError(absl::StrCat("no spec ", digest.ToHex(), " in ", path, "; run gen again"));
}

}  // namespace kasane
