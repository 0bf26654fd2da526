#include "generator/options.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "generator/secret_options.h"
#include "src/base/file.h"
#include "src/oci/reference.h"

namespace kasane {
namespace {

constexpr char kEpochVariable[] = "SOURCE_DATE_EPOCH";

// What is wrong, and what to do about it; both empty: nothing is.
struct Problem {
  std::string message;
  std::string help;
};

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

Problem SetTag(absl::string_view value, Environment, Options* o) {
  absl::StatusOr<Reference> reference = ParseReference(value);
  if (!reference.ok()) {
    return {absl::StrCat("invalid tag \"", value, "\": ", reference.status().message()),
            "a tag looks like name, name:1.0 or registry.example.com/team/name:1.0"};
  }
  if (!reference->digest.empty())
    return {absl::StrCat("invalid tag \"", value, "\": a tag has no digest"), ""};
  o->tags.push_back(reference->ToString());
  return {};
}

Problem SetBuildArg(absl::string_view value, Environment environment, Options* o) {
  std::pair<std::string, std::string> pair = absl::StrSplit(value, absl::MaxSplits('=', 1));
  if (pair.first.empty()) {
    return {absl::StrCat("invalid build argument \"", value, "\": it has no name"),
            "use --build-arg NAME=VALUE"};
  }
  if (!absl::StrContains(value, '=')) {
    absl::optional<std::string> set = environment(pair.first);
    if (!set.has_value()) return {};  // as Docker: an unset variable passes nothing
    pair.second = *set;
  }
  o->build_args[pair.first] = pair.second;
  return {};
}

Problem SetBuildContext(absl::string_view value, Environment, Options* o) {
  const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(value, absl::MaxSplits('=', 1));
  if (pair.second.empty()) {
    return {absl::StrCat("invalid context \"", value, "\""),
            "use --build-context NAME=DIRECTORY, or NAME=URL"};
  }
  // NAME::PLATFORM, as BuildKit has it: the name for stages of that platform alone.
  const size_t colons = pair.first.find("::");
  const absl::StatusOr<Reference> reference = ParseReference(pair.first.substr(0, colons));
  if (!reference.ok()) return {absl::StrCat("invalid name of a context: ", reference.status().message()), ""};
  std::string name = reference->ShortName();
  if (colons != absl::string_view::npos) {
    const absl::StatusOr<Platform> platform = ParsePlatform(pair.first.substr(colons + 2));
    if (!platform.ok()) {
      return {absl::StrCat("--build-context ", pair.first, ": ", platform.status().message()), ""};
    }
    name = ContextKey(name, *platform);
  }
  o->build_contexts[name] = std::string(pair.second);
  return {};
}

Problem SetGenerated(absl::string_view value, Environment, Options* o) {
  if (value.empty()) return {"no path", "use --generated FILE or --generated DIRECTORY/"};
  o->generated.emplace_back(value);
  return {};
}

Problem SetBuildTree(absl::string_view value, Environment, Options* o) {
  o->build_trees.emplace_back(value);
  return {};
}

Problem SetEmit(absl::string_view value, Environment, Options* o) {
  if (value != "ninja" && value != "cmake") {
    return {absl::StrCat("unknown build system \"", value, "\""), "use ninja or cmake"};
  }
  o->emit = std::string(value);
  return {};
}

Problem SetLabel(absl::string_view value, Environment, Options* o) {
  std::pair<std::string, std::string> pair = absl::StrSplit(value, absl::MaxSplits('=', 1));
  if (pair.first.empty()) return {absl::StrCat("invalid label \"", value, "\": it has no name"), ""};
  o->labels.push_back(pair);
  return {};
}

constexpr absl::string_view kAnnotationTypes[] = {"manifest", "index", "manifest-descriptor",
                                                  "index-descriptor"};  // as Annotation::Type counts

// "[TYPE[PLATFORM]:]NAME=VALUE", as docker buildx has it.
Problem SetAnnotation(absl::string_view value, Environment, Options* o) {
  const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(value, absl::MaxSplits('=', 1));
  Annotation annotation;
  annotation.key = std::string(pair.first);
  annotation.value = std::string(pair.second);
  const std::pair<absl::string_view, absl::string_view> cut =
      absl::StrSplit(pair.first, absl::MaxSplits(':', 1));
  absl::string_view type = cut.first;
  absl::string_view platform;
  if (const size_t bracket = type.find('[');
      bracket != absl::string_view::npos && absl::EndsWith(type, "]")) {
    platform = type.substr(bracket + 1, type.size() - bracket - 2);
    type = type.substr(0, bracket);
  }
  for (size_t i = 0; i < std::size(kAnnotationTypes); ++i) {
    if (type != kAnnotationTypes[i] || !absl::StrContains(pair.first, ':')) continue;
    annotation.type = static_cast<Annotation::Type>(i);
    annotation.key = std::string(cut.second);
    if (platform.empty()) continue;
    const absl::StatusOr<Platform> parsed = ParsePlatform(platform);
    if (!parsed.ok())
      return {absl::StrCat("invalid annotation \"", value, "\": ", parsed.status().message()), ""};
    annotation.platform = parsed->ToString();
  }
  if (annotation.key.empty() || annotation.value.empty()) {
    return {absl::StrCat("invalid annotation \"", value, "\""), "use --annotation NAME=VALUE"};
  }
  o->annotations.push_back(std::move(annotation));
  return {};
}

// "type=sbom", "type=provenance,mode=max": the fields that docker buildx has.
Problem SetAttest(absl::string_view value, Environment, Options* o) {
  std::map<std::string, std::string> fields;
  for (absl::string_view field : absl::StrSplit(value, ',')) {
    fields.insert(absl::StrSplit(field, absl::MaxSplits('=', 1)));
  }
  const std::string type = fields["type"];
  const std::string disabled = fields["disabled"].empty() ? "false" : fields["disabled"];
  if (type != "sbom" && type != "provenance") {
    return {absl::StrCat("unknown type of statement \"", type, "\""), "use type=sbom or type=provenance"};
  }
  if (disabled != "true" && disabled != "false") {
    return {absl::StrCat("invalid value \"", disabled, "\" for disabled"), "use true or false"};
  }
  for (const auto& [name, text] : fields) {
    if (name == "type" || name == "disabled") continue;
    const bool mode = name == "mode" && (text == "min" || text == "max");
    if (type == "provenance" && (mode || (name == "version" && text == "v1"))) continue;
    return {absl::StrCat("\"", name, "=", text, "\" is not supported in a statement of type ", type),
            type == "sbom" ? "gen itself looks for packages, no other scanner is run"
                           : "it can have mode=min, mode=max and version=v1"};
  }
  if (type == "sbom") {
    o->attestations.sbom = disabled == "false";
  } else {
    o->attestations.provenance = disabled == "false";
    o->attestations.is_full = fields["mode"] == "max";
  }
  return {};
}

// --sbom, --provenance: true, false or fields.
Problem SetAttestOfType(absl::string_view type, absl::string_view value, Environment environment,
                        Options* o) {
  const std::string fields = value == "true"    ? ""
                             : value == "false" ? ",disabled=true"
                                                : absl::StrCat(",", value);
  return SetAttest(absl::StrCat("type=", type, fields), environment, o);
}
Problem SetSbom(absl::string_view value, Environment environment, Options* o) {
  return SetAttestOfType("sbom", value, environment, o);
}
Problem SetProvenance(absl::string_view value, Environment environment, Options* o) {
  return SetAttestOfType("provenance", value, environment, o);
}

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

Problem SetStatLevel(absl::string_view value, Environment, Options* o) {
  if (value.size() == 1 && value[0] >= '1' && value[0] <= '3') {
    o->stat_level = value[0] - '0';
    return {};
  }
  return {absl::StrCat("invalid level \"", value, "\""), "use 1, 2 or 3"};
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

Problem SetPlatform(absl::string_view value, Environment, Options* o) {
  for (absl::string_view word : absl::StrSplit(value, ',')) {
    const absl::StatusOr<Platform> platform =
        word == "local" ? HostPlatform() : ParsePlatform(absl::StripAsciiWhitespace(word));
    if (!platform.ok())
      return {absl::StrCat("invalid platform \"", word, "\""), "use OS/ARCHITECTURE, as linux/amd64"};
    if (platform->os != "linux") {
      return {absl::StrCat("platform ", platform->ToString(), " is not supported"), "images of Linux are"};
    }
    const std::string name = platform->ToString();
    if (std::find(o->platforms.begin(), o->platforms.end(), name) == o->platforms.end())
      o->platforms.push_back(name);
  }
  return {};
}

Problem SetOutput(absl::string_view value, Environment, Options* o) {
  OutputOption output;
  for (absl::string_view field : absl::StrSplit(value, ',')) {
    std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(field, absl::MaxSplits('=', 1));
    if (pair.first == "type") {
      output.type = std::string(pair.second);
    } else if (pair.first == "dest") {
      output.dest = std::string(pair.second);
    } else if (!absl::StrContains(field, '=') && output.type.empty()) {
      output.type = "local";  // buildx: a bare path is a directory
    } else {
      return {absl::StrCat("output option \"", pair.first, "\" is not supported yet"),
              "use type=oci,dest=FILE"};
    }
  }
  if (output.type != "oci" && output.type != "docker") {
    return {absl::StrCat("output type \"", output.type, "\" is not supported yet"),
            "use type=oci,dest=FILE or type=docker,dest=FILE; the OCI layout is always in .kasane/out/oci"};
  }
  if (output.dest.empty() || output.dest == "-") {
    return {absl::StrCat("output type ", output.type, " needs a file"), "use type=oci,dest=FILE"};
  }
  o->output = output;
  return {};
}

Problem SetFormat(absl::string_view value, Environment, Options* o) {
  if (value != "text" && value != "json" && value != "sarif") {
    return {absl::StrCat("unknown format \"", value, "\""), "use text, json or, for checks, sarif"};
  }
  o->format = std::string(value);
  return {};
}

// As docker buildx has it: METHOD, or METHOD,format=FORMAT.
Problem SetCall(absl::string_view value, Environment environment, Options* o) {
  const std::vector<absl::string_view> fields = absl::StrSplit(value, ',');
  const std::vector<std::string> methods = {"build", "check", "outline", "targets"};
  o->call = std::string(fields[0]);
  if (o->call == "lint") o->call = "check";
  if (std::find(methods.begin(), methods.end(), o->call) == methods.end()) {
    const std::string guess = ClosestMatch(o->call, methods);
    return {
        absl::StrCat("unknown method \"", o->call, "\""),
        guess.empty() ? "use build, check, outline or targets" : absl::StrCat("did you mean ", guess, "?")};
  }
  for (size_t i = 1; i < fields.size(); ++i) {
    absl::string_view field = fields[i];
    if (!absl::ConsumePrefix(&field, "format=")) {
      return {absl::StrCat("unknown attribute \"", field, "\""), "use format=text or format=json"};
    }
    Problem problem = SetFormat(field, environment, o);
    if (!problem.message.empty()) return problem;
  }
  return {};
}

Problem SetCheck(absl::string_view value, Environment environment, Options* o) {
  return value == "false" ? Problem{} : SetCall("check", environment, o);
}

struct OptionInfo {
  const char* name;
  char letter;          // 0: none
  const char* operand;  // for the help text; null: a switch
  const char* help;     // null: not shown
  Problem (*set)(absl::string_view value, Environment environment, Options* options);
};

// Switches get "true" or "false".
template <bool Options::*kMember>
Problem SetSwitch(absl::string_view value, Environment, Options* o) {
  if (value != "true" && value != "false")
    return {absl::StrCat("invalid value \"", value, "\""), "use true or false"};
  o->*kMember = value == "true";
  return {};
}
template <std::string Options::*kMember>
Problem SetText(absl::string_view value, Environment, Options* o) {
  o->*kMember = std::string(value);
  return {};
}

constexpr OptionInfo kOptions[] = {
    {"file", 'f', "PATH", "the Dockerfile (default: CONTEXT/Dockerfile); - is standard input",
     SetText<&Options::file>},
    {"tag", 't', "NAME", "a name for the image, name:tag; may be repeated", SetTag},
    {"target", 0, "STAGE", "the stage to build (default: the last)", SetText<&Options::target>},
    {"build-arg", 0, "NAME[=VALUE]", "a value for ARG NAME; without a value the environment's", SetBuildArg},
    {"build-context", 0, "NAME=SOURCE",
     "what stands for NAME (NAME::PLATFORM: for that one) in FROM, --from and mounts; may be repeated",
     SetBuildContext},
    {"generated", 0, "PATH",
     "a file in a context (with a / at its end: a directory) that another rule of your build makes; may be "
     "repeated",
     SetGenerated},
    {"build-tree", 0, "DIR",
     "a directory that the build around this one writes, and that is therefore no part of a context; may be "
     "repeated",
     SetBuildTree},
    {"emit", 0, "SYSTEM", "ninja (default), or cmake: what rules/cmake includes, instead of build.ninja",
     SetEmit},
    {"label", 0, "NAME=VALUE", "a label of the image; may be repeated", SetLabel},
    {"annotation", 0, "NAME=VALUE", "an annotation of the image; may be repeated", SetAnnotation},
    {"attest", 0, "type=TYPE[,...]",
     "a statement beside the image: type=sbom, or type=provenance[,mode=max]; may be repeated", SetAttest},
    {"sbom", 0, nullptr, "the same as --attest type=sbom: what software is in the image (SPDX)", SetSbom},
    {"provenance", 0, nullptr,
     "the same as --attest type=provenance: what it was made of (SLSA); =mode=max names each file",
     SetProvenance},
    {"network", 0, "MODE", "network of RUN: default, host or none", SetNetwork},
    {"add-host", 0, "NAME:ADDRESS", "a line in the /etc/hosts of RUN; may be repeated", SetAddHost},
    {"shm-size", 0, "BYTES", "size of the /dev/shm of RUN: 64m, 1g", SetShmSize},
    {"ulimit", 0, "NAME=SOFT[:HARD]", "a resource limit of RUN; may be repeated", SetUlimit},
    {"secret", 0, "id=NAME[,src=FILE|,env=VAR]",
     "a secret for RUN --mount=type=secret, read when the RUN runs; may be repeated", SetSecret},
    {"ssh", 0, "NAME[=SOCKET|KEY]", "an agent for RUN --mount=type=ssh (NAME default: $SSH_AUTH_SOCK)",
     SetSsh},
    {"allow", 0, "WHAT", "what RUN may ask for: network.host, security.insecure, device[=NAME]", SetAllow},
    {"cdi-spec-dir", 0, "DIR",
     "where devices for RUN --device are described, instead of /etc/cdi and the like", SetCdiDirectory},
    {"platform", 0, "OS/ARCH[,...]", "the platform of the image; several make one index", SetPlatform},
    {"pull", 0, nullptr, "ask the registries again what the tags of base images mean",
     SetSwitch<&Options::pull>},
    {"locked", 0, nullptr, "allow only what kasane.lock (gen lock) pins, or the Dockerfile itself",
     SetSwitch<&Options::locked>},
    {"no-cache", 0, nullptr, "run every instruction again, once", SetSwitch<&Options::no_cache>},
    {"no-warm", 0, nullptr, "tools find no caches of earlier RUNs (see docs/INTERNALS.md)",
     SetSwitch<&Options::no_warm>},
    {"stat-level", 0, "LEVEL",
     "what a stat by a known tool means at least: 1 what its profile says, 2 the size, 3 all (no profiles)",
     SetStatLevel},
    {"profiles", 0, "FILE", "more tool profiles (default: CONTEXT/kasane-profiles.toml, if there)",
     SetText<&Options::profiles>},
    {"output", 'o', "SPEC", "type=oci,dest=FILE or type=docker,dest=FILE: a tar that `ninja` writes too",
     SetOutput},
    {"build-dir", 'C', "DIR", "where build.ninja and .kasane are put (default: CONTEXT)",
     SetText<&Options::build_dir>},
    {"call", 0, "METHOD[,format=FORMAT]",
     "prints something instead: check, outline or targets; FORMAT: text or json", SetCall},
    {"check", 0, nullptr, "the same as --call=check", SetCheck},
    {"format", 0, "FORMAT", "of gen check: text, json or sarif", SetFormat},
    {"stats", 0, nullptr, "print where the time of gen went", SetSwitch<&Options::stats>},
    {"trace", 0, "FILE",
     "gen, and every step from now on, writes there where its time went (Chrome's trace format)",
     SetText<&Options::trace>},
    {"help", 'h', nullptr, "show this", SetSwitch<&Options::help>},
    {"json", 0, nullptr, nullptr, SetSwitch<&Options::json>},
    {"fresh", 0, "NONCE", nullptr, SetText<&Options::fresh>},
};

const OptionInfo* FindOption(absl::string_view name) {
  for (const OptionInfo& option : kOptions) {
    if (name == option.name) return &option;
  }
  return nullptr;
}

std::string NameClosestTo(absl::string_view name) {
  std::vector<std::string> names;
  for (const OptionInfo& option : kOptions) {
    if (option.help != nullptr) names.emplace_back(option.name);
  }
  return ClosestMatch(name, names);
}

class Parser {
 public:
  Parser(const std::vector<std::string>& args, Environment environment, Options* options, Diagnostic* error)
      : args_(args), environment_(environment), options_(options), error_(error) {}

  bool Parse() {
    std::vector<std::string> operands;
    for (next_ = 0; next_ < args_.size();) {
      const std::string& word = args_[next_++];
      if (word == "--") {
        operands.insert(operands.end(), args_.begin() + static_cast<std::ptrdiff_t>(next_), args_.end());
        break;
      }
      if (word.size() < 2 || word[0] != '-') {
        operands.push_back(word);
      } else if (!(word[1] == '-' ? Long(word) : Short(word))) {
        return false;
      }
    }
    if (operands.size() > 1) {
      return Fail(absl::StrCat("unexpected argument \"", operands[1], "\""), "one context at most");
    }
    if (!operands.empty()) {
      options_->context = operands[0];
    }
    if (options_->context == "-" && options_->file == "-") {
      return Fail("standard input cannot be both the context and the Dockerfile", "");
    }
    return Epoch();
  }

 private:
  bool Fail(std::string message, std::string help) {
    *error_ = Diagnostic();
    error_->message = std::move(message);
    error_->help = std::move(help);
    return false;
  }

  bool Long(const std::string& word) {
    std::string name = word.substr(2, word.find('=') - 2);
    const OptionInfo* option = FindOption(name);
    if (option == nullptr) {
      std::string closest = NameClosestTo(name);
      return Fail(
          absl::StrCat("unknown option --", name),
          closest.empty() ? "`gen --help` lists them all" : absl::StrCat("did you mean --", closest, "?"));
    }
    if (name.size() + 2 < word.size()) return Set(*option, word.substr(name.size() + 3));
    return SetFromNext(*option, absl::StrCat("--", name));
  }

  bool Short(const std::string& word) {
    for (const OptionInfo& option : kOptions) {
      if (option.letter != word[1]) continue;
      if (word.size() == 2) return SetFromNext(option, word);
      if (option.operand != nullptr) return Set(option, word.substr(word[2] == '=' ? 3 : 2));
    }
    return Fail(absl::StrCat("unknown option ", word), "`gen --help` lists them all");
  }

  bool SetFromNext(const OptionInfo& option, absl::string_view as_written) {
    if (option.operand == nullptr) return Set(option, "true");
    if (next_ >= args_.size()) {
      return Fail(absl::StrCat("option ", as_written, " needs a value"),
                  absl::StrCat("use ", as_written, " ", option.operand));
    }
    return Set(option, args_[next_++]);
  }

  bool Set(const OptionInfo& option, absl::string_view value) {
    Problem problem = option.set(value, environment_, options_);
    if (problem.message.empty()) return true;
    options_->wrong_value = true;
    return Fail(absl::StrCat("--", option.name, ": ", problem.message), problem.help);
  }

  // The variable is passed on as the build argument of that name, as buildx does.
  bool Epoch() {
    absl::optional<std::string> set = environment_(kEpochVariable);
    if (set.has_value() && !set->empty()) options_->build_args.emplace(kEpochVariable, *set);
    auto found = options_->build_args.find(kEpochVariable);
    if (found == options_->build_args.end() || found->second.empty()) return true;
    int64_t seconds = 0;
    if (!absl::SimpleAtoi(found->second, &seconds)) return true;  // a name; what it means is known later
    if (seconds < 0) {
      options_->wrong_value = true;
      return Fail(absl::StrCat("invalid SOURCE_DATE_EPOCH \"", found->second, "\""),
                  "use seconds since 1970");
    }
    options_->epoch = seconds;
    return true;
  }

  const std::vector<std::string>& args_;
  Environment environment_;
  Options* options_;
  Diagnostic* error_;
  size_t next_ = 0;
};

}  // namespace

absl::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return absl::nullopt;
  return std::string(value);
}

bool ParseOptions(const std::vector<std::string>& args, Environment environment, Options* options,
                  Diagnostic* error) {
  return Parser(args, environment, options, error).Parse();
}

std::vector<std::string> RememberedArguments(const Options& o) {
  std::vector<std::string> out;
  auto add = [&](absl::string_view name, absl::string_view value) {
    out.push_back(absl::StrCat("--", name, "=", value));
  };
  if (!o.file.empty()) add("file", o.file);
  for (const std::string& tag : o.tags) add("tag", tag);
  if (!o.target.empty()) add("target", o.target);
  for (const auto& [name, value] : o.build_args) add("build-arg", absl::StrCat(name, "=", value));
  for (const auto& [name, value] : o.build_contexts) add("build-context", absl::StrCat(name, "=", value));
  for (const std::string& path : o.generated) add("generated", path);
  for (const std::string& path : o.build_trees) add("build-tree", path);
  if (o.emit != Options().emit) add("emit", o.emit);
  for (const auto& [name, value] : o.labels) add("label", absl::StrCat(name, "=", value));
  for (const Annotation& a : o.annotations) {
    const std::string platform = a.platform.empty() ? "" : absl::StrCat("[", a.platform, "]");
    add("annotation",
        absl::StrCat(kAnnotationTypes[static_cast<size_t>(a.type)], platform, ":", a.key, "=", a.value));
  }
  if (o.attestations.sbom) add("attest", "type=sbom");
  if (o.attestations.provenance) {
    add("attest", absl::StrCat("type=provenance,mode=", o.attestations.is_full ? "max" : "min"));
  }
  if (o.network != Options().network) add("network", o.network);
  for (const std::string& host : o.add_hosts) add("add-host", host);
  if (o.shm_size != 0) add("shm-size", absl::StrCat(o.shm_size));
  for (const std::string& limit : o.ulimits) add("ulimit", limit);
  for (const std::string& secret : SecretOptions(o.secrets)) add("secret", secret);
  for (const std::string& agent : SshOptions(o.secrets)) add("ssh", agent);
  for (const std::string& what : o.allow) add("allow", what);
  for (const std::string& directory : o.cdi_directories) add("cdi-spec-dir", directory);
  if (!o.platforms.empty()) add("platform", absl::StrJoin(o.platforms, ","));
  if (o.output.has_value()) add("output", absl::StrCat("type=", o.output->type, ",dest=", o.output->dest));
  if (o.locked) out.emplace_back("--locked");
  if (o.no_warm) out.emplace_back("--no-warm");
  if (o.stat_level != 1) add("stat-level", absl::StrCat(o.stat_level));
  if (!o.profiles.empty()) add("profiles", o.profiles);
  if (!o.fresh.empty()) add("fresh", o.fresh);
  out.emplace_back("--");
  out.push_back(o.context);
  return out;
}

std::string HelpText() {
  std::string out =
      "gen: compiles a Dockerfile and its context to a ninja build that makes the image without a daemon.\n"
      "\n"
      "  gen [OPTION]... [CONTEXT]      writes build.ninja and .kasane; then run `ninja image`\n"
      "  gen                            where a kasane.toml is: all its images "
      "(src/config/workspace_file.h); then "
      "run\n"
      "                                 `ninja IMAGE`, `ninja GROUP` or `ninja all-images`\n"
      "  gen bake [FILE]                the same of a docker-bake.json, or of a compose.yaml: what its "
      "services build\n"
      "  gen bazel [OPTION]... [CONTEXT]\n"
      "                                 writes image.bzl beside the Dockerfile, for rules/bazel\n"
      "  gen check [OPTION]... [CONTEXT]\n"
      "                                 looks for mistakes, in all stages or in what --target needs; writes "
      "nothing\n"
      "  gen --call=outline|targets [OPTION]... [CONTEXT]\n"
      "                                 prints what the build can be given: ARGs, secrets, stages; writes "
      "nothing\n"
      "  gen --help dockerfile          what may stand in a Dockerfile\n"
      "  gen dump ast|plan|graph [OPTION]... [CONTEXT]\n"
      "                                 prints what the Dockerfile means as JSON; writes nothing\n"
      "  gen graph --json [OPTION]... [CONTEXT]\n"
      "                                 the same as `gen dump graph`\n"
      "  gen graph --html|--svg [-C DIR]\n"
      "                                 the build that is there, as a page or a picture: what ran and why, "
      "times, sizes\n"
      "  gen lock [--pull] [OPTION]... [CONTEXT]\n"
      "                                 writes kasane.lock beside the Dockerfile, which builds use from then "
      "on: the digest\n"
      "                                 of each FROM, ADD's URLs and commits; --pull: all of them anew\n"
      "  gen regenerate STATE-DIR       writes them again with the options of the last gen (ninja does "
      "this)\n"
      "  gen step ...                   runs one edge (ninja does this)\n"
      "  gen why [-C DIR] [STAGE:LINE]  why a RUN ran or not, when ninja last came to it; without a place: "
      "all\n"
      "  gen reads [-C DIR] [--json] [--all] STAGE:LINE\n"
      "                                 what a RUN read, by the step that supplied it\n"
      "  gen provenance [-C DIR] [--json] FILE\n"
      "                                 what a file of the image comes from: steps, files of the context, "
      "base "
      "images\n"
      "  gen verify [-C DIR] [--json] [STAGE:LINE]\n"
      "                                 runs the RUNs of the build again, apart from it, and says which "
      "leave "
      "something\n"
      "                                 else than their record says (times left out)\n"
      "  gen images                     the images that builds have made\n"
      "  gen history [IMAGE]            what an image is made of\n"
      "  gen run [OPTION]... [IMAGE] [-- COMMAND...]\n"
      "                                 runs the image of the build here, or IMAGE (gen run --help)\n"
      "  gen build [--progress=MODE] [OPTION]... [CONTEXT]\n"
      "                                 gen and ninja with a live view (gen build --help)\n"
      "  gen shell STAGE[:LINE]         a shell in the state before or after a step (gen shell --help)\n"
      "  gen diff A B                   what two images or stages do not share (gen diff --help)\n"
      "  gen load docker|podman|containerd [IMAGE]\n"
      "                                 hands an image to an engine of this machine\n"
      "  gen push [IMAGE [NAME...]]     sends an image to registries\n"
      "  gen watch [TARGET]... [--run ..]\n"
      "                                 builds after each save, and restarts the image (gen watch --help)\n"
      "  gen ps|exec|logs|stop|rm       what gen run has started (gen ps --help, gen exec --help)\n"
      "  gen cache ls|rm|export|import  the cache mounts of the store (gen cache --help)\n"
      "  gen gc [--dry-run]             removes from the store what was not used for a month (gen gc "
      "--help)\n"
      "  gen --version\n"
      "\n"
      "CONTEXT is a directory (default: the current one; one whose name is a command: ./dump), a git "
      "repository\n"
      "(URL[#REF[:DIRECTORY]]), the http(s) URL of a tar or of a Dockerfile, or - for a tar or a Dockerfile "
      "on "
      "standard\n"
      "input. SOURCE of --build-context is a directory, docker-image://NAME, oci-layout://DIRECTORY[:TAG], "
      "target:STAGE, a\n"
      "git repository or a URL.\n"
      "\n"
      "Options:\n";
  for (const OptionInfo& option : kOptions) {
    if (option.help == nullptr) continue;
    std::string names =
        option.letter == 0 ? "      " : absl::StrCat("  -", std::string(1, option.letter), ", ");
    absl::StrAppend(&names, "--", option.name);
    if (option.operand != nullptr) absl::StrAppend(&names, " ", option.operand);
    names.resize(std::max<size_t>(names.size() + 1, 33), ' ');
    absl::StrAppend(&out, names, option.help, "\n");
  }
  out +=
      "\n"
      "Targets of ninja: image (default), oci (the layout in .kasane/out/oci), archive "
      "(.kasane/out/image.tar, for\n"
      "docker load, podman load and skopeo), push, stage/NAME. Options are remembered: ninja runs gen again "
      "with the\n"
      "same ones when the Dockerfile changes. A gen typed by hand starts from the defaults.\n"
      "\n"
      "Environment: SOURCE_DATE_EPOCH (seconds since 1970 for all times in the image), KASANE_STORE (where "
      "results are\n"
      "kept; default $XDG_CACHE_HOME/kasane), NO_COLOR. Exit codes: 0, 1 the build is wrong, 2 the command "
      "line is.\n";
  return out;
}

}  // namespace kasane
