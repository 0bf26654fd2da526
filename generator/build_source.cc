#include "generator/build_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "generator/context_argument.h"
#include "generator/context_steps.h"
#include "generator/context_time.h"
#include "generator/resolver.h"
#include "src/base/bool.h"
#include "src/base/child.h"
#include "src/base/file.h"
#include "src/base/json.h"
#include "src/base/password.h"
#include "src/base/status.h"
#include "src/oci/archive_header.h"
#include "src/plan/git_remote.h"

namespace kasane {
namespace {

constexpr int kVersion = 1;
constexpr size_t kPiece = 1 << 20;        // bytes read at once
constexpr size_t kHeaderBytes = 1024;     // that tell an archive
constexpr uint32_t kFileMode = 0600;      // of a file behind a URL, as BuildKit has it
constexpr char kFileName[] = "/context";  // its path in the context
constexpr char kFileList[] = "inputs.json";

bool IsTrue(const std::map<std::string, std::string>& build_args, const std::string& name) {
  const auto found = build_args.find(name);
  if (found == build_args.end()) return false;
  bool yes = false;
  return ParseBool(found->second, &yes) && yes;
}

Epoch ReadModified(const Json& json) {
  const Json& modified = JsonMember(json, "modified");
  return modified.is_number_integer() ? Epoch(modified.get<int64_t>()) : absl::nullopt;
}

std::string KeptPath(const std::string& directory, const Digest& content) {
  return JoinPath(directory, content.ToHex());
}

absl::StatusOr<std::string> ReadHeader(const Store& store, const Digest& content) {
  ASSIGN_OR_RETURN(const BlobRef blob, store.OpenBlob(content));
  std::string header(std::min<size_t>(kHeaderBytes, static_cast<size_t>(blob.size)), '\0');
  RETURN_IF_ERROR(PReadExactly(blob.fd->get(), header.data(), header.size(), blob.offset, "the context"));
  return header;
}

// A file with the content of a blob, at once or not at all.
absl::Status WriteKept(const Store& store, const KeptInput& kept, int64_t mtime,
                       const std::string& directory) {
  const std::string path = KeptPath(directory, kept.content);
  if (PathExists(path)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const BlobRef blob, store.OpenBlob(kept.content));
  const std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(temporary, O_WRONLY | O_CREAT | O_TRUNC, kFileMode));
  RETURN_IF_ERROR(
      ReadPieces(blob, path, [&](absl::string_view piece) { return WriteAll(fd.get(), piece, temporary); }));
  const timespec times[2] = {{mtime, 0}, {mtime, 0}};
  if (futimens(fd.get(), times) != 0 || rename(temporary.c_str(), path.c_str()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

class Reader {
 public:
  Reader(const Options& options, const Programs& programs, RemoteResolver* remotes, bool regenerate,
         BuildSource* out, Diagnostic* error)
      : options_(options),
        programs_(programs),
        remotes_(remotes),
        regenerate_(regenerate),
        out_(*out),
        error_(error) {}

  bool Read() {
    if (!FindLayout(options_, &out_.layout, error_)) return false;
    if (!ParseMainContext(options_.context, &argument_, error_)) return false;
    if (argument_.kind != ContextArgument::Kind::kDirectory && !ReadContext()) return false;
    const absl::Status status = ReadDockerfile();
    return status.ok() || Fail(status.message());
  }

 private:
  bool Fail(absl::string_view message, absl::string_view help = "") {
    *error_ = Diagnostic();
    error_->message = std::string(message);
    error_->help = std::string(help);
    return false;
  }
  bool is_local_dockerfile() const { return out_.layout.dockerfile != out_.layout.kept_dockerfile(); }

  bool ReadContext() {
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(Store::DefaultPath());
    if (!store.ok()) return Fail(store.status().message());
    out_.store = *std::move(store);
    out_.context.emplace();
    out_.context->kind = PlanContext::Kind::kFiles;
    out_.context->copy.destination = "/";
    if (argument_.kind == ContextArgument::Kind::kGit) {
      if (!FindCommit()) return false;
    } else {
      const absl::Status status =
          argument_.kind == ContextArgument::Kind::kUrl ? ReadUrl() : ReadStandardInput();
      if (!status.ok())
        return Fail(absl::StrCat("context ", WithoutPassword(options_.context), ": ", status.message()));
      if (!DescribeKept()) return false;
    }
    const absl::Status status = MakeTree();
    return status.ok() ||
           Fail(absl::StrCat("context ", WithoutPassword(options_.context), ": ", status.message()));
  }

  bool FindCommit() {
    GitRef& git = argument_.git;
    if (IsTrue(options_.build_args, "BUILDKIT_CONTEXT_KEEP_GIT_DIR")) git.keep_git_dir = true;
    remotes_->Load(out_.layout.state() + "/remotes.json");
    PlanRemote remote;
    std::string message, help;
    if (!MakeGitRemote(git, &remote, &message, &help)) {
      return Fail(absl::StrCat("context ", WithoutPassword(options_.context), ": ", message), help);
    }
    // The times of the files are then the answer to SOURCE_DATE_EPOCH=context.
    std::get<GitSpec>(remote.spec).commit_time =
        git.mtime == "commit" || options_.build_args.count("SOURCE_DATE_EPOCH") > 0;
    if (!remotes_->ResolveOne(&remote, error_)) {
      return Fail(absl::StrCat("context ", WithoutPassword(options_.context), ": ", error_->message));
    }
    out_.context->copy.sources = {""};
    out_.context->copy.remotes = {0};
    out_.context->remotes = {std::move(remote)};
    return true;
  }

  // What an earlier gen kept, if it is still there; it is in the store then.
  bool FindKept() {
    const std::string list = JoinPath(out_.layout.inputs(), kFileList);
    const absl::StatusOr<std::string> text = ReadFile(list);
    const absl::StatusOr<Json> json = text.ok() ? ParseJson(*text, list) : text.status();
    if (!json.ok() || JsonInt(*json, "version") != kVersion) return false;
    const absl::StatusOr<Digest> content = Digest::Parse(JsonString(*json, "content"));
    if (!content.ok()) return false;
    KeptInput& kept = out_.kept;
    kept = {*content, JsonBool(*json, "is_archive"), JsonString(*json, "url"), JsonString(*json, "etag"),
            ReadModified(*json)};
    if (!out_.store->HasBlob(kept.content)) {
      const absl::StatusOr<UniqueFd> fd = OpenFile(KeptPath(out_.layout.inputs(), kept.content), O_RDONLY);
      if (!fd.ok()) return false;
      const absl::StatusOr<Digest> again = out_.store->CopyIn(fd->get(), nullptr);
      if (!again.ok() || *again != kept.content) return false;
    }
    return true;
  }

  absl::Status ReadStandardInput() {
    if (regenerate_) {
      // Without a context a Dockerfile was read, or nothing that could be.
      if (!FindKept()) out_.kept = KeptInput();
      return absl::OkStatus();
    }
    BlobWriter blob = out_.store->NewBlob();
    std::string piece(kPiece, '\0');
    while (true) {
      const ssize_t n = read(STDIN_FILENO, piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return ErrnoStatus(errno, "cannot read standard input");
      if (n == 0) break;
      RETURN_IF_ERROR(blob.Write(absl::string_view(piece.data(), static_cast<size_t>(n))));
    }
    ASSIGN_OR_RETURN(const Digest content, blob.Commit());
    ASSIGN_OR_RETURN(const std::string header, ReadHeader(*out_.store, content));
    if (IsArchiveHeader(header)) {
      out_.kept.content = content;
      out_.kept.is_archive = true;
      return absl::OkStatus();
    }
    if (!options_.file.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("standard input holds no tar, and as a Dockerfile it contradicts -f ", options_.file));
    }
    ASSIGN_OR_RETURN(out_.dockerfile, out_.store->ReadBlob(content));
    has_dockerfile_ = true;
    return absl::OkStatus();
  }

  absl::Status ReadUrl() {
    const std::string& url = argument_.value;
    const bool known = FindKept() && out_.kept.url == url;
    if (regenerate_ && known) return absl::OkStatus();
    ChildCommand command;
    command.words = {programs_.gen_net, "get", url, known ? out_.kept.etag : "", remotes_->secrets()};
    const ChildResult result = RunChildren({command})[0];
    if (result.exit_code != 0) return GenNetError(result);
    ASSIGN_OR_RETURN(const Json json, ParseJson(result.out, "the answer of gen-net"));
    if (known && JsonBool(json, "same")) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Digest content, Digest::Parse(JsonString(json, "content")));
    out_.kept = {content, false, url, JsonString(json, "etag"), ReadModified(json)};
    ASSIGN_OR_RETURN(const std::string header, ReadHeader(*out_.store, content));
    out_.kept.is_archive = IsArchiveHeader(header);
    return absl::OkStatus();
  }

  // What is kept as a context.
  bool DescribeKept() {
    const KeptInput& kept = out_.kept;
    if (kept.content.empty()) return true;  // a Dockerfile alone
    CopySpec& copy = out_.context->copy;
    copy.from = absl::StrCat("context:", kInputsContext);
    copy.sources = {kept.content.ToHex()};
    copy.unpack = kept.is_archive;
    if (!kept.is_archive) copy.destination = kFileName;
    out_.time = kept.modified;
    return true;
  }

  absl::Status MakeTree() {
    ASSIGN_OR_RETURN(const ScratchDir scratch, out_.store->NewScratch());
    if (!out_.kept.content.empty()) {
      RETURN_IF_ERROR(WriteKept(*out_.store, out_.kept, out_.time.value_or(0), scratch.path()));
    }
    ASSIGN_OR_RETURN(out_.tree, MakeContextTree(programs_.gen, out_.store.get(), *out_.context,
                                                scratch.path(), remotes_->secrets()));
    if (!out_.time.has_value() && (out_.kept.is_archive || !out_.context->remotes.empty())) {
      out_.time = NewestFile(out_.tree);
    }
    return out_.tree.status();
  }

  absl::Status ReadDockerfile() {
    Layout& layout = out_.layout;
    if (has_dockerfile_) return absl::OkStatus();
    if (is_local_dockerfile()) {
      ASSIGN_OR_RETURN(out_.dockerfile, ReadFile(layout.dockerfile));
      return absl::OkStatus();
    }
    const bool of_standard_input =
        options_.file == "-" ||
        (argument_.kind == ContextArgument::Kind::kStandardInput && out_.kept.content.empty());
    if (of_standard_input) {
      absl::StatusOr<std::string> text =
          regenerate_ ? ReadFile(layout.kept_dockerfile()) : ReadAllFrom(STDIN_FILENO, "standard input");
      RETURN_IF_ERROR(text.status());
      out_.dockerfile = *std::move(text);
      return absl::OkStatus();
    }
    if (!out_.kept.content.empty() && !out_.kept.is_archive) {
      ASSIGN_OR_RETURN(out_.dockerfile, out_.store->ReadBlob(out_.kept.content));
      return absl::OkStatus();
    }
    absl::StatusOr<std::string> text = ReadTreeFile(*out_.store, out_.tree, layout.shown_dockerfile);
    if (!text.ok() && options_.file.empty()) {
      absl::StatusOr<std::string> lower = ReadTreeFile(*out_.store, out_.tree, "dockerfile");
      if (lower.ok()) text = std::move(lower);
    }
    if (!text.ok())
      return absl::Status(text.status().code(), absl::StrCat("context ", WithoutPassword(options_.context),
                                                             ": ", text.status().message()));
    out_.dockerfile = *std::move(text);
    return absl::OkStatus();
  }

  const Options& options_;
  const Programs& programs_;
  RemoteResolver* remotes_;
  const bool regenerate_;
  BuildSource& out_;
  Diagnostic* error_;
  ContextArgument argument_;
  bool has_dockerfile_ = false;
};

}  // namespace

bool ReadBuildSource(const Options& options, const Programs& programs, RemoteResolver* remotes,
                     bool regenerate, BuildSource* source, Diagnostic* error) {
  remotes->UseSecrets(options.secrets);
  if (!Reader(options, programs, remotes, regenerate, source, error).Read()) return false;
  source->time_of = [remotes, gen = programs.gen, state = source->layout.state()](
                        const PlanContext& context, Epoch* time, std::string* message) {
    return FindContextTime(gen, state, context, remotes, time, message);
  };
  return true;
}

absl::Status WriteInputs(const BuildSource& source) {
  const Layout& layout = source.layout;
  const KeptInput& kept = source.kept;
  const bool keeps_dockerfile = layout.dockerfile == layout.kept_dockerfile();
  if (!keeps_dockerfile && kept.content.empty()) return RemoveTree(layout.inputs());
  RETURN_IF_ERROR(MakeDirs(layout.inputs()));
  if (keeps_dockerfile) {
    RETURN_IF_ERROR(WriteFileIfChanged(layout.kept_dockerfile(), source.dockerfile).status());
  }
  Json list = {{"version", kVersion}};
  if (!kept.content.empty()) {
    RETURN_IF_ERROR(WriteKept(*source.store, kept, source.time.value_or(0), layout.inputs()));
    list["content"] = kept.content.ToString();
    list["is_archive"] = kept.is_archive;
    list["url"] = kept.url;
    list["etag"] = kept.etag;
    if (kept.modified.has_value()) list["modified"] = *kept.modified;
  }
  // What an earlier gen kept.
  const std::string list_path = JoinPath(layout.inputs(), kFileList);
  const absl::StatusOr<std::string> text = ReadFile(list_path);
  const absl::StatusOr<Json> before = text.ok() ? ParseJson(*text, list_path) : text.status();
  if (before.ok()) {
    const absl::StatusOr<Digest> old = Digest::Parse(JsonString(*before, "content"));
    if (old.ok() && *old != kept.content) unlink(KeptPath(layout.inputs(), *old).c_str());
  }
  return WriteFileIfChanged(list_path, absl::StrCat(DumpJson(list), "\n")).status();
}

}  // namespace kasane
