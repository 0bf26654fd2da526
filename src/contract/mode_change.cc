#include "src/contract/mode_change.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"

namespace kasane {
namespace {

constexpr uint32_t kSetUid = 04000, kSetGid = 02000, kSticky = 01000;
constexpr uint32_t kRead = 0444, kWrite = 0222, kExecute = 0111;
constexpr uint32_t kUser = 0700, kGroup = 0070, kOther = 0007;
constexpr uint32_t kStandard = kSetUid | kSetGid | 0777;

absl::Status BadNumber(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("invalid chmod parameter: '", text,
                                                 "'. it should be octal string and between 0 and 07777"));
}

absl::Status BadSyntax() { return absl::InvalidArgumentError("invalid syntax"); }

}  // namespace

absl::StatusOr<ModeChange> ModeChange::Parse(absl::string_view text) {
  ModeChange change;
  if (text.empty()) return change;
  if (absl::ascii_isdigit(text[0])) {
    uint32_t mode = 0;
    for (char c : text) {
      if (c < '0' || c > '7') return BadNumber(text);
      mode = mode << 3 | static_cast<uint32_t>(c - '0');
      if (mode > 07777) return BadNumber(text);
    }
    change.absolute_ = mode;
    return change;
  }
  while (true) {
    RETURN_IF_ERROR(change.ParseClause(&text));
    if (text.empty()) return change;
    text.remove_prefix(1);  // the comma
  }
}

// One clause, "ug+rw-x", up to its comma or the end.
absl::Status ModeChange::ParseClause(absl::string_view* text) {
  uint32_t who = 0;
  for (;; text->remove_prefix(1)) {
    if (text->empty()) return BadSyntax();
    const char c = text->front();
    if (c == 'a') {
      who |= kStandard;
    } else if (c == 'u') {
      who |= kSetUid | kUser;
    } else if (c == 'g') {
      who |= kSetGid | kGroup;
    } else if (c == 'o') {
      who |= kOther;
    } else {
      break;
    }
  }
  do {
    const char op = text->front();
    if (op != '+' && op != '-' && op != '=') return BadSyntax();
    text->remove_prefix(1);
    who &= ~kSticky;
    const bool special = who == 0 || (who & ~kOther) != 0;  // "o" alone has no set-id and no sticky bit
    uint32_t bits = 0, execute_if_any = 0;
    bool equal_done = op != '=';
    for (; !text->empty(); text->remove_prefix(1)) {
      const char c = text->front();
      if (c == 'r') {
        bits |= kRead;
      } else if (c == 'w') {
        bits |= kWrite;
      } else if (c == 'x') {
        bits |= kExecute;
      } else if (c == 'X') {
        (op == '-' ? bits : execute_if_any) |= kExecute;
      } else if (c == 's') {
        if (special) bits |= kSetUid | kSetGid;
      } else if (c == 't') {
        if (special) {
          who |= kSticky;
          bits |= kSticky;
        }
      } else if (c == 'u' || c == 'g' || c == 'o') {
        if (bits != 0) Add(op, who, bits);
        if (execute_if_any != 0) Add('X', who, execute_if_any);
        bits = execute_if_any = 0;
        equal_done = true;
        commands_.push_back({c, who == 0 ? 0777u : who & 0777u, op});
      } else {
        break;
      }
    }
    if (bits != 0 || !equal_done) Add(op, who, bits);
    if (execute_if_any != 0) Add('X', who, execute_if_any);
  } while (!text->empty() && text->front() != ',');
  return absl::OkStatus();
}

void ModeChange::Add(char op, uint32_t who, uint32_t bits) {
  if (op == '=') {
    commands_.push_back({'-', who == 0 ? kStandard : who});
    op = '+';
  }
  commands_.push_back({op, who == 0 ? bits : who & bits});
}

uint32_t ModeChange::Apply(uint32_t mode, bool is_directory) const {
  if (absolute_) return *absolute_;
  const uint32_t old = mode;
  for (const Command& command : commands_) {
    switch (command.op) {
      case '+':
        mode |= command.bits;
        break;
      case '-':
        mode &= ~command.bits;
        break;
      case 'X':
        if ((old & kExecute) != 0 || is_directory) mode |= command.bits;
        break;
      default: {
        const int shift = command.op == 'u' ? 6 : command.op == 'g' ? 3 : 0;
        const uint32_t value = mode >> shift & 7;
        const uint32_t spread = (value << 6 | value << 3 | value) & command.bits;
        if (command.how == '=') mode &= ~command.bits;
        mode = command.how == '-' ? mode & ~spread : mode | spread;
      }
    }
  }
  return mode;
}

}  // namespace kasane
