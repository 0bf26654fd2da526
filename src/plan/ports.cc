#include "src/plan/ports.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace kasane {
namespace {

bool ParsePort(absl::string_view text, int* port) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](unsigned char c) { return absl::ascii_isdigit(c); });
  return digits && absl::SimpleAtoi(text, port) && *port <= 65535;
}

bool ParseRange(absl::string_view text, int* first, int* last) {
  const size_t dash = text.find('-');
  if (!ParsePort(text.substr(0, dash), first)) return false;
  *last = *first;
  return dash == absl::string_view::npos || (ParsePort(text.substr(dash + 1), last) && *last >= *first);
}

bool IsAddress(absl::string_view ip) {
  if (absl::ConsumePrefix(&ip, "[") && !absl::ConsumeSuffix(&ip, "]")) return false;
  unsigned char buffer[sizeof(struct in6_addr)];
  const std::string text(ip);
  return inet_pton(AF_INET, text.c_str(), buffer) == 1 || inet_pton(AF_INET6, text.c_str(), buffer) == 1;
}

}  // namespace

PortParts SplitPort(absl::string_view spec) {
  PortParts parts;
  // An IPv6 address has colons of its own.
  const size_t last = spec.rfind(':');
  if (last != absl::string_view::npos) {
    parts.host = spec.substr(0, last);
    spec.remove_prefix(last + 1);
    const size_t previous = parts.host.rfind(':');
    if (previous != absl::string_view::npos) {
      parts.ip = parts.host.substr(0, previous);
      parts.host.remove_prefix(previous + 1);
    }
  }
  const size_t slash = spec.find('/');
  parts.range = spec.substr(0, slash);
  if (slash != absl::string_view::npos) parts.proto = spec.substr(slash + 1);
  return parts;
}

bool ParsePorts(absl::string_view spec, std::vector<std::string>* ports, std::string* error) {
  const auto fail = [&](absl::string_view why) {
    *error = absl::StrCat("invalid port \"", spec, "\": ", why);
    return false;
  };
  const auto [ip, host, range, written_proto] = SplitPort(spec);
  const std::string proto = written_proto.empty() ? "tcp" : absl::AsciiStrToLower(written_proto);
  if (range.empty()) return fail("no port specified");
  if (proto != "tcp" && proto != "udp" && proto != "sctp") {
    return fail(absl::StrCat("the protocol must be tcp, udp or sctp, not ", proto));
  }
  if (!ip.empty() && !IsAddress(ip)) return fail(absl::StrCat(ip, " is not an IP address"));
  int first = 0, end = 0;
  if (!ParseRange(range, &first, &end)) return fail("a port is a number from 0 to 65535, or a range of them");
  int host_first = 0, host_end = 0;
  if (!host.empty()) {
    if (!ParseRange(host, &host_first, &host_end)) return fail(absl::StrCat("bad host port ", host));
    if (end != first && end - first != host_end - host_first) return fail("the two ranges differ in length");
  }
  for (int port = first; port <= end; ++port) ports->push_back(absl::StrCat(port, "/", proto));
  return true;
}

bool IsSignal(absl::string_view text) {
  int number = 0;
  if (absl::SimpleAtoi(text, &number)) return number != 0;
  static constexpr absl::string_view kNames[] = {
      "ABRT", "ALRM", "BUS",  "CHLD", "CLD",  "CONT", "FPE",    "HUP",    "ILL",  "INT",  "IO",    "IOT",
      "KILL", "PIPE", "POLL", "PROF", "PWR",  "QUIT", "SEGV",   "STKFLT", "STOP", "SYS",  "TERM",  "TRAP",
      "TSTP", "TTIN", "TTOU", "URG",  "USR1", "USR2", "VTALRM", "WINCH",  "XCPU", "XFSZ", "RTMIN", "RTMAX"};
  const std::string upper = absl::AsciiStrToUpper(text);
  absl::string_view name = upper;
  absl::ConsumePrefix(&name, "SIG");
  if (std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames)) return true;
  const bool from_min = absl::ConsumePrefix(&name, "RTMIN+");
  if (!from_min && !absl::ConsumePrefix(&name, "RTMAX-")) return false;
  const bool plain = !name.empty() && name[0] >= '1' && name[0] <= '9';
  return plain && absl::SimpleAtoi(name, &number) && number <= (from_min ? 15 : 14);
}

}  // namespace kasane
