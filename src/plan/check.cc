#include "src/plan/check.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "src/dockerfile/heredoc.h"
#include "src/dockerfile/language.h"
#include "src/dockerfile/lint_syntax.h"
#include "src/dockerfile/quote.h"
#include "src/dockerfile/text.h"
#include "src/plan/duration.h"
#include "src/plan/mount_flag.h"

namespace kasane {
namespace {

bool CheckFlags(const Instruction& in, Report* report) {
  const std::vector<FlagInfo>& rules = InstructionInfoOf(in.kind).flags;
  std::set<std::string> seen;
  for (const Flag& flag : in.flags) {
    // BuildKit does not look at these.
    if (in.kind == InstructionKind::kArg || in.kind == InstructionKind::kStopsignal) return true;
    auto rule =
        std::find_if(rules.begin(), rules.end(), [&](const FlagInfo& r) { return r.name == flag.name; });
    if (rule == rules.end()) {
      std::vector<std::string> names;
      for (const FlagInfo& r : rules) names.emplace_back(r.name);
      const std::string guess = ClosestMatch(flag.name, names);
      std::string help = absl::StrCat(InstructionName(in.kind), " takes no flags");
      if (!guess.empty()) {
        help = absl::StrCat("did you mean --", guess, "?");
      } else if (!names.empty()) {
        help = absl::StrCat(InstructionName(in.kind), " knows");
        for (const std::string& name : names) absl::StrAppend(&help, " --", name);
      }
      return report->Error(
          flag.range, absl::StrCat("unknown flag --", flag.name, " of ", InstructionName(in.kind)), help);
    }
    if (!seen.insert(flag.name).second && rule->type != FlagType::kList) {
      return report->Error(flag.range, absl::StrCat("the flag --", flag.name, " was given twice"));
    }
    if (rule->type != FlagType::kBool && !flag.has_value) {
      return report->Error(flag.range, absl::StrCat("the flag --", flag.name, " needs a value"),
                           absl::StrCat("write --", flag.name, "=VALUE"));
    }
    const std::string value = absl::AsciiStrToLower(flag.value);
    if (rule->type == FlagType::kBool && flag.has_value && value != "true" && value != "false") {
      return report->Error(
          flag.range, absl::StrCat("the flag --", flag.name, " is true or false, not \"", flag.value, "\""));
    }
  }
  return true;
}

bool Exactly(const Instruction& in, size_t count, Report* report) {
  if (in.args.size() == count) return true;
  return report->Error(in.range, absl::StrCat(InstructionName(in.kind), " requires exactly one argument"));
}

bool AtLeastOne(const Instruction& in, bool any, Report* report) {
  if (any) return true;
  return report->Error(in.range, absl::StrCat(InstructionName(in.kind), " requires at least one argument"));
}

bool CheckFrom(const Instruction& in, Report* report) {
  const std::string form = "write FROM image, or FROM image AS name";
  if (in.args.size() == 1) return true;
  if (in.args.size() != 3) {
    return report->Error(in.range, "FROM requires either one or three arguments", form);
  }
  if (!absl::EqualsIgnoreCase(in.args[1].text, "as")) {
    return report->Error(in.args[1].range, absl::StrCat("expected AS, not \"", in.args[1].text, "\""), form);
  }
  const std::string name = absl::AsciiStrToLower(in.args[2].text);
  bool valid = absl::ascii_islower(static_cast<unsigned char>(name[0]));
  for (unsigned char c : name) {
    valid = valid && (absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_' || c == '.');
  }
  if (valid) return true;
  return report->Error(in.args[2].range, absl::StrCat("invalid stage name \"", in.args[2].text, "\""),
                       "a stage name begins with a letter and holds letters, digits, '-', '_' and '.'");
}

bool CheckCopy(const Instruction& in, Report* report) {
  const absl::string_view name = InstructionName(in.kind);
  if (in.args.size() < 2) {
    return report->Error(in.range,
                         absl::StrCat(name, " requires at least two arguments: sources and a destination"));
  }
  Heredoc ignored;
  if (ParseHeredocWord(in.args.back().text, &ignored)) {
    return report->Error(in.args.back().range,
                         absl::StrCat(name, " cannot take a heredoc as its destination"));
  }
  return true;
}

bool CheckPairs(const Instruction& in, Report* report) {
  if (!AtLeastOne(in, !in.pairs.empty(), report)) return false;
  for (const KeyValue& pair : in.pairs) {
    if (pair.key.text.empty()) {
      return report->Error(pair.range, absl::StrCat("a name of ", InstructionName(in.kind), " is blank"));
    }
  }
  return true;
}

bool CheckRun(const Instruction& in, Report* report) {
  const Flag* network = FindFlag(in, "network");
  if (network != nullptr && network->value != "default" && network->value != "none" &&
      network->value != "host") {
    return report->Error(network->range, absl::StrCat("invalid network mode \"", network->value, "\""),
                         "it can be default, none or host");
  }
  const Flag* security = FindFlag(in, "security");
  if (security != nullptr && security->value != "sandbox" && security->value != "insecure") {
    return report->Error(security->range, absl::StrCat("invalid security mode \"", security->value, "\""),
                         "it can be sandbox or insecure");
  }
  for (const Flag& flag : in.flags) {
    DeviceSpec device;
    if (flag.name == "mount" && !CheckMountFlag(flag, report)) return false;
    if (flag.name == "device" && !ReadDeviceFlag(flag, report, &device)) return false;
  }
  if (in.json && in.args.empty()) return report->Error(in.range, "RUN requires a command");
  return true;
}

bool CheckHealthcheck(const Instruction& in, Report* report) {
  if (!AtLeastOne(in, !in.args.empty(), report)) return false;
  const std::string type = absl::AsciiStrToUpper(in.args[0].text);
  if (type == "NONE") {
    if (in.args.size() == 1) return true;
    return report->Error(in.args[1].range, "HEALTHCHECK NONE takes no arguments");
  }
  if (type != "CMD") {
    return report->Error(in.args[0].range,
                         absl::StrCat("unknown type \"", in.args[0].text, "\" of HEALTHCHECK"),
                         "write HEALTHCHECK CMD command, or HEALTHCHECK NONE");
  }
  if (in.args.size() == 1) return report->Error(in.range, "the command is missing after HEALTHCHECK CMD");
  for (const Flag& flag : in.flags) {
    int64_t number = 0;
    if (flag.name == "retries") {
      int32_t retries = 0;
      if (!flag.value.empty() && (!absl::SimpleAtoi(flag.value, &retries) || retries < 0)) {
        return report->Error(flag.range,
                             absl::StrCat("--retries is a number from 0 on, not \"", flag.value, "\""));
      }
    } else if (!flag.value.empty() && !ParseGoDuration(flag.value, &number)) {
      return report->Error(flag.range, absl::StrCat("invalid duration \"", flag.value, "\""),
                           "write it like 1m30s or 500ms");
    } else if (number != 0 && number < 1000000) {
      return report->Error(flag.range, absl::StrCat("--", flag.name, " cannot be shorter than 1ms"));
    }
  }
  return true;
}

bool CheckVolume(const Instruction& in, Report* report) {
  if (!AtLeastOne(in, !in.args.empty(), report)) return false;
  for (const Word& word : in.args) {
    if (Trim(word.text).empty()) return report->Error(word.range, "a VOLUME cannot be an empty string");
  }
  return true;
}

bool CheckOnbuild(const Instruction& in, Report* report) {
  if (!AtLeastOne(in, !in.trigger.empty(), report)) return false;
  const Instruction& trigger = in.trigger[0];
  switch (trigger.kind) {
    case InstructionKind::kOnbuild:
    case InstructionKind::kFrom:
    case InstructionKind::kMaintainer:
      return report->Error(trigger.keyword.range, absl::StrCat(InstructionName(trigger.kind),
                                                               " is not allowed as an ONBUILD trigger"));
    default:
      return true;
  }
}

}  // namespace

bool CheckInstruction(const Instruction& in, Report* report) {
  if (!CheckFlags(in, report)) return false;
  switch (in.kind) {
    case InstructionKind::kFrom:
      return CheckFrom(in, report);
    case InstructionKind::kAdd:
    case InstructionKind::kCopy:
      return CheckCopy(in, report);
    case InstructionKind::kArg:
    case InstructionKind::kEnv:
    case InstructionKind::kLabel:
      return CheckPairs(in, report);
    case InstructionKind::kMaintainer:
    case InstructionKind::kStopsignal:
    case InstructionKind::kUser:
    case InstructionKind::kWorkdir:
      return Exactly(in, 1, report);
    case InstructionKind::kExpose:
      return AtLeastOne(in, !in.args.empty(), report);
    case InstructionKind::kVolume:
      return CheckVolume(in, report);
    case InstructionKind::kRun:
      return CheckRun(in, report);
    case InstructionKind::kHealthcheck:
      return CheckHealthcheck(in, report);
    case InstructionKind::kShell:
      if (!AtLeastOne(in, !in.args.empty(), report)) return false;
      if (in.json) return true;
      return report->Error(in.args[0].range, "SHELL requires its arguments in JSON form",
                           "write SHELL [\"/bin/sh\", \"-c\"]");
    case InstructionKind::kOnbuild:
      return CheckOnbuild(in, report);
    case InstructionKind::kCmd:
    case InstructionKind::kEntrypoint:
      return true;
  }
  return true;
}

bool CheckFile(const DockerfileAst& ast, Report* report, Linter* linter) {
  bool in_stage = false;
  LintLines(ast, linter);
  for (const Instruction& in : ast.instructions) {
    LintInstruction(in, linter);
    if (!CheckInstruction(in, report)) return false;
    in_stage = in_stage || in.kind == InstructionKind::kFrom;
    if (!in_stage && in.kind != InstructionKind::kArg) {
      return report->Error(in.keyword.range,
                           absl::StrCat(InstructionName(in.kind), " stands before the first FROM"),
                           "only ARG may stand there");
    }
  }
  if (!in_stage) return report->Error({}, "the file has no FROM", "a stage begins with FROM");
  LintFile(ast, linter);
  return true;
}

const Flag* FindFlag(const Instruction& in, absl::string_view name) {
  for (const Flag& flag : in.flags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

bool BoolFlag(const Instruction& in, absl::string_view name) {
  const Flag* flag = FindFlag(in, name);
  return flag != nullptr && !absl::EqualsIgnoreCase(flag->value, "false");
}

Healthcheck ReadHealthcheck(const Instruction& in) {
  Healthcheck out;
  if (absl::EqualsIgnoreCase(in.args[0].text, "none")) {
    out.test = {"NONE"};
    return out;
  }
  out.test = {in.json ? "CMD" : "CMD-SHELL"};
  for (size_t i = 1; i < in.args.size(); ++i) out.test.push_back(in.args[i].text);
  const auto duration = [&](absl::string_view name) {
    const Flag* flag = FindFlag(in, name);
    int64_t value = 0;
    if (flag == nullptr || !ParseGoDuration(flag->value, &value)) return int64_t{0};
    return value;
  };
  out.interval = duration("interval");
  out.timeout = duration("timeout");
  out.start_period = duration("start-period");
  out.start_interval = duration("start-interval");
  const Flag* retries = FindFlag(in, "retries");
  if (retries == nullptr || !absl::SimpleAtoi(retries->value, &out.retries)) out.retries = 0;
  return out;
}

std::string DescribeHealthcheck(const Healthcheck& h) {
  return absl::StrCat("{Test:", GoList(h.test), " Interval:", FormatGoDuration(h.interval),
                      " Timeout:", FormatGoDuration(h.timeout),
                      " StartPeriod:", FormatGoDuration(h.start_period),
                      " StartInterval:", FormatGoDuration(h.start_interval), " Retries:", h.retries, "}");
}

}  // namespace kasane
