// What is mounted where, as this process sees it.
#ifndef KASANE_SRC_SANDBOX_MOUNT_TABLE_H_
#define KASANE_SRC_SANDBOX_MOUNT_TABLE_H_

#include <string>
#include <vector>

namespace kasane {

// A line of /proc/self/mountinfo (proc(5)). Spaces in paths stay as they are written there: "\040".
struct MountLine {
  std::string root;     // the part of the file system that is shown
  std::string target;   // where
  std::string type;     // of the file system
  std::string options;  // of the file system, with ',' between them
};

// In the order of the table; empty if it cannot be read. Lines of another form are left out.
std::vector<MountLine> ReadMountTable();

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_MOUNT_TABLE_H_
