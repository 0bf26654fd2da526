// Child processes whose output is wanted.
#ifndef KASANE_GENERATOR_CHILD_H_
#define KASANE_GENERATOR_CHILD_H_

#include <string>
#include <vector>

namespace kasane {

struct ChildResult {
  int exit_code = -1;  // 128 + the signal's number if one ended it; -1 if it could not be started
  std::string out;     // standard output
  std::string err;     // standard error; if it could not be started: why
};

// Runs all commands at the same time, with nothing on standard input, and waits for all. Words go to the
// programs as they are; the first is the program's path.
std::vector<ChildResult> RunChildren(const std::vector<std::vector<std::string>>& commands);

}  // namespace kasane

#endif  // KASANE_GENERATOR_CHILD_H_
