#include "src/dockerfile/expand.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/shell_pattern.h"
#include "src/dockerfile/text.h"

namespace kasane {
namespace {

constexpr int kMaxDepth = 200;

bool IsSpecialName(char c) { return absl::StrContains("@*#?-$!0", c); }

// Splits what is appended into words. Quoted and escaped text is `raw`: its blanks do not split.
class WordSplitter {
 public:
  explicit WordSplitter(std::vector<ExpandedWord>* words) : words_(words) {}

  void Add(absl::string_view text, size_t begin, size_t end) {
    while (!text.empty()) {
      const Rune rune = DecodeRune(text);
      if (IsSpaceRune(rune.value)) {
        Finish();
      } else {
        AddRaw(text.substr(0, rune.size), begin, end);
      }
      text.remove_prefix(rune.size);
    }
  }
  void AddRaw(absl::string_view text, size_t begin, size_t end) {
    if (current_.text.empty()) current_.begin = begin;
    absl::StrAppend(&current_.text, text);
    current_.end = end;
  }
  void Forget() { current_ = ExpandedWord(); }
  void Finish() {
    if (!current_.text.empty()) words_->push_back(std::move(current_));
    current_ = ExpandedWord();
  }

 private:
  std::vector<ExpandedWord>* words_;
  ExpandedWord current_;
};

class Expander {
 public:
  Expander(absl::string_view in, VariableLookup lookup, const ExpandOptions& options, Expansion* out,
           ExpandError* error)
      : in_(in),
        lookup_(lookup),
        options_(options),
        keep_escapes_(options.keep_escapes),
        out_(out),
        error_(error),
        splitter_(&out->words) {}

  bool Run() { return Until('\0', /*pattern=*/false, &splitter_, &out_->text); }

 private:
  bool done() const { return at_ == in_.size(); }
  char peek() const { return done() ? '\0' : in_[at_]; }
  bool Next(char c) {
    if (done() || in_[at_] != c) return false;
    ++at_;
    return true;
  }
  // The next character, whole.
  absl::string_view TakeRune() {
    const size_t size = DecodeRune(in_.substr(at_)).size;
    at_ += size;
    return in_.substr(at_ - size, size);
  }
  bool Fail(size_t offset, std::string message) {
    error_->message = std::move(message);
    error_->offset = offset;
    return false;
  }

  // Reads to the stop character, which is taken too, or, without one ('\0'), to the end. `pattern`: escapes
  // inside quotes are doubled, so that ShellPattern takes them literally.
  bool Until(char stop, bool pattern, WordSplitter* words, std::string* out) {
    const size_t start = at_;
    if (++depth_ > kMaxDepth) return Fail(start, "the word is nested too deeply");
    while (!done()) {
      const size_t begin = at_;
      const char c = in_[at_];
      if (stop != '\0' && c == stop) {
        ++at_;
        --depth_;
        return true;
      }
      std::string piece;
      if (c == '$') {
        if (!Dollar(&piece)) return false;
        if (words != nullptr) words->Add(piece, begin, at_);
      } else if (c == '\'' && !options_.plain_quotes) {
        if (!SingleQuoted(pattern, &piece)) return false;
        if (words != nullptr) words->AddRaw(piece, begin, at_);
      } else if (c == '"' && !options_.plain_quotes) {
        if (!DoubleQuoted(pattern, &piece)) return false;
        if (words != nullptr) words->AddRaw(piece, begin, at_);
      } else if (c == options_.escape) {
        ++at_;
        if (keep_escapes_) piece += c;
        absl::StrAppend(&piece, TakeRune());  // at the end of the word, the escape vanishes
        if (words != nullptr) words->AddRaw(piece, begin, at_);
      } else if (c == '<') {
        // "<< NAME" is one word.
        piece += in_[at_++];
        if (Next('<')) {
          piece += '<';
          while (!done() && (peek() == ' ' || peek() == '\t' || peek() == '\r')) piece += in_[at_++];
        }
        if (words != nullptr) words->AddRaw(piece, begin, at_);
      } else {
        absl::StrAppend(&piece, TakeRune());
        if (words != nullptr) words->Add(piece, begin, at_);
      }
      *out += piece;
    }
    if (stop != '\0') return Fail(start, absl::StrCat("missing '", absl::string_view(&stop, 1), "'"));
    if (words != nullptr) words->Finish();
    --depth_;
    return true;
  }

  bool SingleQuoted(bool pattern, std::string* out) {
    const size_t start = at_++;
    const size_t end = in_.find('\'', at_);
    if (end == absl::string_view::npos) return Fail(start, "missing closing single quote");
    if (options_.keep_quotes) *out += '\'';
    for (; at_ < end; ++at_) {
      if (pattern && in_[at_] == options_.escape) *out += options_.escape;
      *out += in_[at_];
    }
    ++at_;
    if (options_.keep_quotes) *out += '\'';
    return true;
  }

  // Only the quote, '$' and the escape character can be escaped; before anything else the escape character
  // stays.
  bool DoubleQuoted(bool pattern, std::string* out) {
    const size_t start = at_++;
    if (options_.keep_quotes) *out += '"';
    while (true) {
      if (done()) return Fail(start, "missing closing double quote");
      const char c = in_[at_];
      if (c == '"') {
        ++at_;
        if (options_.keep_quotes) *out += '"';
        return true;
      }
      if (c == '$') {
        if (!Dollar(out)) return false;
        continue;
      }
      ++at_;
      if (c != options_.escape) {
        *out += c;
        continue;
      }
      if (done()) continue;
      const char next = peek();
      if (next == '"' || next == '$' || next == options_.escape) {
        if (keep_escapes_) *out += c;
        *out += next;
        ++at_;
      } else {
        if (keep_escapes_ && (!options_.keep_quotes || pattern)) *out += c;
        *out += c;
      }
    }
  }

  // Digits, one special character, or letters, digits and '_'; maybe empty.
  absl::string_view Name() {
    const size_t begin = at_;
    while (!done()) {
      const Rune rune = DecodeRune(in_.substr(at_));
      if (at_ == begin && IsDigitRune(rune.value)) {
        while (!done() && IsDigitRune(static_cast<unsigned char>(peek()))) ++at_;
        break;
      }
      if (at_ == begin && IsSpecialName(peek())) {
        ++at_;
        break;
      }
      if (rune.value != '_' && !IsLetterRune(rune.value) && !IsDigitRune(rune.value)) break;
      at_ += rune.size;
    }
    return in_.substr(begin, at_ - begin);
  }

  absl::optional<absl::string_view> Lookup(absl::string_view name) {
    absl::optional<absl::string_view> value = lookup_(name);
    (value.has_value() ? out_->found : out_->undefined).emplace_back(name);
    return value;
  }

  // Reads a modifier's word with escapes kept or not, whatever the mode outside.
  bool Operand(char stop, bool keep_escapes, bool pattern, std::string* out) {
    // BuildKit forgets here what it has of the current word: `EXPOSE 80${x:-80}` exposes 80, and the shift in
    // `RUN echo $((1 << ${n:-3}))` is no heredoc. So do we, for the sake of the files that work there.
    splitter_.Forget();
    const bool outer = keep_escapes_;
    keep_escapes_ = keep_escapes;
    const bool ok = Until(stop, pattern, nullptr, out);
    keep_escapes_ = outer;
    return ok;
  }

  bool Dollar(std::string* out) {
    const size_t start = at_++;
    if (!Next('{')) {
      const absl::string_view name = Name();
      if (name.empty()) {
        *out += '$';
        return true;
      }
      const auto value = Lookup(name);
      if (!value.has_value() && options_.keep_undefined) {
        absl::StrAppend(out, "$", name);
      } else {
        absl::StrAppend(out, value.value_or(""));
      }
      return true;
    }
    if (done()) return Fail(start, "missing '}'");
    if (peek() == '{' || peek() == '}' || peek() == ':') return Fail(start, "bad substitution");
    const absl::string_view name = Name();
    if (done()) return Fail(start, "missing '}'");
    if (Next('}')) {
      const auto value = Lookup(name);
      if (!value.has_value() && options_.keep_undefined) {
        absl::StrAppend(out, in_.substr(start, at_ - start));
      } else {
        absl::StrAppend(out, value.value_or(""));
      }
      return true;
    }
    return Modified(start, name, out);
  }

  // The rest of ${name, from the modifier on.
  bool Modified(size_t start, absl::string_view name, std::string* out) {
    const size_t modifier_begin = at_;
    const bool empty_is_unset = Next(':');
    if (done()) return Fail(start, "missing '}'");
    const char op = TakeRune()[0];
    const absl::string_view modifier = in_.substr(modifier_begin, at_ - modifier_begin);
    const std::string unsupported = absl::StrCat("unsupported modifier (", modifier, ") in substitution");
    if (op == '/' && !empty_is_unset) return Replaced(start, name, out);
    const bool known = absl::StrContains("-+?#%", op);
    const bool trims = op == '#' || op == '%';
    if ((!known && !empty_is_unset) || (trims && empty_is_unset)) return Fail(modifier_begin, unsupported);
    std::string word;
    if (!Operand('}', trims, trims, &word)) return AtEnd(start);
    const auto found = Lookup(name);
    if (!found.has_value() && options_.keep_undefined) {
      absl::StrAppend(out, "${", name, modifier, word, "}");
      return true;
    }
    if (!known) return Fail(modifier_begin, unsupported);
    const std::string value(found.value_or(""));
    const bool set = found.has_value() && !(empty_is_unset && value.empty());
    switch (op) {
      case '-':
        *out += set ? value : word;
        return true;
      case '+':
        if (set) *out += word;
        return true;
      case '?':
        if (!set) {
          if (word.empty())
            word = found.has_value() ? "is not allowed to be empty" : "is not allowed to be unset";
          return Fail(start, absl::StrCat(name, ": ", word));
        }
        *out += value;
        return true;
    }
    // The doubled sign asks for the longest match.
    absl::string_view text = word;
    const bool longest = !text.empty() && text[0] == op;
    if (longest) text.remove_prefix(1);
    ShellPattern pattern;
    if (!ParsePattern(start, text, &pattern)) return false;
    *out += op == '#' ? pattern.TrimPrefix(value, longest) : pattern.TrimSuffix(value, longest);
    return true;
  }

  bool Replaced(size_t start, absl::string_view name, std::string* out) {
    const bool all = Next('/');
    std::string text, replacement;
    if (!Operand('/', true, true, &text)) return AtEnd(start);
    if (!Operand('}', true, false, &replacement)) return AtEnd(start);
    const auto value = Lookup(name);
    if (!value.has_value() && options_.keep_undefined) {
      absl::StrAppend(out, "${", name, "/", text, "/", replacement, "}");
      return true;
    }
    ShellPattern pattern;
    if (!ParsePattern(start, text, &pattern)) return false;
    std::string replaced;
    if (!pattern.Replace(value.value_or(""), replacement, all, &replaced)) {
      return Fail(start,
                  absl::StrCat("the substitution is longer than ", ShellPattern::kMaxReplaced, " bytes"));
    }
    *out += replaced;
    return true;
  }

  bool ParsePattern(size_t start, absl::string_view text, ShellPattern* pattern) {
    std::string why;
    if (ShellPattern::Parse(text, pattern, &why)) return true;
    return Fail(start, absl::StrCat("invalid pattern (", text, ") in substitution: ", why));
  }

  // A modifier's word that ran into the end: the outermost open brace is the place to point at.
  bool AtEnd(size_t start) {
    if (done() && depth_ <= kMaxDepth) return Fail(start, "missing '}'");
    return false;
  }

  absl::string_view in_;
  VariableLookup lookup_;
  const ExpandOptions& options_;
  bool keep_escapes_;
  Expansion* out_;
  ExpandError* error_;
  WordSplitter splitter_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

bool Expand(absl::string_view word, VariableLookup lookup, const ExpandOptions& options, Expansion* out,
            ExpandError* error) {
  *out = Expansion();
  return Expander(word, lookup, options, out, error).Run();
}

}  // namespace kasane
