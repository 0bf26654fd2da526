// Users and groups, looked up in a tree's own /etc/passwd and /etc/group, as BuildKit does. It has two sets
// of rules: one for who owns a file that a step makes, which never fails on an unknown name, and one for who
// runs a process, which does.
#ifndef KASANE_SRC_STEPS_COMMON_USER_H_
#define KASANE_SRC_STEPS_COMMON_USER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

struct Owner {
  uint32_t uid = 0;
  uint32_t gid = 0;
};

// The owner that COPY --chown and the user of WORKDIR mean. A number without a group is the group too; a name
// without a group gets its primary one; an unknown name, also with no passwd file, is 0 (measured: BuildKit
// says nothing). -1 keeps what chown(2) would keep of a new file: 0. Fails only if the files cannot be read.
absl::StatusOr<Owner> ResolveOwner(const Store& store, const Tree& tree, absl::string_view owner);

struct ProcessUser {
  uint32_t uid = 0;
  uint32_t gid = 0;
  // Supplementary groups in the order in which they are to be set; always holds `gid`, first unless
  // /etc/group has it.
  std::vector<uint32_t> groups;
  // What HOME is if the environment has none (runc: home of the first line with that uid, else "/").
  std::string home;
};

// The user that USER ("", "user", "uid", with ":group" or ":gid" or without) means for a RUN. "" is root. An
// unknown name is kNotFound with BuildKit's words ("unable to find user x: no matching entries in passwd
// file"); a number out of range is kInvalidArgument.
absl::StatusOr<ProcessUser> ResolveProcessUser(const Store& store, const Tree& tree, absl::string_view user);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_COMMON_USER_H_
