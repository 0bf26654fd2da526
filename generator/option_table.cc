#include "generator/option_table.h"

#include <vector>

#include "src/base/diagnostic.h"

namespace kasane {
namespace {

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
    {"compression", 0, "TYPE[,level=N]",
     "of the image's layers: gzip (default; level 1 to 12, 6), zstd (1 to 19, 3) or uncompressed",
     SetCompression},
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

}  // namespace

absl::Span<const OptionInfo> AllOptions() { return kOptions; }

const OptionInfo* FindOption(absl::string_view name) {
  for (const OptionInfo& option : kOptions) {
    if (name == option.name) return &option;
  }
  return nullptr;
}

std::string OptionClosestTo(absl::string_view name) {
  std::vector<std::string> names;
  for (const OptionInfo& option : kOptions) {
    if (option.help != nullptr) names.emplace_back(option.name);
  }
  return ClosestMatch(name, names);
}

}  // namespace kasane
