#include "generator/workspace.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "generator/defaults.h"
#include "generator/generate.h"
#include "generator/ninja_writer.h"
#include "src/base/file.h"
#include "src/base/list_directory.h"
#include "src/base/status.h"
#include "src/config/bake_file.h"
#include "src/config/compose_file.h"
#include "src/config/workspace_file.h"
#include "src/dockerfile/parser.h"
#include "src/oci/reference.h"

namespace kasane {
namespace {

std::string BuildDir(const std::string& name) { return absl::StrCat(kStateName, "/", name); }
std::string LayoutOf(const std::string& name) {
  return absl::StrCat(BuildDir(name), "/", kStateName, "/out/oci");
}

std::string SharedResolved() { return absl::StrCat(kStateName, "/resolved.json"); }

std::string ShortName(const std::string& word) {
  const absl::StatusOr<Reference> reference = ParseReference(word);
  return reference.ok() ? reference->ShortName() : word;
}

// Adds the bases that the Dockerfile itself names: FROM and --from, by an image's name or a tag of it. What
// cannot be read or parsed is told later.
void AddNamedBases(const Workspace& workspace, WorkspaceImage* image) {
  std::map<std::string, std::string> images;
  for (const WorkspaceImage& other : workspace.images) {
    if (other.name == image->name) continue;
    images[ShortName(other.name)] = other.name;
    for (const std::string& tag : other.tags) images[ShortName(tag)] = other.name;
  }
  const std::string path =
      image->dockerfile.empty() ? JoinPath(image->context, "Dockerfile") : image->dockerfile;
  std::vector<Diagnostic> ignored;
  const absl::optional<DockerfileAst> ast = ParseDockerfile(path, ReadFile(path).value_or(""), &ignored);
  if (!ast.has_value()) return;
  std::set<std::string> known;  // stages above, and contexts
  for (const WorkspaceImage::Base& base : image->bases) known.insert(ShortName(base.context));
  for (const std::string& word : image->words) {
    absl::string_view name = word;
    if (absl::ConsumePrefix(&name, "--build-context=")) {
      known.insert(ShortName(std::string(name.substr(0, name.find('=')))));
    }
  }
  const auto add = [&](const std::string& word) {
    const std::string name = ShortName(word);
    const auto found = images.find(name);
    if (found == images.end() || !known.insert(name).second) return;
    image->bases.push_back({name, found->second, image->range});
  };
  for (const Instruction& in : ast->instructions) {
    if (in.kind == InstructionKind::kFrom && !in.args.empty()) {
      add(in.args[0].text);
      if (in.args.size() == 3) known.insert(ShortName(in.args[2].text));
    }
    for (const Flag& flag : in.flags) {
      if (flag.name == "from") add(flag.value);
    }
  }
}

class WorkspaceWriter {
 public:
  WorkspaceWriter(const std::vector<std::string>& words, const std::string& file, const Programs& programs,
                  Messages* messages)
      : words_(words), file_(file), programs_(programs), messages_(messages) {}

  bool Run() {
    absl::StatusOr<std::string> text = ReadFile(file_);
    if (!text.ok()) return Fail(text.status());
    std::vector<Diagnostic> diagnostics;
    bool parsed = false;
    if (file_ == kWorkspaceFile) {
      parsed = ParseWorkspace(*text, file_, &workspace_, &diagnostics);
    } else if (absl::EndsWith(file_, ".yaml") || absl::EndsWith(file_, ".yml")) {
      if (!ReadEnvFile()) return false;
      parsed = ReadComposeFile(
          *text, file_, [this](const std::string& name) { return Variable(name); }, &workspace_,
          &diagnostics);
    } else {
      parsed = ReadBakeFile(*text, file_, ProcessEnvironment, &workspace_, &diagnostics);
    }
    messages_->Add(diagnostics, *text);
    if (!parsed) return false;
    for (WorkspaceImage& image : workspace_.images) {
      if (const absl::Status written = WriteInlineDockerfile(&image); !written.ok()) return Fail(written);
    }
    const Workspace named = workspace_;
    for (WorkspaceImage& image : workspace_.images) AddNamedBases(named, &image);
    Diagnostic error;
    if (!SortByBases(file_, &workspace_, &error) || !CheckNames(&error)) {
      messages_->Add(error, *text);
      return false;
    }
    const absl::StatusOr<std::string> present = ReadFile(kStubName);
    if (present.ok() && !IsNinjaStub(*present)) {
      messages_->Error(absl::StrCat(kStubName, " was not written by gen and is left alone"));
      return false;
    }
    // A tag means the same to all images, and is asked for once.
    const bool pull = std::find(words_.begin(), words_.end(), "--pull") != words_.end();
    const absl::Status fresh = pull ? RemoveTree(SharedResolved()) : absl::OkStatus();
    if (!fresh.ok()) return Fail(fresh);
    if (const absl::Status made = MakeDirs(kStateName); !made.ok()) return Fail(made);
    bool ok = true;  // all are looked at, so that all mistakes are told
    for (const WorkspaceImage& image : workspace_.images) ok = Image(image, *text) && ok;
    if (!ok) return false;
    const absl::Status status = WriteAround();
    return status.ok() || Fail(status);
  }

 private:
  bool Fail(const absl::Status& status) {
    messages_->Error(status.message());
    return false;
  }

  // Values for a compose.yaml's variables stand in the .env beside it.
  bool ReadEnvFile() {
    const std::string path = JoinPath(Dirname(file_), ".env");
    if (!PathExists(path)) return true;
    read_too_.push_back(path);
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) return Fail(text.status());
    std::string error;
    if (ParseEnvFile(*text, ProcessEnvironment, &env_file_, &error)) return true;
    messages_->Error(absl::StrCat(path, ":", error));
    return false;
  }
  absl::optional<std::string> Variable(const std::string& name) const {
    const absl::optional<std::string> given = ProcessEnvironment(name);
    const auto found = env_file_.find(name);
    return given.has_value() || found == env_file_.end() ? given : absl::optional<std::string>(found->second);
  }

  // A Dockerfile that is no file becomes one.
  absl::Status WriteInlineDockerfile(WorkspaceImage* image) const {
    if (!image->inline_dockerfile.has_value()) return absl::OkStatus();
    image->dockerfile = JoinPath(BuildDir(image->name), "Dockerfile");
    image->words.insert(image->words.begin(), absl::StrCat("--file=", image->dockerfile));
    RETURN_IF_ERROR(MakeDirs(BuildDir(image->name)));
    return WriteFileIfChanged(image->dockerfile, *image->inline_dockerfile).status();
  }

  // A directory may have the name of an image: its files have others, and regeneration names it by its whole
  // path.
  bool CheckNames(Diagnostic* error) const {
    for (const WorkspaceImage& image : workspace_.images) {
      struct stat info;
      if (stat(image.name.c_str(), &info) != 0 || S_ISDIR(info.st_mode)) continue;
      error->file = file_;
      error->range = image.range;
      error->message = absl::StrCat("image `", image.name, "` has the name of a file here");
      error->help = "a target of ninja and a file cannot be told apart";
      return false;
    }
    return true;
  }

  bool Image(const WorkspaceImage& image, const std::string& text) {
    std::vector<std::string> words = words_;
    words.insert(words.end(), image.words.begin(), image.words.end());
    bool waits = false;
    for (const WorkspaceImage::Base& base : image.bases) {
      words.insert(words.begin(),
                   absl::StrCat("--build-context=", base.context, "=oci-layout://", LayoutOf(base.image)));
      waits = waits || !PathExists(LayoutOf(base.image) + "/index.json");
    }
    Options options;
    Diagnostic error;
    std::string note;
    // The file's own defaults are among the words.
    if (!ParseWithDefaults({PersonsDefaults(ProcessEnvironment), ""}, words, {}, ProcessEnvironment, &options,
                           &note, &error)) {
      const bool here = error.file.empty();
      if (here) {
        error.file = file_;
        error.range = image.range;
      }
      messages_->Add(error, here ? text : "");
      return false;
    }
    if (note != note_) messages_->Note(note);
    note_ = note;
    options.build_dir = BuildDir(image.name);
    options.ninja_prefix = options.build_dir + "/";
    options.shared_resolved = SharedResolved();
    if (!waits) return Generate(options, programs_, messages_) == 0;
    std::vector<std::string> layouts;
    for (const WorkspaceImage::Base& base : image.bases) {
      layouts.push_back(absl::StrCat("../", base.image, "/", kStateName, "/out/oci/index.json"));
    }
    return GenerateLater(options, programs_, layouts, messages_) == 0;
  }

  absl::Status WriteAround() const {
    std::string inputs;
    for (const std::string& path : read_too_) absl::StrAppend(&inputs, " ", NinjaValue(path));
    std::string out = absl::StrCat(
        "# Made by gen (Kasane): the images of ", file_, ", each with its own build in ", kStateName,
        "/NAME. gen leaves a\n# build.ninja alone that does not begin so.\nbuilddir = ", kStateName,
        "\npool kasane_pull\n  depth = 4\nkasane_pull_pool = kasane_pull\n\n"
        "rule kasane_workspace\n  command = exec ",
        NinjaValue(ShellWord(programs_.gen)),
        file_ == kWorkspaceFile ? "" : absl::StrCat(" bake ", NinjaValue(ShellWord(file_))),
        "\n  description = gen\n  generator = 1\n  pool = console\nbuild ", kStateName,
        "/workspace: kasane_workspace ", NinjaValue(file_), inputs, "\n");
    std::string stamps, all;
    for (const WorkspaceImage& image : workspace_.images) {
      const std::string directory = BuildDir(image.name);
      absl::StrAppend(&out, "\nkasane = ", directory, "/\nsubninja ", directory, "/", kStateName,
                      "/image.ninja\nbuild ", image.name, ": phony ", directory, "/image\n");
      for (const char* what : {"archive", "push"}) {
        absl::StrAppend(&out, "build ", image.name, "-", what, ": phony ", directory, "/", what, "\n");
      }
      absl::StrAppend(&stamps, " ", directory, "/", kStateName, "/stamp");
      absl::StrAppend(&all, " ", image.name);
    }
    out += "\n";
    for (const WorkspaceGroup& group : workspace_.groups) {
      absl::StrAppend(&out, "build ", group.name, ": phony");
      for (const std::string& member : group.members) absl::StrAppend(&out, " ", member);
      out += "\n";
    }
    absl::StrAppend(&out, "build all-images: phony", all, "\nbuild build.ninja: phony ", kStateName,
                    "/workspace", stamps, "\ndefault all-images\n");
    RETURN_IF_ERROR(WriteFileIfChanged(absl::StrCat(kStateName, "/.gitignore"), "*\n").status());
    RETURN_IF_ERROR(WriteFileIfChanged(kStubName, out).status());
    return WriteFileAtomic(absl::StrCat(kStateName, "/workspace"), "");
  }

  const std::vector<std::string>& words_;
  const std::string& file_;
  const Programs& programs_;
  Messages* messages_;
  Workspace workspace_;
  std::map<std::string, std::string> env_file_;
  std::vector<std::string> read_too_;  // besides file_
  std::string note_;                   // that was said last
};

}  // namespace

std::vector<std::string> StatesOfWorkspace() {
  std::vector<std::string> states;
  for (const std::string& name : NamesIn(kStateName)) {
    const std::string state = JoinPath(BuildDir(name), kStateName);
    if (PathExists(state)) states.push_back(state);
  }
  return states;
}

int GenerateWorkspace(const std::vector<std::string>& words, const std::string& file,
                      const Programs& programs, Messages* messages) {
  return WorkspaceWriter(words, file, programs, messages).Run() ? 0 : 1;
}

}  // namespace kasane
