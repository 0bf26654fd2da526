#include "src/trace/profile_rule.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/types/span.h"
#include "src/base/binary.h"
#include "src/base/file.h"
#include "src/trace/name_pattern.h"

namespace kasane {
namespace {

bool Contains(const std::vector<std::string>& list, absl::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool FitsOneOf(const std::vector<std::string>& patterns, absl::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return FitsNamePattern(pattern, text); });
}

void PutList(std::string* out, const std::vector<std::string>& list) {
  PutVarint(out, list.size());
  for (const std::string& word : list) PutBytes(out, word);
}

bool IsAllowedOption(const ProfileRule& rule, absl::string_view argument) {
  if (absl::StartsWith(argument, "--")) {
    return argument == "--" || Contains(rule.long_options, argument.substr(0, argument.find('=')));
  }
  for (size_t i = 1; i < argument.size(); ++i) {
    if (absl::StrContains(rule.value_options, argument.substr(i, 1))) return true;
    if (!absl::StrContains(rule.options, argument.substr(i, 1))) return false;
  }
  return true;
}

// The arguments behind the name; false if it is not one of the applets.
bool TakeName(const ProfileRule& rule, absl::Span<const std::string>* arguments) {
  if (arguments->empty()) return false;
  absl::string_view name = Basename(arguments->front());
  arguments->remove_prefix(1);
  if (rule.multicall.empty()) return true;
  if (absl::StartsWith(name, rule.multicall)) {
    if (arguments->empty()) return false;
    name = Basename(arguments->front());
    arguments->remove_prefix(1);
  }
  return Contains(rule.applets, name);
}

}  // namespace

std::string EncodeProfileRule(const ProfileRule& rule) {
  std::string out;
  PutBytes(&out, rule.name);
  PutVarint(&out, rule.strict ? 1 : 0);
  PutList(&out, rule.go_packages);
  PutVarint(&out, rule.strings.size());
  for (const std::vector<std::string>& list : rule.strings) PutList(&out, list);
  PutList(&out, rule.lacking);
  PutBytes(&out, rule.multicall);
  PutList(&out, rule.applets);
  PutList(&out, rule.first);
  PutList(&out, rule.refused);
  PutVarint(&out, rule.limits_options ? 1 : 0);
  PutBytes(&out, rule.options);
  PutBytes(&out, rule.value_options);
  PutList(&out, rule.long_options);
  PutList(&out, rule.refused_variables);
  PutList(&out, rule.settings);
  PutBytes(&out, rule.below);
  PutList(&out, rule.not_through);
  PutBytes(&out, rule.not_holding);
  PutVarint(&out, static_cast<uint64_t>(rule.stat));
  PutList(&out, rule.content_suffixes);
  PutList(&out, rule.go_headers);
  PutVarint(&out, rule.programs_by_time ? 1 : 0);
  PutVarint(&out, rule.narrows ? 1 : 0);
  PutBytes(&out, rule.list.Encode());
  PutBytes(&out, rule.unless_suffix);
  PutList(&out, rule.unless_text);
  PutVarint(&out, rule.warm_caches.size());
  for (const std::vector<std::string>& list : rule.warm_caches) PutList(&out, list);
  PutList(&out, rule.warm_children);
  PutList(&out, rule.warm_companions);
  PutBytes(&out, rule.warm_of);
  return out;
}

bool FitsArguments(const ProfileRule& rule, const std::vector<std::string>& argv) {
  absl::Span<const std::string> arguments(argv);
  if (!TakeName(rule, &arguments)) return false;
  if (!rule.first.empty() && (arguments.empty() || !Contains(rule.first, arguments.front()))) return false;
  for (const std::string& argument : arguments) {
    if (FitsOneOf(rule.refused, argument)) return false;
    if (rule.limits_options && argument.size() > 1 && argument[0] == '-' &&
        !IsAllowedOption(rule, argument)) {
      return false;
    }
  }
  return true;
}

bool FitsEnvironment(const ProfileRule& rule, const std::vector<std::string>& variables) {
  for (const std::string& variable : variables) {
    // Somebody else's code in the same process.
    for (const char* loader : {"LD_PRELOAD=?*", "LD_AUDIT=?*"}) {
      if (FitsNamePattern(loader, variable)) return false;
    }
    if (FitsOneOf(rule.refused_variables, variable)) return false;
  }
  return true;
}

}  // namespace kasane
