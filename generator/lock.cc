#include "generator/lock.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "generator/context_steps.h"
#include "src/base/file.h"
#include "src/base/password.h"
#include "src/base/status.h"
#include "src/contract/build_secrets.h"
#include "src/store/store.h"

namespace kasane {
namespace {

constexpr char kLockName[] = "kasane.lock";

std::string FileKey(const HttpSpec& http) { return WithoutPassword(http.url); }
std::string RepositoryKey(const GitSpec& git) {
  return absl::StrCat(WithoutPassword(git.remote), " ", git.ref);
}

template <typename Visit>
bool EachRemote(Plan* plan, Visit visit) {
  for (PlanStage& stage : plan->stages) {
    for (PlanStep& step : stage.steps) {
      for (PlanRemote& remote : step.remotes) {
        if (!visit(&remote)) return false;
      }
    }
  }
  return true;
}

bool NotPinned(const PlanRemote& remote, const std::string& what, Diagnostic* error) {
  error->range = remote.range;
  error->message = absl::StrCat(what, " is not pinned in the lock file");
  error->help = "`gen lock` pins it; --locked allows nothing else";
  return false;
}

// Fetches the file as its edge would, which then finds it in the store.
absl::StatusOr<Digest> DigestOf(const Programs& programs, const Options& options, const PlanRemote& remote) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(Store::DefaultPath()));
  ASSIGN_OR_RETURN(const ScratchDir scratch, store->NewScratch());
  PlanContext context;
  context.kind = PlanContext::Kind::kFiles;
  context.copy.sources = {std::get<HttpSpec>(remote.spec).name};
  context.copy.remotes = {0};
  context.copy.destination = "/file";
  context.remotes = {remote};
  ASSIGN_OR_RETURN(const Tree tree, MakeContextTree(programs.gen, store.get(), context, scratch.path(),
                                                    EncodeBuildSecrets(options.secrets)));
  const Node* file = tree.Lookup("file");
  RETURN_IF_ERROR(tree.status());
  if (file == nullptr) return absl::NotFoundError("nothing was found there");
  return file->entry.content;
}

class Locker {
 public:
  Locker(const Options& options, const Programs& programs, Messages* messages)
      : options_(options), programs_(programs), messages_(messages) {}

  bool Run() {
    RemoteResolver remotes(programs_.gen_net, /*ask=*/true);
    if (!ReadDockerfile(options_, programs_, &remotes, /*regenerate=*/false, &file_, messages_)) return false;
    const std::string path = LockPath(file_.layout);
    if (path.empty()) {
      messages_->Error("there is no place for a lock file: the Dockerfile is no file of this machine");
      return false;
    }
    LockedNames before;
    if (!options_.pull && !ReadLock(options_, file_.layout, &before, messages_)) return false;
    GenNetSource source(programs_.gen_net);
    CachedResolver resolver(&source);
    resolver.Pin(before, /*locked=*/false);
    std::vector<Plan> plans;
    if (!EvaluatePlans(options_, file_, &resolver, &plans, messages_)) return false;
    lock_.images = resolver.pinned();
    for (Plan& plan : plans) {
      if (!LockRemotes(before, &remotes, &plan)) return false;
    }
    const absl::StatusOr<bool> written = WriteFileIfChanged(path, EncodeLockFile(lock_));
    if (!written.ok()) messages_->Error(written.status().message());
    return written.ok();
  }

 private:
  bool LockRemotes(const LockedNames& before, RemoteResolver* remotes, Plan* plan) {
    Diagnostic error;
    error.file = file_.ast.file;
    const bool ok = EachRemote(plan, [&](PlanRemote* remote) {
      error.range = remote->range;
      if (auto* git = std::get_if<GitSpec>(&remote->spec))
        return LockRepository(before, remotes, remote, *git, &error);
      const HttpSpec& http = std::get<HttpSpec>(remote->spec);
      if (!http.checksum.empty()) return true;
      const std::string key = FileKey(http);
      if (const auto known = before.files.find(key); known != before.files.end()) {
        lock_.files[key] = known->second;
        return true;
      }
      const absl::StatusOr<Digest> digest = DigestOf(programs_, options_, *remote);
      if (!digest.ok()) {
        error.message = std::string(digest.status().message());
        return false;
      }
      lock_.files[key] = *digest;
      return true;
    });
    if (!ok) messages_->Add(error, file_.text);
    return ok;
  }

  bool LockRepository(const LockedNames& before, RemoteResolver* remotes, PlanRemote* remote,
                      const GitSpec& asked, Diagnostic* error) {
    if (!asked.commit.empty()) return true;
    const std::string key = RepositoryKey(asked);
    if (const auto known = before.repositories.find(key); known != before.repositories.end()) {
      lock_.repositories[key] = known->second;
      return true;
    }
    const std::string remote_key = absl::StrCat(asked.remote, " ", asked.ref);
    if (!remotes->ResolveOne(remote, error)) return false;
    return remotes->Find(remote_key, &lock_.repositories[key]);
  }

  const Options& options_;
  const Programs& programs_;
  Messages* messages_;
  ParsedFile file_;
  LockedNames lock_;
};

}  // namespace

std::string LockPath(const Layout& layout) {
  if (layout.dockerfile.empty() || layout.dockerfile == layout.kept_dockerfile()) return "";
  const std::string name(Basename(layout.dockerfile));
  const std::string lock = name == "Dockerfile" ? kLockName : absl::StrCat(name, ".", kLockName);
  return JoinPath(Dirname(layout.dockerfile), lock);
}

bool ReadLock(const Options& options, const Layout& layout, LockedNames* lock, Messages* messages) {
  const std::string path = LockPath(layout);
  const absl::StatusOr<std::string> text =
      path.empty() ? absl::StatusOr<std::string>(absl::NotFoundError("")) : ReadFile(path);
  if (absl::IsNotFound(text.status())) {
    if (!options.locked) return true;
    messages->Error(path.empty() ? "--locked: a Dockerfile that is no file of this machine has no lock file"
                                 : absl::StrCat("--locked: there is no ", path),
                    "`gen lock` writes it");
    return false;
  }
  if (!text.ok()) {
    messages->Error(text.status().message());
    return false;
  }
  Diagnostic error;
  if (ParseLockFile(*text, path, lock, &error)) return true;
  messages->Add(error, *text);
  return false;
}

bool PinRemotes(const Options& options, const LockedNames& lock, Plan* plan, Diagnostic* error) {
  return EachRemote(plan, [&](PlanRemote* remote) {
    if (auto* http = std::get_if<HttpSpec>(&remote->spec)) {
      if (!http->checksum.empty()) return true;
      const auto known = lock.files.find(FileKey(*http));
      if (known != lock.files.end()) {
        http->checksum = known->second;
      } else if (options.locked) {
        return NotPinned(*remote, FileKey(*http), error);
      }
      return true;
    }
    auto& git = std::get<GitSpec>(remote->spec);
    if (!git.commit.empty()) return true;
    const auto known = lock.repositories.find(RepositoryKey(git));
    if (known == lock.repositories.end()) {
      return !options.locked || NotPinned(*remote, RepositoryKey(git), error);
    }
    return RemoteResolver::Complete(known->second, remote, error);
  });
}

int LockCommand(const Options& options, const Programs& programs, Messages* messages) {
  Options all = options;
  all.all_stages = true;
  all.locked = false;
  return Locker(all, programs, messages).Run() ? 0 : 1;
}

}  // namespace kasane
