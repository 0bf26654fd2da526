// Child processes whose output is wanted.
#ifndef KASANE_SRC_BASE_CHILD_H_
#define KASANE_SRC_BASE_CHILD_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "src/base/file.h"

namespace kasane {

struct ChildCommand {
  std::vector<std::string>
      words;  // as they are; the first is the program, looked for in $PATH if it has no '/'
  // "K=V", all that the program gets; empty: our own environment.
  std::vector<std::string> env;
  std::string directory;  // where it runs; empty: where we are
  int umask = -1;         // -1: ours
};

struct ChildResult {
  int exit_code = -1;  // 128 + the signal's number if one ended it; -1 if it could not be started
  std::string out;     // standard output
  std::string err;     // standard error; if it could not be started: why
};

// Starts a program that dies with us; -1, with the reason in `error`, if it could not be started. `in`,
// `out`, `err`: its standard streams; -1: nothing on standard input, else ours. No signal is blocked in it.
struct ChildStreams {
  int in = -1, out = -1, err = -1;
};
pid_t StartChild(const ChildCommand& command, const ChildStreams& streams, std::string* error);
// Our environment with this variable: for ChildCommand::env.
std::vector<std::string> EnvironmentWith(const std::string& name, const std::string& value);
// A descriptor of the process (pidfd_open(2)) that is readable once it has ended; not valid: there is none.
UniqueFd OpenProcess(pid_t pid);
// Waits for it to end; as ChildResult::exit_code.
int WaitForChild(pid_t pid);

// Runs all commands at the same time, with nothing on standard input, and waits for all. They die with us.
std::vector<ChildResult> RunChildren(const std::vector<ChildCommand>& commands);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_CHILD_H_
