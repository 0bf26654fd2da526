#include "generator/gen_net_resolve.h"

#include <cstdio>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/oci/image_source.h"
#include "src/registry/access.h"

namespace kasane {
namespace {

struct ResolveArgs {
  std::string reference;
  std::string platform;
  std::string registries_conf;
};

absl::StatusOr<ResolveArgs> ParseArgs(const std::vector<std::string>& args) {
  ResolveArgs out;
  for (size_t i = 0; i < args.size(); ++i) {
    std::string* value = args[i] == "--platform"          ? &out.platform
                         : args[i] == "--registries-conf" ? &out.registries_conf
                                                          : nullptr;
    if (value != nullptr) {
      if (i + 1 >= args.size()) return absl::InvalidArgumentError(absl::StrCat(args[i], " needs a value"));
      *value = args[++i];
    } else if (absl::StartsWith(args[i], "-") || !out.reference.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("unexpected argument: ", args[i]));
    } else {
      out.reference = args[i];
    }
  }
  if (out.reference.empty()) return absl::InvalidArgumentError("resolve needs a reference");
  return out;
}

absl::StatusOr<ResolvedImage> Resolve(const std::vector<std::string>& words) {
  ASSIGN_OR_RETURN(const ResolveArgs args, ParseArgs(words));
  Platform platform = HostPlatform();
  if (!args.platform.empty()) {
    ASSIGN_OR_RETURN(platform, ParsePlatform(args.platform));
  }
  if (IsLocalImage(args.reference)) return ResolveLocalImage(args.reference, platform);
  ASSIGN_OR_RETURN(const Reference reference, ParseReference(args.reference));
  ASSIGN_OR_RETURN(std::unique_ptr<RegistryAccess> access,
                   RegistryAccess::FromEnvironment(args.registries_conf));
  auto image = ResolveImage(access.get(), reference, platform);
  for (const std::string& warning : access->credentials.warnings()) {
    std::fprintf(stderr, "gen-net: warning: %s\n", warning.c_str());
  }
  return image;
}

}  // namespace

int RunResolveCommand(const std::vector<std::string>& args) {
  auto image = Resolve(args);
  if (!image.ok()) {
    const std::string message(image.status().message());
    std::fprintf(stderr, "gen-net: %s\n", message.c_str());
    return 1;
  }
  const std::string text = absl::StrCat(EncodeResolvedImage(*image), "\n");
  return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace kasane
