// A profile as its file says it, and the questions that need no file system.
#ifndef KASANE_SRC_TRACE_PROFILE_RULE_H_
#define KASANE_SRC_TRACE_PROFILE_RULE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/trace/list_filter.h"

namespace kasane {

// What a stat of something that is no directory means to a program. (A directory's is always its type, mode,
// owner.)
enum class StatMeaning {
  kType,      // that it is there, and its type
  kMode,      // level 1: also mode, owner, capabilities, link target, and whether it is empty
  kSize,      // level 2: also the size
  kTime,      // level 3: all that stat shows, mtime and link count too
  kContent,   // level 1, and the content: the program may have learnt of it from elsewhere (soundness.md A1,
              // C5)
  kGoHeader,  // level 1, and of the content what GoHeader gives (go_header.h; soundness.md B3)
};

// Patterns are those of name_pattern.h.
struct ProfileRule {
  std::string name;
  bool strict = false;  // applies to nothing: how a project takes a profile of the same name away

  // [profile.program]: all that is given must hold. One of the first two is given.
  std::vector<std::string> go_packages;  // the main package's path is one of them
  std::vector<std::vector<std::string>>
      strings;                       // of each list at least one is in the executable (program.h)
  std::vector<std::string> lacking;  // strings: none of them is
  // A program of many names: it goes by the last part of argv[0], or, if that begins with `multicall`, by
  // argv[1]'s.
  std::string multicall;
  std::vector<std::string> applets;

  // [profile.arguments]: of those behind the program's (or the applet's) name.
  std::vector<std::string> first;    // the first one is one of them; empty: anything
  std::vector<std::string> refused;  // patterns: no argument fits one of them
  // Which options there may be. An argument that begins with '-' is taken for one wherever it stands, so that
  // no file name can be taken for an option's end.
  bool limits_options = false;
  std::string options;                    // letters
  std::string value_options;              // letters behind which the rest of the argument is a value
  std::vector<std::string> long_options;  // "--recursive"; a value may follow after '='

  // [profile.environment]: patterns: no variable, as NAME=VALUE, fits one of them.
  std::vector<std::string> refused_variables;
  // [profile.settings]: files in which the program finds more variables, one a line. In a path, $NAME is a
  // variable (if it is unset there is no such file) and @ the directory of the executable.
  std::vector<std::string> settings;

  // [profile.scope]: `stat` and `list` hold in a directory that has the name `below`, or lies below one that
  // does, and only if on the way from there no directory's name fits `not_through` and none holds
  // `not_holding`. "": anywhere.
  std::string below;
  std::vector<std::string> not_through;
  std::string not_holding;

  // [profile.stat]
  StatMeaning stat = StatMeaning::kTime;
  std::vector<std::string> content_suffixes;  // names that end so (or are so): kContent
  // Before the others: names that end so: kGoHeader, and if it is opened, no more of it is read.
  std::vector<std::string> go_headers;
  bool programs_by_time = false;  // an executable file without a dot in its name: kTime

  // [profile.list]
  bool narrows = false;
  ListFilter list;
  // Not narrowed if a file in the directory, or in one above it, whose name ends in `unless_suffix` holds one
  // of these.
  std::string unless_suffix;
  std::vector<std::string> unless_text;

  // [profile.warm]: caches of the program's own that RUNs may find as earlier ones left them (soundness.md
  // A1, A7). Of each list the first path counts whose variable is set; $NAME is one. The program must find in
  // them by content what it put there, and nobody else may look.
  std::vector<std::vector<std::string>> warm_caches;
  // Names of programs that it starts, and of whose answers nothing enters the caches.
  std::vector<std::string> warm_children;
  // Names of programs that may run beside it. Others could make sources with times of long ago and take them
  // away again, and a cache may go by times.
  std::vector<std::string> warm_companions;
  // Another profile's name: this program is a part of that one's, and may look there too.
  std::string warm_of;
};

// All that the rule says, each field in its place.
std::string EncodeProfileRule(const ProfileRule& rule);

bool FitsArguments(const ProfileRule& rule, const std::vector<std::string>& argv);
// `variables`: NAME=VALUE.
bool FitsEnvironment(const ProfileRule& rule, const std::vector<std::string>& variables);

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_PROFILE_RULE_H_
