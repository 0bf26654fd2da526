// gen-net: the part of Kasane that talks to registries and other servers. A program of its own, because
// libcurl and the thirty libraries behind it take 8 ms to load, which no edge that needs no network should
// pay.
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "generator/gen_net_remote.h"
#include "generator/gen_net_resolve.h"
#include "generator/gen_net_step.h"

namespace {

constexpr char kUsage[] =
    "usage: gen-net resolve [--platform OS/ARCH[/VARIANT]] [--registries-conf FILE] REFERENCE\n"
    "       gen-net probe URL ETAG SECRETS\n"
    "       gen-net get URL ETAG SECRETS\n"
    "       gen-net commit REPOSITORY REF SECRETS\n"
    "       gen-net step [options of gen step] -- SPEC OUT\n"
    "\n"
    "resolve  prints manifest digest, config and layers of an image as one line of JSON\n"
    "         (REFERENCE may be oci-layout:PATH[:TAG], oci-archive:PATH or docker-archive:PATH)\n"
    "probe    prints whether a file behind a URL still has that ETag\n"
    "get      brings a file behind a URL into the store, unless it still has that ETag\n"
    "commit   prints what a branch, tag or \"\" (the default branch) of a git repository means\n"
    "SECRETS is what .kasane/secrets.json holds: where secrets are, not what they are\n"
    "step     runs one edge that needs the network; started by gen step\n";

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is an error to report, not a death
  const std::vector<std::string> args(argv + 1, argv + argc);
  const std::string command = args.empty() ? "" : args[0];
  const std::vector<std::string> rest(args.begin() + (args.empty() ? 0 : 1), args.end());
  if (command == "resolve") return kasane::RunResolveCommand(rest);
  if (command == "probe") return kasane::RunProbeCommand(rest);
  if (command == "get") return kasane::RunGetCommand(rest);
  if (command == "commit") return kasane::RunCommitCommand(rest);
  if (command == "step") return kasane::RunNetStepCommand(rest);
  const bool asked = command == "--help" || command == "-h" || command == "help";
  std::fputs(kUsage, asked ? stdout : stderr);
  return asked ? 0 : 1;
}
