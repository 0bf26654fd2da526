#include "src/context/ignore.h"

#include <re2/re2.h>

#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/base/status.h"
#include "src/base/utf8.h"
#include "src/context/glob.h"

namespace kasane {

// A pattern in the cheapest form that says the same.
struct IgnoreMatcher::Pattern {
  enum class Kind { kExact, kPrefix, kSuffix, kRegexp };

  std::string text;  // cleaned, without '!'
  bool exception = false;
  Kind kind = Kind::kExact;
  std::string part;  // of kExact, kPrefix, kSuffix
  std::unique_ptr<re2::RE2> regexp;

  bool Matches(absl::string_view path) const;
  absl::Status Compile();
};

namespace {

absl::Status Bad(absl::string_view pattern, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("bad pattern \"", pattern, "\": ", why));
}

}  // namespace

// Translates to a regular expression, noticing on the way whether less will do. '**' stands for any number of
// components, at the end for anything; "**x" at the start is a plain suffix: "**foo" matches dir/xfoo.
absl::Status IgnoreMatcher::Pattern::Compile() {
  std::string regexp = "^";
  const std::string clean = ReplaceStrayBytes(text);
  absl::string_view rest = clean;
  const auto take = [&rest] {
    const absl::string_view before = rest;
    TakeRune(&rest);
    return before.substr(0, before.size() - rest.size());
  };
  for (bool first = true; !rest.empty(); first = false) {
    const absl::string_view rune = take();
    if (rune == "*") {
      if (absl::ConsumePrefix(&rest, "*")) {
        absl::ConsumePrefix(&rest, "/");
        if (!rest.empty()) {
          regexp += "(.*/)?";
          kind = Kind::kRegexp;
        } else if (kind == Kind::kExact) {
          kind = Kind::kPrefix;
        } else {
          regexp += ".*";
          kind = Kind::kRegexp;
        }
        if (first) kind = Kind::kSuffix;
      } else {
        regexp += "[^/]*";
        kind = Kind::kRegexp;
      }
    } else if (rune == "?") {
      regexp += "[^/]";
      kind = Kind::kRegexp;
    } else if (rune == "\\") {
      regexp += '\\';
      if (!rest.empty()) {
        absl::StrAppend(&regexp, take());
        kind = Kind::kRegexp;
      }
    } else if (rune == "[" || rune == "]") {
      absl::StrAppend(&regexp, rune);
      kind = Kind::kRegexp;
    } else {
      if (absl::StrContains(".+()|{}$", rune)) regexp += '\\';
      absl::StrAppend(&regexp, rune);
    }
  }
  switch (kind) {
    case Kind::kExact:
      part = text;
      break;
    case Kind::kPrefix:
      part = text.substr(0, text.size() - 2);
      break;
    case Kind::kSuffix:
      part = text.substr(2);
      break;
    case Kind::kRegexp:
      re2::RE2::Options options;
      options.set_log_errors(false);
      this->regexp = std::make_unique<re2::RE2>(regexp + "$", options);
      if (!this->regexp->ok()) return Bad(text, this->regexp->error());
      break;
  }
  return absl::OkStatus();
}

bool IgnoreMatcher::Pattern::Matches(absl::string_view path) const {
  switch (kind) {
    case Kind::kExact:
      return path == part;
    case Kind::kPrefix:
      return absl::StartsWith(path, part);
    case Kind::kSuffix:
      return absl::EndsWith(path, part) ||
             (absl::StartsWith(part, "/") && path == absl::string_view(part).substr(1));
    case Kind::kRegexp:
      if (IsAscii(path)) return re2::RE2::PartialMatch(re2::StringPiece(path.data(), path.size()), *regexp);
      return re2::RE2::PartialMatch(ReplaceStrayBytes(path), *regexp);
  }
  return false;
}

IgnoreMatcher::IgnoreMatcher() = default;
IgnoreMatcher::IgnoreMatcher(IgnoreMatcher&&) noexcept = default;
IgnoreMatcher& IgnoreMatcher::operator=(IgnoreMatcher&&) noexcept = default;
IgnoreMatcher::~IgnoreMatcher() = default;

absl::StatusOr<IgnoreMatcher> IgnoreMatcher::Compile(const std::vector<std::string>& patterns) {
  IgnoreMatcher matcher;
  for (const std::string& line : patterns) {
    const absl::string_view trimmed = TrimSpace(line);
    if (trimmed.empty()) continue;
    Pattern pattern;
    pattern.text = CleanPath(trimmed);
    if (pattern.text[0] == '!') {
      if (pattern.text.size() == 1) return Bad("!", "there is nothing after the exclamation mark");
      pattern.text.erase(0, 1);
      pattern.exception = true;
      matcher.has_exceptions_ = true;
    }
    if (MatchGlob(pattern.text, ".") == GlobResult::kBadPattern)
      return Bad(trimmed, "syntax error in pattern");
    RETURN_IF_ERROR(pattern.Compile());
    if (pattern.exception) {
      absl::string_view plain = pattern.text;
      absl::ConsumeSuffix(&plain, "/**");
      absl::ConsumeSuffix(&plain, "/*");
      if (plain.find_first_of("*[]?^\\") != absl::string_view::npos) matcher.exceptions_are_plain_ = false;
    }
    matcher.patterns_.push_back(std::move(pattern));
  }
  return matcher;
}

bool IgnoreMatcher::Match(absl::string_view path, const State& parent, State* state) const {
  if (state != nullptr) state->assign(patterns_.size(), false);
  bool matched = false;
  for (size_t i = 0; i < patterns_.size(); ++i) {
    const Pattern& pattern = patterns_[i];
    bool match = !parent.empty() && parent[i];
    if (!match) {
      // A pattern that could not change the answer is not tried, and so not handed down as matching either.
      // That shows: with "a/b" and then "!a", a/b stays ignored, for nothing had matched a when "!a" was
      // looked at.
      if (pattern.exception != matched) continue;
      match = pattern.Matches(path);
    }
    if (match) {
      matched = !pattern.exception;
      if (state != nullptr) (*state)[i] = true;
    }
  }
  return matched;
}

bool IgnoreMatcher::MatchPath(absl::string_view path) const {
  State parent, state;
  bool matched = false;
  for (size_t end = 0; end != absl::string_view::npos;) {
    end = path.find('/', end + 1);
    matched = Match(path.substr(0, end), parent, &state);
    std::swap(parent, state);
  }
  return matched;
}

bool IgnoreMatcher::CanPrune(absl::string_view directory) const {
  if (!has_exceptions_) return true;
  if (!exceptions_are_plain_) return false;
  for (const Pattern& pattern : patterns_) {
    if (!pattern.exception) continue;
    absl::string_view plain = pattern.text;
    absl::ConsumeSuffix(&plain, "/**");
    absl::ConsumeSuffix(&plain, "/*");
    // The exception is the directory itself or lies below it.
    if (absl::StartsWith(plain, directory) &&
        (plain.size() == directory.size() || plain[directory.size()] == '/')) {
      return false;
    }
  }
  return true;
}

void ParseIgnoreFile(absl::string_view text, IgnoreFile* out) {
  out->text = std::string(text);
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    int column = 1;
    if (number == 1 && absl::ConsumePrefix(&line, "\xEF\xBB\xBF")) column += 3;  // a byte order mark
    if (absl::StartsWith(line, "#")) continue;
    const absl::string_view trimmed = TrimSpace(line);
    if (trimmed.empty()) continue;
    column += static_cast<int>(trimmed.data() - line.data());
    absl::string_view pattern = trimmed;
    const bool exception = absl::ConsumePrefix(&pattern, "!");
    if (exception) pattern = TrimSpace(pattern);
    std::string clean = pattern.empty() ? "" : CleanPath(pattern);
    if (clean.size() > 1 && clean[0] == '/') clean.erase(0, 1);
    out->patterns.push_back(absl::StrCat(exception ? "!" : "", clean));
    out->ranges.push_back({number, column, number, column + static_cast<int>(trimmed.size())});
  }
}

absl::StatusOr<IgnoreFile> ReadIgnoreFile(const std::string& dockerfile, const std::string& context) {
  IgnoreFile file;
  std::vector<std::string> candidates;
  if (!dockerfile.empty()) candidates.push_back(dockerfile + ".dockerignore");
  candidates.push_back(JoinPath(context, ".dockerignore"));
  for (const std::string& path : candidates) {
    file.looked_for.push_back(path);
    absl::StatusOr<std::string> text = ReadFile(path);
    if (absl::IsNotFound(text.status())) continue;
    RETURN_IF_ERROR(text.status());
    file.path = path;
    ParseIgnoreFile(*text, &file);
    break;
  }
  return file;
}

absl::optional<Diagnostic> CheckIgnoreFile(const IgnoreFile& file) {
  for (size_t i = 0; i < file.patterns.size(); ++i) {
    const absl::Status status = IgnoreMatcher::Compile({file.patterns[i]}).status();
    if (status.ok()) continue;
    Diagnostic diagnostic;
    diagnostic.file = file.path;
    diagnostic.range = file.ranges[i];
    diagnostic.message = std::string(status.message());
    diagnostic.help = "a character with a meaning of its own (* ? [ \\) is taken literally after a backslash";
    return diagnostic;
  }
  return absl::nullopt;
}

}  // namespace kasane
