#include "src/steps/common_user.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "src/base/status.h"
#include "src/contract/owner.h"

namespace kasane {
namespace {

// The largest user file that is read, as in BuildKit.
constexpr uint64_t kMaxFileSize = 10 << 20;

struct PasswdLine {
  std::string name;
  int64_t uid = 0;
  int64_t gid = 0;
  std::string home;
};

struct GroupLine {
  std::string name;
  int64_t gid = 0;
  std::vector<std::string> members;
};

// The text of a regular file, links followed inside the tree; "" if there is none.
absl::StatusOr<std::string> ReadTreeFile(const Store& store, const Tree& tree, absl::string_view path) {
  absl::StatusOr<std::string> resolved = tree.Resolve(path);
  if (!resolved.ok()) return std::string();
  const Node* node = tree.Lookup(*resolved);
  RETURN_IF_ERROR(tree.status());
  if (node == nullptr || !node->entry.is_file()) return std::string();
  if (node->entry.size > kMaxFileSize) {
    return absl::InvalidArgumentError(absl::StrCat("/", path, " has more than ", kMaxFileSize, " bytes"));
  }
  return store.ReadBlob(node->entry.content);
}

// Fields that are missing or no number read as 0, as in Go's parser: such files exist.
int64_t Number(const std::vector<std::string>& fields, size_t index) {
  int64_t value = 0;
  if (index >= fields.size() || !absl::SimpleAtoi(fields[index], &value)) return 0;
  return value;
}

std::string Field(const std::vector<std::string>& fields, size_t index) {
  return index < fields.size() ? fields[index] : "";
}

absl::StatusOr<std::vector<PasswdLine>> ReadPasswd(const Store& store, const Tree& tree) {
  ASSIGN_OR_RETURN(std::string text, ReadTreeFile(store, tree, "etc/passwd"));
  std::vector<PasswdLine> lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    const std::vector<std::string> fields = absl::StrSplit(line, ':');
    lines.push_back({Field(fields, 0), Number(fields, 2), Number(fields, 3), Field(fields, 5)});
  }
  return lines;
}

absl::StatusOr<std::vector<GroupLine>> ReadGroup(const Store& store, const Tree& tree) {
  ASSIGN_OR_RETURN(std::string text, ReadTreeFile(store, tree, "etc/group"));
  std::vector<GroupLine> lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> fields = absl::StrSplit(line, ':');
    lines.push_back(
        {Field(fields, 0), Number(fields, 2), absl::StrSplit(Field(fields, 3), ',', absl::SkipEmpty())});
  }
  return lines;
}

uint32_t OwnerId(int32_t number) { return number == -1 ? 0 : static_cast<uint32_t>(number); }

// All digits, with a sign or without; the value may still be out of range.
bool IsNumeric(absl::string_view word) {
  if (!word.empty() && (word[0] == '+' || word[0] == '-')) word.remove_prefix(1);
  return !word.empty() && std::all_of(word.begin(), word.end(), absl::ascii_isdigit);
}

// 0 to 2^31-1, as runc wants ids.
absl::StatusOr<uint32_t> ProcessId(absl::string_view word) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(word, &value) || value < 0 || value > std::numeric_limits<int32_t>::max()) {
    return absl::InvalidArgumentError(
        absl::StrCat("uids and gids must be in range 0-2147483647, not ", word));
  }
  return static_cast<uint32_t>(value);
}

// "uid:gid", both numbers (or "root"): BuildKit takes them as they are and asks no file.
bool ParseIdPair(absl::string_view user, ProcessUser* out) {
  const size_t colon = user.find(':');
  if (colon == absl::string_view::npos) return false;
  const auto number = [](absl::string_view word, uint32_t* value) {
    if (word == "root") word = "0";
    return !word.empty() && std::all_of(word.begin(), word.end(), absl::ascii_isdigit) &&
           absl::SimpleAtoi(word, value);
  };
  return number(user.substr(0, colon), &out->uid) && number(user.substr(colon + 1), &out->gid);
}

}  // namespace

absl::StatusOr<Owner> ResolveOwner(const Store& store, const Tree& tree, absl::string_view owner) {
  const auto names = SplitOwner(owner);
  const absl::string_view user = names.first;  // no structured binding: clang 14 has no capture of one
  const absl::string_view group = names.second;
  Owner result;
  if (const absl::optional<int32_t> number = OwnerNumber(user)) {
    result.uid = result.gid = OwnerId(*number);
  } else {
    ASSIGN_OR_RETURN(const std::vector<PasswdLine> lines, ReadPasswd(store, tree));
    const auto line =
        std::find_if(lines.begin(), lines.end(), [&](const PasswdLine& l) { return l.name == user; });
    if (line != lines.end()) {
      result.uid = static_cast<uint32_t>(line->uid);
      result.gid = static_cast<uint32_t>(line->gid);
    }
  }
  if (group.empty()) return result;
  if (const absl::optional<int32_t> number = OwnerNumber(group)) {
    result.gid = OwnerId(*number);
  } else {
    ASSIGN_OR_RETURN(const std::vector<GroupLine> lines, ReadGroup(store, tree));
    const auto line =
        std::find_if(lines.begin(), lines.end(), [&](const GroupLine& l) { return l.name == group; });
    if (line != lines.end()) result.gid = static_cast<uint32_t>(line->gid);
  }
  return result;
}

absl::StatusOr<ProcessUser> ResolveProcessUser(const Store& store, const Tree& tree, absl::string_view user) {
  ASSIGN_OR_RETURN(const std::vector<PasswdLine> users, ReadPasswd(store, tree));
  ProcessUser result;
  if (!ParseIdPair(user, &result)) {
    ASSIGN_OR_RETURN(const std::vector<GroupLine> groups, ReadGroup(store, tree));
    const std::vector<absl::string_view> parts = absl::StrSplit(user, ':');
    const absl::string_view name = parts[0].empty() ? "0" : parts[0];
    const absl::string_view group = parts.size() > 1 ? parts[1] : "";

    const bool by_id = IsNumeric(name);
    uint32_t id = 0;
    if (by_id) {
      ASSIGN_OR_RETURN(id, ProcessId(name));
    }
    const auto line = std::find_if(users.begin(), users.end(),
                                   [&](const PasswdLine& l) { return by_id ? l.uid == id : l.name == name; });
    if (line != users.end()) {
      result.uid = static_cast<uint32_t>(line->uid);
      result.gid = static_cast<uint32_t>(line->gid);
    } else if (by_id) {
      result.uid = id;
    } else {
      return absl::NotFoundError(
          absl::StrCat("unable to find user ", name, ": no matching entries in passwd file"));
    }

    if (!group.empty()) {
      const bool group_by_id = IsNumeric(group);
      if (group_by_id) {
        ASSIGN_OR_RETURN(result.gid, ProcessId(group));
      } else {
        const auto found =
            std::find_if(groups.begin(), groups.end(), [&](const GroupLine& l) { return l.name == group; });
        if (found == groups.end()) {
          return absl::NotFoundError(
              absl::StrCat("unable to find group ", group, ": no matching entries in group file"));
        }
        result.gid = static_cast<uint32_t>(found->gid);
      }
    } else if (line != users.end()) {
      for (const GroupLine& l :
           groups) {  // Only without an explicit group does a user have supplementary ones.
        if (std::find(l.members.begin(), l.members.end(), line->name) != l.members.end()) {
          result.groups.push_back(static_cast<uint32_t>(l.gid));
        }
      }
    }
  }
  if (std::find(result.groups.begin(), result.groups.end(), result.gid) == result.groups.end()) {
    result.groups.insert(result.groups.begin(), result.gid);
  }
  const auto home =
      std::find_if(users.begin(), users.end(), [&](const PasswdLine& l) { return l.uid == result.uid; });
  result.home = home == users.end() ? "/" : home->home;
  return result;
}

}  // namespace kasane
