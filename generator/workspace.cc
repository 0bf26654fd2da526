#include "generator/workspace.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "generator/call_command.h"
#include "generator/defaults.h"
#include "generator/generate.h"
#include "generator/lock.h"
#include "generator/named_bases.h"
#include "generator/ninja_writer.h"
#include "generator/workspace_bases.h"
#include "src/base/file.h"
#include "src/base/list_directory.h"
#include "src/base/status.h"
#include "src/config/bake_file.h"
#include "src/config/compose_file.h"
#include "src/config/workspace_file.h"
#include "src/oci/built_base.h"

namespace kasane {
namespace {

std::string BuildDir(const std::string& name) { return absl::StrCat(kStateName, "/", name); }

// What a build.ninja takes in, and what is to be made anew before it is read.
constexpr char kAround[] = ".kasane/workspace.ninja";
constexpr char kCurrent[] = ".kasane/current";

// The same for every workspace, so that regeneration never touches it.
std::string Stub() {
  return absl::StrCat("# Made by gen (Kasane): the same for every workspace; its images are in ", kAround,
                      ". gen leaves a\n# build.ninja alone that does not begin so.\nbuilddir = ", kStateName,
                      "\npool kasane_pull\n  depth = 4\nkasane_pull_pool = kasane_pull\nsubninja ", kAround,
                      "\nbuild build.ninja: phony ", kCurrent, "\ndefault all-images\n");
}

std::string SharedResolved() { return absl::StrCat(kStateName, "/resolved.json"); }

class WorkspaceWriter {
 public:
  WorkspaceWriter(const std::vector<std::string>& words, const std::string& file, const Programs& programs,
                  Messages* messages)
      : words_(words), file_(file), programs_(programs), messages_(messages) {}

  // Another task than generating. `out`: for what is said of each image.
  void Do(WorkspaceTask task, bool color, std::string* out) { task_ = task, color_ = color, out_ = out; }

  bool Run() {
    std::vector<Diagnostic> diagnostics;
    const bool parsed = Read(&diagnostics);
    for (const Diagnostic& diagnostic : diagnostics) Tell(diagnostic);
    if (!parsed) return false;
    for (WorkspaceImage& image : workspace_.images) {
      if (const absl::Status written = WriteInlineDockerfile(&image); !written.ok()) return Fail(written);
    }
    const Workspace named = workspace_;
    for (WorkspaceImage& image : workspace_.images) AddNamedBases(named, words_, &image);
    Diagnostic error;
    if (!SortByBases(file_, &workspace_, &error) || !CheckNames(&error)) {
      Tell(error);
      return false;
    }
    if (task_ == WorkspaceTask::kGenerate && !Prepare(EncodeWorkspaceImages(named, file_, Inputs())))
      return false;
    bool ok = true;  // all are looked at, so that all mistakes are told
    for (const WorkspaceImage& image : workspace_.images) ok = Image(image) && ok;
    if (!ok || task_ != WorkspaceTask::kGenerate) return ok && !found_;
    const absl::Status status = WriteAround();
    return status.ok() || Fail(status);
  }

 private:
  bool Fail(const absl::Status& status) {
    messages_->Error(status.message());
    return false;
  }

  std::vector<std::string> Inputs() const {
    std::vector<std::string> inputs;
    for (const auto& [path, text] : texts_) inputs.push_back(path);
    return inputs;
  }

  // What is there before the images. `images`: the text of images.json.
  bool Prepare(const std::string& images) {
    const absl::StatusOr<std::string> present = ReadFile(kStubName);
    is_taken_in_ = present.ok() && !IsNinjaStub(*present);
    if (is_taken_in_ && !absl::StrContains(*present, kAround)) {
      messages_->Error(absl::StrCat(kStubName, " was not written by gen and is left alone"),
                       absl::StrCat("let it take the images in: subninja ", kAround));
      return false;
    }
    // A tag means the same to all images, and is asked for once.
    const bool pull = std::find(words_.begin(), words_.end(), "--pull") != words_.end();
    const absl::Status fresh = pull ? RemoveTree(SharedResolved()) : absl::OkStatus();
    if (!fresh.ok()) return Fail(fresh);
    if (const absl::Status made = MakeDirs(kStateName); !made.ok()) return Fail(made);
    const absl::Status known = WriteFileIfChanged(JoinPath(kStateName, kWorkspaceImages), images).status();
    return known.ok() || Fail(known);
  }

  // The workspace's file, and what belongs to it.
  bool Read(std::vector<Diagnostic>* diagnostics) {
    const FileReader read = [](const std::string& path) { return ReadFile(path); };
    if (absl::EndsWith(file_, ".yaml") || absl::EndsWith(file_, ".yml"))
      return ReadComposeFile(file_, read, ProcessEnvironment, &workspace_, &texts_, diagnostics);
    const absl::StatusOr<std::string> text = ReadFile(file_);
    if (!text.ok()) return Fail(text.status());
    texts_[file_] = *text;
    return file_ == kWorkspaceFile ? ParseWorkspace(*text, file_, &workspace_, diagnostics)
                                   : ReadBakeFile(*text, file_, ProcessEnvironment, &workspace_, diagnostics);
  }
  void Tell(const Diagnostic& diagnostic) {
    const auto text = texts_.find(diagnostic.file);
    // A Dockerfile that names another image is none of the workspace's files.
    messages_->Add(diagnostic, text == texts_.end() ? ReadFile(diagnostic.file).value_or("") : text->second);
  }
  std::string FileOf(const WorkspaceImage& image) const { return image.file.empty() ? file_ : image.file; }

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
      error->file = FileOf(image);
      error->range = image.range;
      error->message = absl::StrCat("image `", image.name, "` has the name of a file here");
      error->help = "a target of ninja and a file cannot be told apart";
      return false;
    }
    return true;
  }

  // What is FROM an image that is wrong cannot be told apart from what is wrong itself.
  bool Image(const WorkspaceImage& image) {
    for (const WorkspaceImage::Base& base : image.bases) {
      if (wrong_.count(base.image) > 0) wrong_.insert(image.name);
    }
    if (wrong_.count(image.name) == 0 && DoImage(image)) return true;
    wrong_.insert(image.name);
    return false;
  }

  bool DoImage(const WorkspaceImage& image) {
    Options options;
    if (!OptionsOf(image, &options)) return false;
    if (task_ == WorkspaceTask::kGenerate) return Generate(options, programs_, messages_) == 0;
    if (task_ == WorkspaceTask::kLock) {
      if (LockCommand(options, programs_, messages_) != 0) return false;
    } else {
      Options check = options;
      check.call = "check";
      std::string said;
      found_ = Call(check, programs_, color_, &said, messages_) != 0 || found_;
      absl::StrAppend(out_, image.name, ": ", said);
    }
    // What is FROM it has to know what it will be.
    if (!IsBase(image) || PathExists(JoinPath(JoinPath(BuildDir(image.name), kStateName), kBuiltBases)))
      return true;
    if (const absl::Status made = MakeDirs(kStateName); !made.ok()) return Fail(made);
    Messages quiet(false);  // what is wrong with it has been said
    return Generate(options, programs_, task_ == WorkspaceTask::kCheck ? &quiet : messages_) == 0;
  }

  bool IsBase(const WorkspaceImage& image) const {
    const auto& all = workspace_.images;
    return std::any_of(all.begin(), all.end(), [&image](const WorkspaceImage& other) {
      return std::any_of(other.bases.begin(), other.bases.end(),
                         [&image](const WorkspaceImage::Base& base) { return base.image == image.name; });
    });
  }

  bool OptionsOf(const WorkspaceImage& image, Options* out) {
    std::vector<std::string> words = words_;
    words.insert(words.end(), image.words.begin(), image.words.end());
    for (const WorkspaceImage::Base& base : image.bases) {
      words.insert(words.begin(),
                   absl::StrCat("--build-context=", base.context, "=build://", BuildDir(base.image)));
    }
    Options& options = *out;
    Diagnostic error;
    std::string note;
    // The file's own defaults are among the words.
    if (!ParseWithDefaults({PersonsDefaults(ProcessEnvironment), ""}, words, {}, ProcessEnvironment, &options,
                           &note, &error)) {
      if (error.file.empty()) {
        error.file = FileOf(image);
        error.range = image.range;
      }
      Tell(error);
      return false;
    }
    if (note != note_) messages_->Note(note);
    note_ = note;
    options.build_dir = BuildDir(image.name);
    options.ninja_prefix = options.build_dir + "/";
    options.shared_resolved = SharedResolved();
    return true;
  }

  absl::Status WriteAround() const {
    std::set<std::string> inputs;
    for (const auto& [path, text] : texts_) {
      // What was looked for and is absent comes with a new mtime of its directory.
      const bool is_there = PathExists(path);
      const absl::string_view directory = Dirname(path);
      const std::string seen = is_there ? path : AbsolutePath(directory.empty() ? "." : directory);
      if (is_there || PathExists(seen)) inputs.insert(seen);
    }
    std::string files;
    for (const std::string& path : inputs) {
      files += ' ';
      AppendNinjaPath(path, &files);
    }
    std::string out = absl::StrCat(
        "# Made by gen (Kasane): the images of ", file_, ", each with its own build in ", kStateName,
        "/NAME. For a\n# build.ninja of your own here: `subninja` this file, and `build build.ninja: phony ",
        kCurrent,
        "`. `kasane_pull_pool`\n# may name a pool for downloads.\n\nrule kasane_workspace\n  command = exec ",
        NinjaValue(ShellWord(programs_.gen)),
        file_ == kWorkspaceFile ? "" : absl::StrCat(" bake ", NinjaValue(ShellWord(file_))),
        std::find(words_.begin(), words_.end(), "--locked") == words_.end() ? "" : " --locked",
        "\n  description = gen\n  generator = 1\n  pool = console\nbuild ", kStateName,
        "/workspace: kasane_workspace", files, "\n");
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
    absl::StrAppend(&out, "build all-images: phony", all, "\nbuild ", kCurrent, ": phony ", kStateName,
                    "/workspace", stamps, "\n");
    RETURN_IF_ERROR(WriteFileIfChanged(absl::StrCat(kStateName, "/.gitignore"), "*\n").status());
    RETURN_IF_ERROR(WriteFileIfChanged(kAround, out).status());
    if (!is_taken_in_) RETURN_IF_ERROR(WriteFileIfChanged(kStubName, Stub()).status());
    return WriteFileAtomic(absl::StrCat(kStateName, "/workspace"), "");
  }

  const std::vector<std::string>& words_;
  const std::string& file_;
  const Programs& programs_;
  Messages* messages_;
  WorkspaceTask task_ = WorkspaceTask::kGenerate;
  bool is_taken_in_ = false;  // by a build.ninja that is somebody's own
  bool color_ = false;
  bool found_ = false;  // that a check has something to say
  std::string* out_ = nullptr;
  Workspace workspace_;
  std::map<std::string, std::string> texts_;  // of the files that were read; "" of those that are not there
  std::string note_;                          // that was said last
  std::set<std::string> wrong_;               // images that could not be generated
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

int WorkspaceCommand(WorkspaceTask task, const std::vector<std::string>& words, const Programs& programs,
                     bool color, std::string* out, Messages* messages) {
  const std::string file = kWorkspaceFile;
  WorkspaceWriter writer(words, file, programs, messages);
  writer.Do(task, color, out);
  return writer.Run() ? 0 : 1;
}

}  // namespace kasane
