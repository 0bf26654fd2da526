// Values of options about what RUN finds.
#include <arpa/inet.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "generator/option_values.h"
#include "generator/secret_options.h"
#include "src/base/file.h"

namespace kasane {
namespace {

// "64m" in bytes, with Docker's units (1024-based).
bool ParseSize(absl::string_view text, int64_t* bytes) {
  std::string lower = absl::AsciiStrToLower(text);
  absl::string_view number = lower;
  if (absl::EndsWith(number, "b")) number.remove_suffix(1);
  int shift = 0;
  if (!number.empty()) {
    size_t unit = absl::string_view("kmgt").find(number.back());
    if (unit != absl::string_view::npos) {
      shift = 10 * (static_cast<int>(unit) + 1);
      number.remove_suffix(1);
    }
  }
  int64_t value = 0;
  if (!absl::SimpleAtoi(number, &value) || value < 0 || value > (INT64_MAX >> shift)) return false;
  *bytes = value << shift;
  return true;
}

bool IsAddress(const std::string& text) {
  in6_addr address;
  return inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

}  // namespace

Problem SetNetwork(absl::string_view value, Environment, Options* o) {
  if (value != "default" && value != "host" && value != "none") {
    return {absl::StrCat("unknown network \"", value, "\""), "use default, host or none"};
  }
  o->network = std::string(value);
  return {};
}

Problem SetAddHost(absl::string_view value, Environment, Options* o) {
  size_t cut = value.find('=');
  if (cut == absl::string_view::npos) cut = value.find(':');
  std::string name(value.substr(0, cut));
  std::string address(cut == absl::string_view::npos ? "" : value.substr(cut + 1));
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  }
  if (name.empty() || !IsAddress(address)) {
    return {absl::StrCat("invalid host \"", value, "\""),
            "use --add-host NAME:ADDRESS with an IPv4 or IPv6 address"};
  }
  o->add_hosts.push_back(absl::StrCat(name, ":", address));
  return {};
}

Problem SetUlimit(absl::string_view value, Environment, Options* o) {
  std::pair<std::string, std::string> pair = absl::StrSplit(value, absl::MaxSplits('=', 1));
  std::vector<std::string> limits = absl::StrSplit(pair.second, ':');
  int64_t number = 0;
  bool valid = !pair.first.empty() && limits.size() <= 2;
  for (const std::string& limit : limits) valid = valid && absl::SimpleAtoi(limit, &number) && number >= -1;
  if (!valid) {
    return {absl::StrCat("invalid limit \"", value, "\""),
            "use --ulimit NAME=SOFT[:HARD], for instance nofile=1024:2048"};
  }
  o->ulimits.push_back(std::string(value));
  return {};
}

Problem SetShmSize(absl::string_view value, Environment, Options* o) {
  if (ParseSize(value, &o->shm_size)) return {};
  return {absl::StrCat("invalid size \"", value, "\""),
          "use a number of bytes, or one with k, m or g after it"};
}

Problem SetSecret(absl::string_view value, Environment environment, Options* o) {
  Problem problem;
  if (AddSecretOption(value, environment, &o->secrets, &problem.message, &problem.help)) return {};
  return problem;
}

Problem SetSsh(absl::string_view value, Environment, Options* o) {
  Problem problem;
  if (AddSshOption(value, &o->secrets, &problem.message, &problem.help)) return {};
  return problem;
}

Problem SetAllow(absl::string_view value, Environment, Options* o) {
  if (value != "network.host" && value != "security.insecure" && value != "device" &&
      !absl::StartsWith(value, "device=")) {
    return {absl::StrCat("unknown entitlement \"", value, "\""),
            "it can be network.host, security.insecure, device or device=NAME"};
  }
  o->allow.emplace_back(value);
  return {};
}

Problem SetCdiDirectory(absl::string_view value, Environment, Options* o) {
  o->cdi_directories.push_back(AbsolutePath(value));
  return {};
}

Problem SetStatLevel(absl::string_view value, Environment, Options* o) {
  if (value.size() == 1 && value[0] >= '1' && value[0] <= '3') {
    o->stat_level = value[0] - '0';
    return {};
  }
  return {absl::StrCat("invalid level \"", value, "\""), "use 1, 2 or 3"};
}

}  // namespace kasane
