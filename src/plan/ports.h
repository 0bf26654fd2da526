// EXPOSE's port specifications and STOPSIGNAL's signals.
#ifndef KASANE_SRC_PLAN_PORTS_H_
#define KASANE_SRC_PLAN_PORTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

// The parts of IP:HOST:RANGE/PROTOCOL, as written; only the last two colons separate.
struct PortParts {
  absl::string_view ip, host, range, proto;
};
PortParts SplitPort(absl::string_view spec);

// [[ip:]host:]port[-port][/proto] to "port/proto", one for each port of the range; ip and host port are
// checked and dropped, as in BuildKit. False: `error` says what is wrong.
bool ParsePorts(absl::string_view spec, std::vector<std::string>* ports, std::string* error);

// A number other than 0, or a name of Linux with or without SIG, in any case.
bool IsSignal(absl::string_view text);

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_PORTS_H_
