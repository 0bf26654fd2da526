#include "src/trace/go_header.h"

#include "absl/strings/match.h"

namespace kasane {
namespace {

constexpr int kEnd = -1;

bool IsIdentifierByte(int c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

// Reads as go/build does, which is less than the grammar: ';' is a blank.
class HeaderReader {
 public:
  explicit HeaderReader(absl::string_view source) : source_(source) {
    if (absl::StartsWith(source, "\xef\xbb\xbf")) at_ = 3;
  }

  // False if the bytes are no header, or one that does not stand for the file.
  bool Read() {
    if (!Keyword("package") || !Identifier()) return false;
    while (true) {
      if (!SkipBlanks()) return false;
      if (Peek() != 'i') return true;
      if (!Keyword("import") || !SkipBlanks()) return false;
      if (Peek() != '(') {
        if (!Import()) return false;
        continue;
      }
      ++at_;
      while (true) {
        if (!SkipBlanks()) return false;
        if (Peek() == ')') break;
        if (!Import()) return false;
      }
      ++at_;
    }
  }

  size_t at() const { return at_; }

 private:
  int Peek() const { return at_ < source_.size() ? static_cast<unsigned char>(source_[at_]) : kEnd; }

  // Blanks and comments; false at what only looks like a comment, and at one that has no end.
  bool SkipBlanks() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (absl::StrContains(" \f\t\r\n;", absl::string_view(&c, 1))) {
        ++at_;
        continue;
      }
      if (c != '/') return true;
      const absl::string_view rest = source_.substr(at_);
      if (absl::StartsWith(rest, "//")) {
        const size_t end = rest.find('\n');
        at_ = end == absl::string_view::npos ? source_.size() : at_ + end + 1;
      } else if (absl::StartsWith(rest, "/*")) {
        const size_t end = rest.find("*/", 2);
        if (end == absl::string_view::npos) return false;
        at_ += end + 2;
      } else {
        return false;
      }
    }
    return true;
  }

  bool Keyword(absl::string_view word) {
    if (!SkipBlanks() || !absl::StartsWith(source_.substr(at_), word)) return false;
    at_ += word.size();
    return !IsIdentifierByte(Peek());
  }

  bool Identifier() {
    if (!SkipBlanks() || !IsIdentifierByte(Peek())) return false;
    while (IsIdentifierByte(Peek())) ++at_;
    return true;
  }

  // A name, '.' or nothing, and a path that is not "embed".
  bool Import() {
    if (!SkipBlanks()) return false;
    if (Peek() == '.') {
      ++at_;
    } else if (IsIdentifierByte(Peek()) && !Identifier()) {
      return false;
    }
    if (!SkipBlanks()) return false;
    const int quote = Peek();
    if (quote != '"' && quote != '`') return false;
    const size_t end = source_.find(static_cast<char>(quote), at_ + 1);
    if (end == absl::string_view::npos) return false;
    const absl::string_view path = source_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    // With an escape the path may be anything, and end elsewhere.
    return path != "embed" && !absl::StrContains(path, "\\") && !absl::StrContains(path, "\n") &&
           !absl::StrContains(path, "\r");
  }

  const absl::string_view source_;
  size_t at_ = 0;
};

}  // namespace

absl::optional<absl::string_view> GoHeader(absl::string_view source) {
  HeaderReader reader(source);
  if (!reader.Read()) return absl::nullopt;
  const absl::string_view header = source.substr(0, reader.at());
  // The byte that ended it was read too.
  if (absl::StrContains(source.substr(0, reader.at() + 1), absl::string_view("\0", 1))) return absl::nullopt;
  return header;
}

}  // namespace kasane
