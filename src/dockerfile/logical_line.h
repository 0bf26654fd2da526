// An instruction's line after continuation lines were joined, which still knows where each byte came from.
#ifndef KASANE_SRC_DOCKERFILE_LOGICAL_LINE_H_
#define KASANE_SRC_DOCKERFILE_LOGICAL_LINE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"
#include "src/dockerfile/ast.h"

namespace kasane {

class LogicalLine {
 public:
  // Adds a piece that stands at the given place of the file.
  void Append(absl::string_view piece, int line, int column);

  absl::string_view text() const { return text_; }
  // The pieces, blanks at their ends taken away, joined by one blank each: for people.
  std::string OneLine() const;

  // The place of a part of text(), which must point into it. An empty part lies before the byte it points at.
  SourceRange RangeOf(absl::string_view part) const;
  Word WordAt(absl::string_view part) const { return {std::string(part), RangeOf(part)}; }

 private:
  struct Piece {
    size_t begin;  // in text_
    int line, column;
  };
  struct Place {
    int line, column;
  };
  Place At(size_t offset) const;

  std::string text_;
  std::vector<Piece> pieces_;
};

}  // namespace kasane

#endif  // KASANE_SRC_DOCKERFILE_LOGICAL_LINE_H_
