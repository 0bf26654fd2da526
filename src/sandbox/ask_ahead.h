// Asks the file systems below a RUN, before it does, what it is likely to ask.
//
// A question takes lowerfs some 5 us, and the process that waits for the answer 70 or more: both sleep and
// are woken, often each on a processor of its own. A process beside the RUN's asks what the last trace has,
// and the kernel has the answers then. They are recorded like any other: only what is as in the base image
// may be asked so, for once it is recorded, it will be asked ahead for ever.
#ifndef KASANE_SRC_SANDBOX_ASK_AHEAD_H_
#define KASANE_SRC_SANDBOX_ASK_AHEAD_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace kasane {

// Relative paths in one file system. None leads through a symbolic link.
struct Questions {
  std::vector<std::string> lists;     // directories, whose names are looked up by that too
  std::vector<std::string> names;     // there or not
  std::vector<std::string> contents;  // of files, up to 128 KiB

  size_t size() const { return lists.size() + names.size() + contents.size(); }
};

// What is asked ahead of a RUN: of its whole tree, and of the FrequentFiles.
struct AskedAhead {
  Questions tree, frequent;

  size_t size() const { return tree.size() + frequent.size(); }
};

// Asks all of it of the file system mounted on the directory; nothing if there is no directory. For a process
// that has nothing else to do.
void AskAll(const std::string& directory, const Questions& questions);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_ASK_AHEAD_H_
