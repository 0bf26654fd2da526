#include "src/config/registries_conf.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/status.h"
#include "src/config/toml.h"
#include "src/config/toml_reader.h"

namespace kasane {
namespace {

// Reads one file's table, noting what is wrong with it.
class RuleReader : public TomlReader {
 public:
  using TomlReader::TomlReader;

  void Read(const toml::table& root) {
    if (const toml::node* old = root.get("registries"); old != nullptr) {
      Error(*old, "this is version 1 of the format, which is not supported",
            "write [[registry]] tables: location = \"HOST\" and insecure = true or blocked = true");
    }
    EachTable(root, "registry", "[[registry]]", [&](const toml::table& table) { ReadRule(table); });
  }

  std::vector<RegistryRule> rules;

 private:
  // host[:port][/path...], no scheme, final slashes cut.
  void ReadLocation(const toml::table& table, const char* key, std::string* out) {
    String(table, key, out);
    while (absl::EndsWith(*out, "/")) out->pop_back();
    const toml::node* node = table.get(key);
    if (node == nullptr || !node->is_string()) return;
    if (absl::StrContains(*out, "://")) {
      Error(*node, absl::StrCat("`", key, "` must not begin with a scheme"),
            "write the host alone; insecure = true allows http");
    } else if (absl::StartsWith(*out, "/") || out->find_first_of(" \t\n?#") != std::string::npos) {
      Error(*node, absl::StrCat("`", key, "` must be HOST[:PORT][/PATH]"));
    }
  }

  // Other tools may know more.
  void WarnUnknown(const toml::table& table, const std::vector<std::string>& known) {
    CheckKeys(table, known, Severity::kWarning);
  }

  void ReadMirror(const toml::table& table, bool digests_only) {
    RegistryMirror mirror;
    WarnUnknown(table, {"location", "insecure", "pull-from-mirror"});
    ReadLocation(table, "location", &mirror.location);
    Bool(table, "insecure", &mirror.insecure);
    if (mirror.location.empty() && !failed()) Error(table, "a mirror needs a location");
    std::string use;
    String(table, "pull-from-mirror", &use);
    if (digests_only) mirror.use = RegistryMirror::Use::kDigestOnly;
    if (!use.empty()) {
      const toml::node& node = *table.get("pull-from-mirror");
      if (digests_only) {
        Error(node, "`pull-from-mirror` and the registry's `mirror-by-digest-only` exclude each other");
      } else if (use == "digest-only") {
        mirror.use = RegistryMirror::Use::kDigestOnly;
      } else if (use == "tag-only") {
        mirror.use = RegistryMirror::Use::kTagOnly;
      } else if (use != "all") {
        Error(node, absl::StrCat("`pull-from-mirror` is \"", use, "\""), "use all, digest-only or tag-only");
      }
    }
    rules.back().mirrors.push_back(std::move(mirror));
  }

  void ReadRule(const toml::table& table) {
    rules.emplace_back();
    RegistryRule& rule = rules.back();
    WarnUnknown(table, {"prefix", "location", "insecure", "blocked", "mirror", "mirror-by-digest-only"});
    ReadLocation(table, "prefix", &rule.prefix);
    ReadLocation(table, "location", &rule.location);
    Bool(table, "insecure", &rule.insecure);
    Bool(table, "blocked", &rule.blocked);
    Bool(table, "mirror-by-digest-only", &rule.mirror_by_digest_only);
    if (const toml::node* use = table.get("pull-from-mirror"); use != nullptr) {
      Error(*use, "`pull-from-mirror` belongs into [[registry.mirror]]");
    }
    if (rule.prefix.empty()) rule.prefix = rule.location;
    if (rule.prefix.empty() && !failed()) Error(table, "a registry needs a prefix or a location");
    if (absl::StrContains(rule.prefix, "*") &&
        (!absl::StartsWith(rule.prefix, "*.") || rule.prefix.find_first_of("/:@*", 1) != std::string::npos)) {
      const toml::node* node = table.get("prefix");
      Error(node != nullptr ? *node : table, "a wildcard is only allowed as \"*.HOST\"");
    }
    if (absl::StrContains(rule.location, "*")) rule.location.clear();  // it stood for the prefix
    const bool digests_only = rule.mirror_by_digest_only;
    EachTable(table, "mirror", "[[registry.mirror]]",
              [&](const toml::table& mirror) { ReadMirror(mirror, digests_only); });
  }
};

// How many bytes of `reference` the prefix covers; 0: it does not match. After a match a separator or nothing
// follows. (A prefix "host" matches "host:5000/x" too, as it does in podman.)
size_t MatchPrefix(absl::string_view reference, absl::string_view prefix) {
  size_t size = prefix.size();
  if (absl::StartsWith(prefix, "*.")) {
    const absl::string_view suffix = prefix.substr(1);
    size = reference.find_first_of(":/@");
    if (size == absl::string_view::npos) size = reference.size();
    if (size <= suffix.size() || !absl::EndsWith(reference.substr(0, size), suffix)) return 0;
  } else if (!absl::StartsWith(reference, prefix)) {
    return 0;
  }
  if (size < reference.size() && !absl::StrContains(":/@", reference.substr(size, 1))) return 0;
  return size;
}

// "host[:port]/path[:tag][@digest]" taken apart. The host is what stands before the first slash: unlike in
// names that users write, it may be a single word, as in "registry/library/golang".
RegistryEndpoint Split(absl::string_view text) {
  RegistryEndpoint out;
  const size_t slash = std::min(text.find('/'), text.size());
  out.host = std::string(text.substr(0, slash));
  absl::string_view rest = slash < text.size() ? text.substr(slash + 1) : absl::string_view();
  if (const size_t at = rest.find('@'); at != absl::string_view::npos) {
    out.digest = std::string(rest.substr(at + 1));
    rest = rest.substr(0, at);
  }
  if (const size_t colon = rest.rfind(':');
      colon != absl::string_view::npos && rest.find('/', colon) == rest.npos) {
    out.tag = std::string(rest.substr(colon + 1));
    rest = rest.substr(0, colon);
  }
  out.repository = std::string(rest);
  return out;
}

absl::Status Blocked(absl::string_view reference, const RegistryRule& rule) {
  return absl::PermissionDeniedError(
      absl::StrCat(reference, ": blocked by registries.conf (prefix \"", rule.prefix, "\")"));
}

}  // namespace

bool RegistriesConf::Add(absl::string_view text, const std::string& file,
                         std::vector<Diagnostic>* diagnostics) {
  Diagnostic error;
  absl::optional<toml::table> table = ParseToml(text, file, &error);
  if (!table) {
    diagnostics->push_back(std::move(error));
    return false;
  }
  RuleReader reader(file, diagnostics);
  reader.Read(*table);
  if (reader.failed()) return false;
  // Within a file the first of two equal prefixes counts, between files the later file does.
  std::vector<RegistryRule> added;
  for (RegistryRule& rule : reader.rules) {
    const auto same = [&](const RegistryRule& other) { return other.prefix == rule.prefix; };
    if (std::any_of(added.begin(), added.end(), same)) continue;
    rules_.erase(std::remove_if(rules_.begin(), rules_.end(), same), rules_.end());
    added.push_back(std::move(rule));
  }
  std::move(added.begin(), added.end(), std::back_inserter(rules_));
  return true;
}

const RegistryRule* RegistriesConf::Find(absl::string_view reference) const {
  const RegistryRule* best = nullptr;
  for (const RegistryRule& rule : rules_) {
    if (MatchPrefix(reference, rule.prefix) == 0) continue;
    if (best == nullptr || rule.prefix.size() > best->prefix.size()) best = &rule;
  }
  return best;
}

absl::StatusOr<std::vector<RegistryEndpoint>> RegistriesConf::Endpoints(absl::string_view reference,
                                                                        const MirrorFilter& first,
                                                                        const MirrorFilter& last) const {
  std::vector<RegistryEndpoint> out;
  const RegistryRule* rule = Find(reference);
  if (rule == nullptr) {
    out.push_back(Split(reference));
    return out;
  }
  if (rule->blocked) return Blocked(reference, *rule);
  const absl::string_view rest = reference.substr(MatchPrefix(reference, rule->prefix));
  const auto add_mirrors = [&](const MirrorFilter& wanted) {
    for (const RegistryMirror& mirror : rule->mirrors) {
      if (!wanted(mirror.use)) continue;
      out.push_back(Split(absl::StrCat(mirror.location, rest)));
      out.back().insecure = mirror.insecure;
      out.back().mirror = true;
    }
  };
  add_mirrors(first);
  out.push_back(Split(rule->location.empty() ? std::string(reference) : absl::StrCat(rule->location, rest)));
  out.back().insecure = rule->insecure;
  add_mirrors(last);
  for (const RegistryEndpoint& endpoint : out) {
    if (!endpoint.host.empty() && !endpoint.repository.empty()) continue;
    return absl::InvalidArgumentError(absl::StrCat(reference, ": registries.conf sends it to \"",
                                                   endpoint.host, "\", which names no repository"));
  }
  return out;
}

absl::StatusOr<std::vector<RegistryEndpoint>> RegistriesConf::ReadEndpoints(
    absl::string_view reference) const {
  const RegistryMirror::Use unfit =
      absl::StrContains(reference, "@") ? RegistryMirror::Use::kTagOnly : RegistryMirror::Use::kDigestOnly;
  return Endpoints(
      reference, [&](RegistryMirror::Use use) { return use != unfit; },
      [](RegistryMirror::Use) { return false; });
}

absl::StatusOr<std::vector<RegistryEndpoint>> RegistriesConf::BlobEndpoints(absl::string_view source) const {
  return Endpoints(
      source, [](RegistryMirror::Use use) { return use != RegistryMirror::Use::kTagOnly; },
      [](RegistryMirror::Use use) { return use == RegistryMirror::Use::kTagOnly; });
}

std::string RegistriesConf::BlobSource(absl::string_view reference, absl::string_view repository) const {
  const RegistryRule* rule = Find(reference);
  return std::string(rule != nullptr && Find(repository) != rule ? reference : repository);
}

absl::StatusOr<RegistryEndpoint> RegistriesConf::WriteEndpoint(absl::string_view reference) const {
  RegistryEndpoint out = Split(reference);
  if (const RegistryRule* rule = Find(reference); rule != nullptr) {
    if (rule->blocked) return Blocked(reference, *rule);
    out.insecure = rule->insecure;
  }
  return out;
}

}  // namespace kasane
