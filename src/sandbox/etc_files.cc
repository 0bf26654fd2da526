#include "src/sandbox/etc_files.h"

#include <arpa/inet.h>

#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "src/base/file.h"

namespace kasane {
namespace {

constexpr char kSlirpForwarder[] = "10.0.2.3";
constexpr const char* kPublicServers[] = {"8.8.8.8", "8.8.4.4", "2001:4860:4860::8888",
                                          "2001:4860:4860::8844"};
constexpr char kResolvedStub[] = "127.0.0.53";

struct ResolvConf {
  std::vector<std::string> servers, search, options, other;
};

ResolvConf Parse(absl::string_view text) {
  ResolvConf conf;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    std::vector<std::string> fields = absl::StrSplit(line, absl::ByAnyChar(" \t\r\v\f"), absl::SkipEmpty());
    if (fields.empty()) continue;
    std::vector<std::string> values(fields.begin() + 1, fields.end());
    if (fields[0] == "nameserver") {
      if (!values.empty()) conf.servers.push_back(values[0]);
    } else if (fields[0] == "search" || fields[0] == "domain") {
      if (!values.empty()) conf.search = values;
    } else if (fields[0] == "options") {
      conf.options.insert(conf.options.end(), values.begin(), values.end());
    } else {
      conf.other.emplace_back(line);
    }
  }
  return conf;
}

bool IsLoopback(const std::string& address) { return absl::StartsWith(address, "127.") || address == "::1"; }

// Canonical, as Go prints it; as given if it is no address.
std::string CanonicalAddress(const std::string& address) {
  char buffer[INET6_ADDRSTRLEN];
  in6_addr six;
  in_addr four;
  if (inet_pton(AF_INET, address.c_str(), &four) == 1 && inet_ntop(AF_INET, &four, buffer, sizeof(buffer)))
    return buffer;
  if (inet_pton(AF_INET6, address.c_str(), &six) == 1 && inet_ntop(AF_INET6, &six, buffer, sizeof(buffer)))
    return buffer;
  return address;
}

}  // namespace

std::string MakeHosts(absl::string_view hostname,
                      const std::vector<std::pair<std::string, std::string>>& add_hosts) {
  std::string out =
      absl::StrCat("127.0.0.1\tlocalhost ", hostname, "\n::1\tlocalhost ip6-localhost ip6-loopback\n");
  for (const auto& [name, address] : add_hosts)
    absl::StrAppend(&out, CanonicalAddress(address), "\t", name, "\n");
  return out;
}

std::string MakeResolvConf(absl::string_view host_file, Network network) {
  ResolvConf conf = Parse(host_file);
  if (network != Network::kHost) {
    std::vector<std::string> kept;
    for (const std::string& server : conf.servers) {
      if (!IsLoopback(server)) kept.push_back(server);
    }
    conf.servers = std::move(kept);
  }
  if (conf.servers.empty()) {
    if (network == Network::kIsolated) {
      conf.servers = {kSlirpForwarder};
    } else {
      conf.servers.assign(std::begin(kPublicServers), std::end(kPublicServers));
    }
  }
  std::string out;
  for (const std::string& server : conf.servers) absl::StrAppend(&out, "nameserver ", server, "\n");
  if (!conf.search.empty()) absl::StrAppend(&out, "search ", absl::StrJoin(conf.search, " "), "\n");
  if (!conf.options.empty()) absl::StrAppend(&out, "options ", absl::StrJoin(conf.options, " "), "\n");
  for (const std::string& line : conf.other) absl::StrAppend(&out, line, "\n");
  return out;
}

std::string ReadHostResolvConf(Network network) {
  std::string file = ReadFile("/etc/resolv.conf").value_or("");
  if (network == Network::kHost) return file;
  std::vector<std::string> servers = Parse(file).servers;
  if (servers.size() != 1 || servers[0] != kResolvedStub) return file;
  return ReadFile("/run/systemd/resolve/resolv.conf").value_or(file);
}

}  // namespace kasane
