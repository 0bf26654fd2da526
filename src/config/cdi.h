// The Container Device Interface: what the files in /etc/cdi say of this machine's devices, read as BuildKit
// reads them (source: the interface's specification, version 1.1).
#ifndef KASANE_SRC_CONFIG_CDI_H_
#define KASANE_SRC_CONFIG_CDI_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasane {

struct CdiNode {
  std::string path;
  std::string host_path;
  std::string type;  // b, c, u, p; "": that of the host's
  int64_t major = 0, minor = 0;
  int64_t mode = -1, uid = -1, gid = -1;  // -1: not said
  std::string permissions;                // of r, w, m; "" is all, "none" is none
};

struct CdiMount {
  std::string host_path;
  std::string container_path;
  std::vector<std::string> options;
  std::string type;
};

struct CdiEdits {
  std::vector<std::string> env;
  std::vector<CdiNode> nodes;
  std::vector<CdiMount> mounts;
  std::vector<int64_t> groups;
  std::vector<std::string> others;  // members that Kasane does not know how to do: "hooks", "netDevices"
};

struct CdiDevice {
  std::string name;  // vendor/class=name
  std::string file;
  std::map<std::string, std::string> annotations;  // the file's and its own
  CdiEdits file_edits;  // to be made once for all devices of a file, before their own
  CdiEdits edits;
};

// What stands in one file. `json`: of the file's name.
absl::StatusOr<std::vector<CdiDevice>> ParseCdiFile(absl::string_view text, bool json);

struct CdiDevices {
  std::map<std::string, CdiDevice> devices;  // by name
  std::vector<std::string> files;            // that were read
  std::vector<absl::Status> problems;        // files left out: kUnimplemented for YAML that is beyond us

  // A device of a later directory hides one of an earlier; one that two files of a directory have is
  // nobody's.
  static CdiDevices Load(const std::vector<std::string>& directories);

  // The devices that `--device=NAME` means: vendor/class=name, vendor/class (the first), vendor/class=* or,
  // if there are none, those that are annotated with this class.
  std::vector<const CdiDevice*> Find(const std::string& name) const;
};

// Whether a description lets builds have the device without being asked.
bool IsAllowedToAll(const CdiDevice& device);

}  // namespace kasane

#endif  // KASANE_SRC_CONFIG_CDI_H_
