#include "generator/transfer_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "generator/command_words.h"
#include "src/base/child.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/status.h"
#include "src/containers/image_source.h"
#include "src/contract/record.h"
#include "src/contract/spec_file.h"
#include "src/oci/image_layout.h"
#include "src/oci/reference.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

constexpr char kLoadHelp[] =
    "gen load: hands an image to a container engine of this machine.\n"
    "\n"
    "  gen load [-C DIR] [docker|podman|containerd] [IMAGE]\n"
    "\n"
    "Without a name of an engine it is the first of these that is installed here. "
    "IMAGE is a name or the beginning of a digest, as `gen images` shows them (default: the image of the "
    "build in DIR, "
    "or\n"
    "here). It goes as a tar to the standard input of `docker load`, `podman load` or `ctr images import "
    "-`.\n";

constexpr char kPushHelp[] =
    "gen push: sends an image to registries.\n"
    "\n"
    "  gen push [-C DIR] [IMAGE [NAME...]]\n"
    "\n"
    "IMAGE as in gen load; NAMEs are what it is to be called there (default: what it is called here).\n";

struct Loader {
  const char* name;
  std::vector<std::string> words;
};

// What the record of the image's step says.
absl::StatusOr<Record> RecordOf(const Store& store, const BuiltImage& image) {
  Record record;
  record.kind = image.parts.empty() ? "image" : "index";
  record.manifest = image.manifest;
  ASSIGN_OR_RETURN(const std::string manifest, store.ReadBlob(image.manifest));
  ASSIGN_OR_RETURN(const Json json, ParseJson(manifest, "the image's manifest"));
  record.manifest_size = static_cast<int64_t>(manifest.size());
  record.manifest_media_type = JsonString(json, "mediaType");
  if (image.parts.empty()) {
    ASSIGN_OR_RETURN(record.config, Digest::Parse(JsonString(JsonMember(json, "config"), "digest")));
  }
  return record;
}

absl::StatusOr<int> Load(const std::string& store_path, const std::string& word, const std::string& directory,
                         const Loader& loader) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(store_path));
  ASSIGN_OR_RETURN(const BuiltImage image, FindBuiltImage(*store, word, directory));
  ASSIGN_OR_RETURN(const Record record, RecordOf(*store, image));
  ASSIGN_OR_RETURN(const StoredImage stored, LoadStoredImage(*store, record, image.names));
  ASSIGN_OR_RETURN(const ScratchDir scratch, store->NewScratch());
  const std::string path = JoinPath(scratch.path(), "image.tar");
  RETURN_IF_ERROR(WriteImageArchive(*store, stored, path));
  ASSIGN_OR_RETURN(const UniqueFd tar, OpenFile(path, O_RDONLY));
  ChildCommand command;
  command.words = loader.words;
  std::string error;
  const pid_t pid = StartChild(command, {tar.get(), -1, -1}, &error);
  if (pid < 0) return absl::NotFoundError(absl::StrCat(loader.name, " is not installed here: ", error));
  return WaitForChild(pid);
}

bool IsInstalled(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (absl::string_view directory : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    if (access(JoinPath(directory, program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

// By the step of a push, of a graph that has nothing else.
absl::StatusOr<int> Push(const std::string& store_path, const std::string& gen_net, const std::string& word,
                         const std::string& directory, std::vector<std::string> names) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(store_path));
  ASSIGN_OR_RETURN(const BuiltImage image, FindBuiltImage(*store, word, directory, /*whole=*/true));
  if (names.empty()) names = image.names;
  if (names.empty())
    return absl::InvalidArgumentError(
        "the image has no name: use gen push IMAGE NAME, or name it with --tag");
  ASSIGN_OR_RETURN(const Record record, RecordOf(*store, image));
  ASSIGN_OR_RETURN(const ScratchDir scratch, store->NewScratch());
  const PushSpec push = {names};
  RETURN_IF_ERROR(WriteFileAtomic(JoinPath(scratch.path(), "specs"),
                                  EncodeSpecFile({{SpecDigest(push), EncodeSpec(push)}})));
  const std::string source = JoinPath(scratch.path(), "image.json");
  RETURN_IF_ERROR(WriteRecord(source, record).status());
  ChildCommand command;
  command.words = {gen_net,
                   "step",
                   "--dir",
                   scratch.path(),
                   "--source",
                   source,
                   "--",
                   SpecDigest(push).ToHex(),
                   JoinPath(scratch.path(), "push.json")};
  std::string error;
  const pid_t pid = StartChild(command, {}, &error);
  if (pid < 0) return absl::NotFoundError(error);
  return WaitForChild(pid);
}

int Result(const absl::StatusOr<int>& code, Messages* messages) {
  if (code.ok()) return *code == 0 ? 0 : kFailed;
  messages->Error(code.status().message(),
                  absl::IsNotFound(code.status()) ? "`gen images` lists what there is" : "");
  return kFailed;
}

}  // namespace

int LoadCommand(const std::vector<std::string>& args, const std::string& store, std::string* out,
                Messages* messages) {
  const std::vector<Loader> loaders = {{"docker", {"docker", "load"}},
                                       {"podman", {"podman", "load"}},
                                       {"containerd", {"ctr", "images", "import", "-"}}};
  std::string directory;
  CommandWords words("gen load", messages);
  words.Option("-C|--build-dir", &directory);
  if (!words.Parse(args)) return kWrongUsage;
  if (words.help()) {
    out->append(kLoadHelp);
    return 0;
  }
  std::vector<std::string> given = words.words();
  auto loader = std::find_if(loaders.begin(), loaders.end(),
                             [&](const Loader& one) { return !given.empty() && given[0] == one.name; });
  if (loader != loaders.end()) given.erase(given.begin());
  if (given.size() > 1) {
    messages->Error(absl::StrCat("unexpected argument \"", given[1], "\""),
                    "use gen load [docker|podman|containerd] [IMAGE]");
    return kWrongUsage;
  }
  if (loader == loaders.end())
    loader = std::find_if(loaders.begin(), loaders.end(),
                          [](const Loader& one) { return IsInstalled(one.words[0]); });
  if (loader == loaders.end()) {
    messages->Error("neither docker nor podman nor ctr is installed here",
                    "`ninja archive` writes a tar that each of them takes");
    return kFailed;
  }
  return Result(Load(store, given.empty() ? "" : given[0], directory, *loader), messages);
}

int PushCommand(const std::vector<std::string>& args, const std::string& store, const std::string& gen_net,
                std::string* out, Messages* messages) {
  std::string directory;
  std::vector<std::string> names;
  CommandWords words("gen push", messages);
  words.Option("-C|--build-dir", &directory);
  if (!words.Parse(args)) return kWrongUsage;
  if (words.help()) {
    out->append(kPushHelp);
    return 0;
  }
  for (size_t i = 1; i < words.words().size(); ++i) {
    const absl::StatusOr<Reference> reference = ParseReference(words.words()[i]);
    if (!reference.ok() || !reference->digest.empty()) {
      messages->Error(absl::StrCat("\"", words.words()[i], "\" is no name for an image"),
                      "a name looks like registry.example.com/team/name:1.0");
      return kWrongUsage;
    }
    names.push_back(reference->ToString());
  }
  const std::string word = words.words().empty() ? "" : words.words()[0];
  return Result(Push(store, gen_net, word, directory, std::move(names)), messages);
}

}  // namespace kasane
