#include "src/registry/challenge.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace kasane {
namespace {

bool IsTokenChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains("!#$%&'*+-.^_`|~", absl::string_view(&c, 1));
}

class Scanner {
 public:
  explicit Scanner(absl::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  void SkipBlanks() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }
  void SkipCommas() {
    while (!rest_.empty() && (rest_[0] == ',' || absl::ascii_isspace(static_cast<unsigned char>(rest_[0])))) {
      rest_ = rest_.substr(1);
    }
  }
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_ = rest_.substr(1);
    return true;
  }
  std::string Token() {
    size_t size = 0;
    while (size < rest_.size() && IsTokenChar(rest_[size])) ++size;
    std::string token(rest_.substr(0, size));
    rest_ = rest_.substr(size);
    return token;
  }
  // The rest of a quoted string, whose first quote was taken. False if it never ends.
  bool Quoted(std::string* out) {
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_ = rest_.substr(1);
      if (c == '"') return true;
      if (c == '\\' && !rest_.empty()) {
        out->push_back(rest_[0]);
        rest_ = rest_.substr(1);
      } else {
        out->push_back(c);
      }
    }
    return false;
  }

 private:
  absl::string_view rest_;
};

}  // namespace

std::string Challenge::Get(const std::string& name) const {
  auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

std::vector<Challenge> ParseChallenges(absl::string_view header) {
  std::vector<Challenge> out;
  Scanner in(header);
  while (true) {
    in.SkipCommas();
    if (in.done()) return out;
    const std::string token = in.Token();
    if (token.empty()) return out;
    in.SkipBlanks();
    // "name=" continues a challenge, a bare word begins one. (Base64 after a scheme, as Negotiate has it,
    // ends up as an unused parameter or ends the list.)
    if (!in.Take('=')) {
      out.push_back({absl::AsciiStrToLower(token), {}});
      continue;
    }
    if (out.empty()) return out;
    in.SkipBlanks();
    std::string value;
    if (in.Take('"')) {
      if (!in.Quoted(&value)) return out;
    } else {
      value = in.Token();
    }
    out.back().parameters[absl::AsciiStrToLower(token)] = value;
  }
}

std::string RepositoryScope(absl::string_view repository, bool push) {
  return absl::StrCat("repository:", repository, push ? ":pull,push" : ":pull");
}

void AddScopes(absl::string_view scopes, std::vector<std::string>* out) {
  for (absl::string_view scope : absl::StrSplit(scopes, ' ', absl::SkipEmpty())) {
    if (std::find(out->begin(), out->end(), scope) == out->end()) out->emplace_back(scope);
  }
}

}  // namespace kasane
