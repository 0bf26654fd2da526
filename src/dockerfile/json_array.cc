#include "src/dockerfile/json_array.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "src/dockerfile/text.h"

namespace kasane {
namespace {

constexpr int kMaxDepth = 200;

void AppendUtf8(char32_t c, std::string* out) {
  if (c < 0x80) {
    *out += static_cast<char>(c);
  } else if (c < 0x800) {
    *out += static_cast<char>(0xC0 | (c >> 6));
    *out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *out += static_cast<char>(0xE0 | (c >> 12));
    *out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    *out += static_cast<char>(0xF0 | (c >> 18));
    *out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    *out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    *out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A checking reader over JSON text.
class Reader {
 public:
  explicit Reader(absl::string_view text) : rest_(text) {}

  absl::string_view rest() const { return rest_; }
  void SkipBlanks() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n' || rest_[0] == '\r')) {
      rest_.remove_prefix(1);
    }
  }
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool String(std::string* out) {
    if (!Take('"')) return false;
    while (!rest_.empty()) {
      const Rune rune = DecodeRune(rest_);
      if (rune.value < 0x20) return false;
      rest_.remove_prefix(rune.size);
      if (rune.value == '"') return true;
      if (rune.value != '\\') {
        AppendUtf8(rune.value, out);
      } else if (!Escape(out)) {
        return false;
      }
    }
    return false;
  }

  bool Value(int depth) {
    if (depth > kMaxDepth || rest_.empty()) return false;
    std::string ignored;
    switch (rest_[0]) {
      case '"':
        return String(&ignored);
      case '[':
        return List(']', depth, /*keys=*/false);
      case '{':
        return List('}', depth, /*keys=*/true);
      case 't':
        return Literal("true");
      case 'f':
        return Literal("false");
      case 'n':
        return Literal("null");
    }
    return Number();
  }

 private:
  bool Literal(absl::string_view word) {
    if (!absl::StartsWith(rest_, word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool Digits() {
    if (rest_.empty() || !IsDigit(rest_[0])) return false;
    while (!rest_.empty() && IsDigit(rest_[0])) rest_.remove_prefix(1);
    return true;
  }

  bool Number() {
    Take('-');
    if (!Take('0') && !Digits()) return false;
    if (Take('.') && !Digits()) return false;
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      return Digits();
    }
    return true;
  }

  bool List(char close, int depth, bool keys) {
    rest_.remove_prefix(1);
    SkipBlanks();
    if (Take(close)) return true;
    do {
      SkipBlanks();
      if (keys) {
        std::string ignored;
        if (!String(&ignored)) return false;
        SkipBlanks();
        if (!Take(':')) return false;
        SkipBlanks();
      }
      if (!Value(depth + 1)) return false;
      SkipBlanks();
    } while (Take(','));
    return Take(close);
  }

  bool Hex4(char32_t* out) {
    *out = 0;
    if (rest_.size() < 4) return false;
    for (int i = 0; i < 4; ++i) {
      const char c = absl::ascii_tolower(static_cast<unsigned char>(rest_[i]));
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
      *out = *out * 16 + static_cast<char32_t>(IsDigit(c) ? c - '0' : c - 'a' + 10);
    }
    rest_.remove_prefix(4);
    return true;
  }

  bool Escape(std::string* out) {
    if (rest_.empty()) return false;
    const char c = rest_[0];
    rest_.remove_prefix(1);
    static constexpr char kFrom[] = "\"\\/bfnrt", kTo[] = "\"\\/\b\f\n\r\t";
    if (c != 'u') {
      const size_t index = absl::string_view(kFrom).find(c);
      if (c == '\0' || index == absl::string_view::npos) return false;
      *out += kTo[index];
      return true;
    }
    char32_t value = 0;
    if (!Hex4(&value)) return false;
    if (value >= 0xD800 && value < 0xDC00 && absl::StartsWith(rest_, "\\u")) {
      const absl::string_view before = rest_;
      char32_t low = 0;
      rest_.remove_prefix(2);
      if (!Hex4(&low)) return false;
      if (low >= 0xDC00 && low < 0xE000) {
        value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
      } else {
        rest_ = before;  // two escapes: the first stands alone
      }
    }
    AppendUtf8(value >= 0xD800 && value < 0xE000 ? 0xFFFD : value, out);
    return true;
  }

  absl::string_view rest_;
};

}  // namespace

JsonForm ParseJsonArray(absl::string_view text, std::vector<JsonElement>* strings, absl::string_view* bad) {
  strings->clear();
  *bad = absl::string_view();
  Reader reader(TrimLeft(text));
  if (!reader.Take('[')) return JsonForm::kNotJson;
  reader.SkipBlanks();
  if (!reader.Take(']')) {
    do {
      reader.SkipBlanks();
      const absl::string_view before = reader.rest();
      JsonElement string;
      const bool is_string = !before.empty() && before[0] == '"';
      if (is_string ? !reader.String(&string.value) : !reader.Value(1)) return JsonForm::kNotJson;
      string.part = before.substr(0, before.size() - reader.rest().size());
      if (!is_string && bad->empty()) *bad = string.part;
      strings->push_back(std::move(string));
      reader.SkipBlanks();
    } while (reader.Take(','));
    if (!reader.Take(']')) return JsonForm::kNotJson;
  }
  reader.SkipBlanks();
  if (!reader.rest().empty()) return JsonForm::kNotJson;
  return bad->empty() ? JsonForm::kStrings : JsonForm::kNotString;
}

}  // namespace kasane
