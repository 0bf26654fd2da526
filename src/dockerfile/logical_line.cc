#include "src/dockerfile/logical_line.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "src/dockerfile/text.h"

namespace kasane {

void LogicalLine::Append(absl::string_view piece, int line, int column) {
  pieces_.push_back({text_.size(), line, column});
  text_.append(piece.data(), piece.size());
}

std::string LogicalLine::OneLine() const {
  std::string out;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    const size_t end = i + 1 < pieces_.size() ? pieces_[i + 1].begin : text_.size();
    absl::string_view piece = Trim(absl::string_view(text_).substr(pieces_[i].begin, end - pieces_[i].begin));
    if (piece.empty()) continue;
    absl::StrAppend(&out, out.empty() ? "" : " ", piece);
  }
  return out;
}

LogicalLine::Place LogicalLine::At(size_t offset) const {
  // The last piece that begins at or before the offset.
  auto it = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                             [](size_t value, const Piece& piece) { return value < piece.begin; });
  if (it == pieces_.begin()) return {0, 0};
  --it;
  return {it->line, it->column + static_cast<int>(offset - it->begin)};
}

SourceRange LogicalLine::RangeOf(absl::string_view part) const {
  const size_t begin = static_cast<size_t>(part.data() - text_.data());
  const Place first = At(begin);
  if (part.empty()) return {first.line, first.column, first.line, first.column};
  // From the last byte, so that a part that ends where a piece ends does not reach into the next line.
  const Place last = At(begin + part.size() - 1);
  return {first.line, first.column, last.line, last.column + 1};
}

}  // namespace kasane
