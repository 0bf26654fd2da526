#include "src/steps/common_gen_net.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "src/base/file.h"
#include "src/base/status.h"

namespace kasane {

std::string GenNetPath() {
  if (const char* path = std::getenv("KASANE_GEN_NET"); path != nullptr && *path != '\0') return path;
  char self[4096];
  const ssize_t size = readlink("/proc/self/exe", self, sizeof(self));
  if (size <= 0) return "gen-net";
  return JoinPath(Dirname(absl::string_view(self, static_cast<size_t>(size))), "gen-net");
}

absl::Status ExecGenNet(const StepContext& context) {
  std::vector<std::string> words = StepCommandLine(context.args);
  const std::string program = GenNetPath();
  words.insert(words.begin(), {program, "step"});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  context.progress.HandOn();
  execv(program.c_str(), argv.data());
  return ErrnoStatus(errno, absl::StrCat("cannot start ", program));
}

std::vector<std::string> StepCommandLine(const StepArgs& args) {
  std::vector<std::string> out;
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) out.insert(out.end(), {option, value});
  };
  const auto add_list = [&](const char* option, const std::vector<std::string>& values) {
    if (values.empty()) return;
    out.emplace_back(option);
    out.insert(out.end(), values.begin(), values.end());
  };
  add("--dir", args.dir);
  add("--store", args.store_identity);
  add("--salt", args.salt);
  add("--fresh", args.fresh);
  add("--log", args.log);
  if (args.console) out.emplace_back("--console");
  add_list("--below", args.below);
  add_list("--source", args.source);
  out.insert(out.end(), {"--", args.spec.ToHex(), args.out});
  return out;
}

}  // namespace kasane
