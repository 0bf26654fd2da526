#include "src/plan/remote_ref.h"

#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "src/base/file.h"
#include "src/dockerfile/text.h"

namespace kasane {
namespace {

using Query = std::map<std::string, std::vector<std::string>>;

int HexValue(char c) {
  if (absl::ascii_isdigit(static_cast<unsigned char>(c))) return c - '0';
  c = absl::ascii_tolower(static_cast<unsigned char>(c));
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// False: a '%' without two digits behind it.
bool PercentDecode(absl::string_view text, bool plus_is_blank, std::string* out) {
  out->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out->push_back(' ');
    } else if (text[i] != '%') {
      out->push_back(text[i]);
    } else {
      if (i + 2 >= text.size() || HexValue(text[i + 1]) < 0 || HexValue(text[i + 2]) < 0) return false;
      out->push_back(static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2])));
      i += 2;
    }
  }
  return true;
}

// False: malformed. What is well-formed is in `query` all the same.
bool ParseQuery(absl::string_view text, Query* query) {
  bool ok = true;
  for (absl::string_view part : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const size_t equals = part.find('=');
    std::string key, value;
    if (absl::StrContains(part, ";") || !PercentDecode(part.substr(0, equals), true, &key) ||
        (equals != absl::string_view::npos && !PercentDecode(part.substr(equals + 1), true, &value))) {
      ok = false;
      continue;
    }
    (*query)[key].push_back(value);
  }
  return ok;
}

// "scheme://" at the front, any case; its length, or 0.
size_t SchemeLength(absl::string_view word) {
  size_t end = 0;
  while (end < word.size() && absl::ascii_isalnum(static_cast<unsigned char>(word[end]))) ++end;
  return end > 0 && absl::StartsWith(word.substr(end), "://") ? end + 3 : 0;
}

// A word cut into its parts. False: neither a URL nor "user@host:path".
struct Parts {
  std::string scheme;  // lower case
  std::string remote;  // without query and fragment
  std::string path;    // decoded
  std::string fragment;
  Query query;
};

void CutOptions(absl::string_view rest, absl::string_view* front, absl::string_view* query,
                absl::string_view* fragment) {
  const size_t hash = rest.find('#');
  *fragment = hash == absl::string_view::npos ? "" : rest.substr(hash + 1);
  rest = rest.substr(0, hash);
  const size_t mark = rest.find('?');
  *query = mark == absl::string_view::npos ? "" : rest.substr(mark + 1);
  *front = rest.substr(0, mark);
}

bool CutUrl(absl::string_view word, size_t scheme_length, Parts* out) {
  for (char c : word) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) return false;
  }
  out->scheme = absl::AsciiStrToLower(word.substr(0, scheme_length - 3));
  absl::string_view front, query, fragment;
  CutOptions(word.substr(scheme_length), &front, &query, &fragment);
  if (absl::StrContains(front.substr(0, front.find('/')), " ")) return false;
  const size_t slash = front.find('/');
  if (slash != absl::string_view::npos && !PercentDecode(front.substr(slash), false, &out->path))
    return false;
  if (!PercentDecode(fragment, false, &out->fragment)) return false;
  out->remote = absl::StrCat(out->scheme, "://", front);
  ParseQuery(query, &out->query);
  return true;
}

bool CutScp(absl::string_view word, Parts* out) {
  const auto all_of = [](absl::string_view text, absl::string_view more) {
    for (char c : text) {
      if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
          !absl::StrContains(more, absl::string_view(&c, 1)))
        return false;
    }
    return !text.empty();
  };
  if (absl::StrContains(word, "\n")) return false;
  const size_t at = word.find('@');
  if (at == absl::string_view::npos || !all_of(word.substr(0, at), "-_")) return false;
  const size_t colon = word.find(':', at);
  if (colon == absl::string_view::npos || !all_of(word.substr(at + 1, colon - at - 1), "-.")) return false;
  absl::string_view front, query, fragment;
  CutOptions(word, &front, &query, &fragment);
  if (colon >= front.size() || !ParseQuery(query, &out->query)) return false;
  out->scheme = "ssh";
  out->remote = std::string(front);
  out->path = std::string(front.substr(colon + 1));
  out->fragment = std::string(fragment);
  return true;
}

bool ParseBool(absl::string_view text, bool* value) {
  for (absl::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) return *value = true;
  }
  *value = false;
  for (absl::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) return true;
  }
  return false;
}

// Sets a member that fragment and query may both name.
bool SetOnce(absl::string_view what, const std::string& value, std::string* member, std::string* error) {
  if (!member->empty() && *member != value) {
    *error = absl::StrCat(what, " is given twice: \"", *member, "\" and \"", value, "\"");
    return false;
  }
  *member = value;
  return true;
}

bool SetFlag(const std::string& key, const std::string& value, bool* flag, std::string* error) {
  if (value.empty()) return *flag = true;
  if (ParseBool(value, flag)) return true;
  *error = absl::StrCat("\"", key, "\" in the query is true or false, not \"", value, "\"");
  return false;
}

bool ReadQuery(const Query& query, GitRef* git, std::string* error) {
  std::string tag, branch;
  for (const auto& [key, values] : query) {
    const std::string& value = values[0];
    const bool flag = key == "submodules" || key == "keep-git-dir" || key == "fetch-by-commit";
    if (values.size() > 1) {
      *error = absl::StrCat("\"", key, "\" stands more than once in the query");
      return false;
    }
    if (value.empty() && !flag) {
      *error = absl::StrCat("\"", key, "\" in the query has no value");
      return false;
    }
    bool on = false;
    if (flag && !SetFlag(key, value, &on, error)) return false;
    if (key == "ref") {
      if (!SetOnce("ref", value, &git->ref, error)) return false;
    } else if (key == "tag") {
      tag = absl::StrCat(absl::StartsWith(value, "refs/tags/") ? "" : "refs/tags/", value);
    } else if (key == "branch") {
      branch = absl::StrCat(absl::StartsWith(value, "refs/heads/") ? "" : "refs/heads/", value);
    } else if (key == "subdir") {
      if (!SetOnce("subdir", value, &git->subdir, error)) return false;
    } else if (key == "checksum" || key == "commit") {
      git->checksum = value;
    } else if (key == "keep-git-dir") {
      git->keep_git_dir = on;
    } else if (key == "submodules") {
      git->submodules = on;
    } else if (key == "fetch-by-commit") {
      git->fetch_by_commit = on;
    } else if (key == "mtime") {
      if (value != "checkout" && value != "commit") {
        *error = absl::StrCat("\"mtime\" in the query is checkout or commit, not \"", value, "\"");
        return false;
      }
      git->mtime = value;
    } else {
      *error = absl::StrCat("unknown name \"", key, "\" in the query");
      return false;
    }
  }
  if (!tag.empty() && !branch.empty()) {
    *error = "the query names both a branch and a tag";
    return false;
  }
  if (!tag.empty() && !SetOnce("ref", tag, &git->ref, error)) return false;
  return branch.empty() || SetOnce("ref", branch, &git->ref, error);
}

bool IsHttp(absl::string_view word) {
  return absl::StartsWith(word, "http://") || absl::StartsWith(word, "https://");
}

std::string CleanSubdir(absl::string_view subdir) { return CleanPath(absl::StrCat("/", subdir)).substr(1); }

}  // namespace

RemoteKind ParseRemote(absl::string_view word, GitRef* git, std::string* error) {
  *git = GitRef();
  const RemoteKind otherwise = IsHttp(word) ? RemoteKind::kFile : RemoteKind::kNone;
  if (absl::StartsWith(word, "./") || absl::StartsWith(word, "../")) return otherwise;
  Parts parts;
  git->like_a_path = absl::StartsWith(word, "github.com/");
  const std::string with_scheme = git->like_a_path ? absl::StrCat("https://", word) : std::string(word);
  if (const size_t scheme = SchemeLength(with_scheme); scheme > 0) {
    if (!CutUrl(with_scheme, scheme, &parts)) return otherwise;
    const bool http = parts.scheme == "http" || parts.scheme == "https";
    if (!http && parts.scheme != "git" && parts.scheme != "ssh") return otherwise;
    if (http && !git->like_a_path && !absl::EndsWith(parts.path, ".git")) return otherwise;
  } else if (!CutScp(with_scheme, &parts)) {
    return otherwise;
  }
  git->remote = parts.remote;
  const size_t colon = parts.fragment.find(':');
  git->ref = parts.fragment.substr(0, colon);
  if (colon != std::string::npos) git->subdir = CleanSubdir(parts.fragment.substr(colon + 1));
  if (!ReadQuery(parts.query, git, error)) return RemoteKind::kBad;
  git->subdir = CleanSubdir(git->subdir);
  if (absl::StartsWith(git->ref, "-")) {
    *error = absl::StrCat("invalid git ref \"", git->ref, "\"");
    return RemoteKind::kBad;
  }
  return RemoteKind::kGit;
}

std::string FileNameOfUrl(absl::string_view url) {
  Parts parts;
  const size_t scheme = SchemeLength(url);
  if (scheme == 0 || !CutUrl(url, scheme, &parts)) return "__unnamed__";
  absl::string_view path = parts.path;
  while (absl::ConsumeSuffix(&path, "/")) {
  }
  absl::string_view name = Basename(path);
  if (name.empty() || name == ".") return "__unnamed__";
  name = Trim(name);
  if (name.empty() || name == "." || name == "..") return "download";
  for (absl::string_view rest = name; !rest.empty();) {
    const Rune rune = DecodeRune(rest);
    if (rune.value < 0x20 || (rune.value >= 0x7f && rune.value < 0xa0)) return "download";
    rest.remove_prefix(rune.size);
  }
  return std::string(name);
}

bool IsCommit(absl::string_view text) {
  if (text.size() != 40 && text.size() != 64) return false;
  return text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

}  // namespace kasane
