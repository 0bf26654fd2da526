#include "src/oci/tar_sparse.h"

#include <algorithm>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "src/base/status.h"
#include "src/oci/tar_header.h"

namespace kasane {
namespace {

constexpr size_t kMaxMap = 1 << 20;  // as Go's reader
constexpr int64_t kMaxSize = int64_t{1} << 60;
constexpr size_t kZeros = 64 << 10;

absl::Status Malformed() { return absl::DataLossError("malformed map of a sparse file"); }

std::string Value(const PaxRecords& records, const char* key) {
  const auto found = records.find(key);
  return found == records.end() ? "" : found->second;
}

bool Number(absl::string_view text, int64_t* number) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9' && absl::SimpleAtoi(text, number);
}

}  // namespace

absl::StatusOr<absl::optional<SparseContent>> SparseContent::Read(const PaxRecords& records,
                                                                  std::string* name, int64_t* stored) {
  absl::optional<SparseContent> out;
  const std::string major = Value(records, "GNU.sparse.major"), minor = Value(records, "GNU.sparse.minor");
  const std::string map = Value(records, kSparseMap);
  const bool in_front = major == "1" && minor == "0";
  const bool in_records = major == "0" && (minor == "0" || minor == "1");
  // The first versions do not say that they are; others nobody knows: a file like any other.
  if (!in_front && !in_records && (!major.empty() || !minor.empty() || map.empty())) return out;
  out.emplace();
  if (const std::string real = Value(records, "GNU.sparse.name"); !real.empty()) *name = real;
  std::string size = Value(records, "GNU.sparse.size");
  if (size.empty()) size = Value(records, "GNU.sparse.realsize");
  out->size_ = *stored;
  if (!size.empty() && (!Number(size, &out->size_) || out->size_ > kMaxSize)) return Malformed();
  *stored = out->size_;
  if (in_front) return out;
  int64_t count = 0;
  std::vector<absl::string_view> numbers;
  if (!map.empty()) numbers = absl::StrSplit(map, ',');
  if (!Number(Value(records, "GNU.sparse.numblocks"), &count) || numbers.size() % 2 != 0 ||
      count != static_cast<int64_t>(numbers.size() / 2)) {
    return Malformed();
  }
  RETURN_IF_ERROR(out->SetMap(numbers));
  return out;
}

absl::Status SparseContent::SetMap(const std::vector<absl::string_view>& numbers) {
  int64_t end = 0;
  for (size_t i = 0; i + 1 < numbers.size(); i += 2) {
    Piece piece;
    if (!Number(numbers[i], &piece.offset) || !Number(numbers[i + 1], &piece.size)) return Malformed();
    if (piece.offset < end || piece.offset > size_ || piece.size > size_ - piece.offset) return Malformed();
    end = piece.offset + piece.size;
    if (piece.size > 0) pieces_.push_back(piece);
  }
  has_map_ = true;
  text_ = std::string();
  return absl::OkStatus();
}

// Lines: the number of pieces, then offset and size of each; filled up to a whole block.
absl::Status SparseContent::TakeMap(absl::string_view* data) {
  while (!has_map_ && !data->empty()) {
    const absl::string_view some = data->substr(0, kTarBlock - text_.size() % kTarBlock);
    text_.append(some.data(), some.size());
    newlines_ += std::count(some.begin(), some.end(), '\n');
    data->remove_prefix(some.size());
    if (text_.size() % kTarBlock != 0) break;
    if (text_.size() > kMaxMap) return Malformed();
    if (newlines_ == 0) continue;
    int64_t count = 0;
    const absl::string_view text = text_;
    if (!Number(text.substr(0, text.find('\n')), &count) || count > static_cast<int64_t>(kMaxMap)) {
      return Malformed();
    }
    if (newlines_ < 1 + 2 * count) continue;
    std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
    lines.erase(lines.begin());
    lines.resize(static_cast<size_t>(2 * count));
    RETURN_IF_ERROR(SetMap(lines));
  }
  return absl::OkStatus();
}

absl::Status SparseContent::EmitHole(int64_t until, const Emit& emit) {
  static const std::string* const kHole = new std::string(kZeros, '\0');
  while (at_ < until) {
    const auto some = std::min<int64_t>(until - at_, kZeros);
    RETURN_IF_ERROR(emit(absl::string_view(*kHole).substr(0, static_cast<size_t>(some))));
    at_ += some;
  }
  return absl::OkStatus();
}

absl::Status SparseContent::Write(absl::string_view data, const Emit& emit) {
  RETURN_IF_ERROR(TakeMap(&data));
  while (!data.empty()) {
    if (next_ == pieces_.size())
      return absl::DataLossError("a sparse file has more content than its map says");
    const Piece& piece = pieces_[next_];
    RETURN_IF_ERROR(EmitHole(piece.offset, emit));
    const int64_t left = piece.offset + piece.size - at_;
    const absl::string_view some = data.substr(0, static_cast<size_t>(left));
    RETURN_IF_ERROR(emit(some));
    data.remove_prefix(some.size());
    at_ += static_cast<int64_t>(some.size());
    if (at_ == piece.offset + piece.size) ++next_;
  }
  return absl::OkStatus();
}

absl::Status SparseContent::Finish(const Emit& emit) {
  if (!has_map_ || next_ < pieces_.size()) {
    return absl::DataLossError("a sparse file has less content than its map says");
  }
  return EmitHole(size_, emit);
}

}  // namespace kasane
