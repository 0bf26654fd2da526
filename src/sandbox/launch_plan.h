// Everything that the processes of a sandbox need to know, made before the first of them is started.
#ifndef KASANE_SRC_SANDBOX_LAUNCH_PLAN_H_
#define KASANE_SRC_SANDBOX_LAUNCH_PLAN_H_

#include <sys/resource.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/sandbox/ask_ahead.h"
#include "src/sandbox/mounts.h"

namespace kasane {

enum class Network {
  kHost,      // the host's own
  kNone,      // a namespace with nothing but loopback
  kIsolated,  // a namespace with a way out through slirp4netns, but not to the host
};

struct ResourceLimit {
  int resource = 0;  // RLIMIT_*
  rlimit value = {};
};

// A device of this machine that a RUN is given.
struct DeviceNode {
  std::string path;   // below /dev
  std::string host;   // what it is on this machine: for where no nodes can be made
  uint32_t mode = 0;  // with its type: S_IFCHR, S_IFBLK, S_IFIFO
  uint32_t major = 0, minor = 0;
  uint32_t uid = 0, gid = 0;
  std::string access;  // of r, w; making nodes is allowed anyway
};

// A port of this machine that leads to one of the process (network kIsolated).
struct PortForward {
  std::string address = "0.0.0.0";  // of this machine: IPv4
  uint16_t host_port = 0;
  uint16_t port = 0;
  bool udp = false;
};

// What somebody who talks to the process gives it; -1: an empty pipe for input, one pipe for all output.
struct ProcessIo {
  int input = -1, output = -1, error = -1;
  // A unix socket, to which the other side of the process's own terminal is sent (console.h); instead of all
  // three.
  int console = -1;
};

struct LaunchPlan {
  // A directory of this RUN's own that holds the files hosts and resolv.conf. The warden makes lower, root,
  // upper and work in it; if overlayfs cannot have its upper directory there, upper and work go to a tmpfs on
  // memory. Mounts are made inside the sandbox's mount namespace only.
  std::string scratch;
  // True: it holds upper and the places of mounts already, copies of all there is, on which nothing is
  // layered.
  bool copied = false;
  OverlayRoot root;
  std::vector<std::string> lower_layers;  // SandboxOptions::lower_layers
  bool frequent = false;                  // SandboxOptions::frequent
  AskedAhead ahead;                       // SandboxOptions::ahead
  bool root_mode = true;                  // false: inside a user namespace

  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::string workdir;
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<uint32_t> groups;
  std::string hostname;
  Network network = Network::kHost;
  std::string slirp;  // path of slirp4netns (network kIsolated)
  std::vector<ResourceLimit> limits;
  int64_t shm_size = 64 << 20;
  std::string hosts_target;  // where /etc/hosts and /etc/resolv.conf are, links resolved; absolute
  std::string resolv_target;
  std::vector<std::pair<std::string, std::string>> inline_files;  // shown under /dev/pipes: (name, content)
  std::vector<SandboxMount> mounts;                               // of SortMounts
  // RUN --security=insecure: all capabilities and devices, no filter, nothing of /proc and /sys is hidden or
  // read-only.
  bool insecure = false;
  std::vector<DeviceNode> devices;
  std::string seccomp_filter;  // empty: none
  ProcessIo io;
  std::vector<PortForward> ports;
  bool tells_start = false;  // a message when the program has been started
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_LAUNCH_PLAN_H_
