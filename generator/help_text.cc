// The text of `gen --help`.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "generator/option_table.h"
#include "generator/options.h"

namespace kasane {

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
      "                                 (where a kasane.toml is, `gen lock` and `gen check` are of all its "
      "images)\n"
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
      "  gen load [docker|podman|containerd] [IMAGE]\n"
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
      "target:STAGE,\n"
      "build://DIRECTORY (the image that another build of gen, with that build directory, makes), a git "
      "repository or a URL.\n"
      "\n"
      "Options:\n";
  for (const OptionInfo& option : AllOptions()) {
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
      "same ones when the Dockerfile changes. A gen typed by hand starts from the defaults: ours, then those "
      "of a "
      "person\n"
      "($XDG_CONFIG_HOME/kasane/config.toml, or $KASANE_CONFIG), then those of the project (kasane.toml):\n"
      "    [defaults]\n"
      "    network = \"host\"              # platforms, args, labels, secrets likewise\n"
      "    options = [\"--no-warm\"]        # any others that are not about one image\n"
      "What a person's file adds is said; CMake and gen bazel do not read it.\n"
      "\n"
      "Environment: SOURCE_DATE_EPOCH (seconds since 1970 for all times in the image), KASANE_STORE (where "
      "results are\n"
      "kept; default $XDG_CACHE_HOME/kasane), NO_COLOR. Exit codes: 0, 1 the build is wrong, 2 the command "
      "line is.\n";
  return out;
}

}  // namespace kasane
