// What a RUN costs, in CPU time and FUSE requests: figures that hold on a busy machine too.
//
// usage: run_cost [OPTION].. STORE RECORD.. -- PROGRAM [ARGUMENT]..
//   STORE, RECORD..   a store, and the records of the steps below (.kasane/records/..)
//   --times=N         so often in turn (1); each of them is reported
//   --observe         with an observer, as every RUN has
//   --expect          from the second time on, what the first one read is expected
//   --no-xattrs       the tree has no xattrs
//   --network=NAME    host (else none), none or default
//   --env=NAME=VALUE, --workdir=PATH, --add-host=NAME:ADDRESS
//   --quiet           what the program prints is not shown
// One line for each: wall time, CPU time of this process (lowerfs and the delta) and of the RUN, user +
// system, then the number of requests of each kind.
#include <linux/fuse.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "src/base/status.h"
#include "src/contract/record.h"
#include "src/sandbox/sandbox.h"
#include "src/store/store.h"
#include "src/store/tree_store.h"

namespace kasane {
namespace {

// Notes what was read, as a trace does.
class Noter : public Observer {
 public:
  bool OnLookup(uint32_t, const SeenNode&, absl::string_view, const SeenNode*) override { return false; }
  bool OnGetattr(uint32_t, const SeenNode&) override { return true; }
  bool OnSize(uint32_t, const SeenNode&) override { return true; }
  void OnReadlink(uint32_t, const SeenNode&) override {}
  void OnOpen(uint32_t, const SeenNode& node, uint32_t) override { Note(node); }
  void OnRead(uint32_t, const SeenNode& node) override { Note(node); }
  void OnOpendir(uint32_t, const SeenNode&) override {}
  void OnReaddir(uint32_t, const SeenNode&) override {}
  void OnReleasedir(const SeenNode&) override {}
  void OnGetxattr(uint32_t, const SeenNode&, absl::string_view) override {}
  void OnListxattr(uint32_t, const SeenNode&) override {}
  void OnNoXattrs() override {}
  bool TakesAllStrictly(uint32_t, const SeenNode&) override { return true; }

  absl::flat_hash_set<std::string> Take() {
    absl::MutexLock lock(&mutex_);
    return std::move(read_);
  }

 private:
  void Note(const SeenNode& node) {
    absl::MutexLock lock(&mutex_);
    read_.insert(node.path());
  }
  absl::Mutex mutex_;
  absl::flat_hash_set<std::string> read_ ABSL_GUARDED_BY(mutex_);
};

struct Job {
  int times = 1;
  bool observe = false, expect = false, quiet = false;
  std::string store;
  std::vector<std::string> records;
  SandboxOptions options;
};

absl::StatusOr<Job> ParseArguments(int argc, char** argv) {
  Job job;
  int i = 1;
  for (; i < argc && absl::StartsWith(argv[i], "--"); ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--times=")) {
      if (!absl::SimpleAtoi(argument, &job.times)) return absl::InvalidArgumentError("--times: not a number");
    } else if (argument == "--observe") {
      job.observe = true;
    } else if (argument == "--expect") {
      job.observe = job.expect = true;
    } else if (argument == "--no-xattrs") {
      job.options.no_xattrs = true;
    } else if (argument == "--quiet") {
      job.quiet = true;
    } else if (absl::ConsumePrefix(&argument, "--network=")) {
      job.options.network = argument == "none"   ? Network::kNone
                            : argument == "host" ? Network::kHost
                                                 : Network::kIsolated;
    } else if (absl::ConsumePrefix(&argument, "--env=")) {
      job.options.env.emplace_back(argument);
    } else if (absl::ConsumePrefix(&argument, "--workdir=")) {
      job.options.workdir = std::string(argument);
    } else if (absl::ConsumePrefix(&argument, "--add-host=")) {
      job.options.add_hosts.push_back(absl::StrSplit(argument, absl::MaxSplits(':', 1)));
    } else {
      return absl::InvalidArgumentError(absl::StrCat(argument, ": unknown"));
    }
  }
  if (i < argc) job.store = argv[i++];
  for (; i < argc && absl::string_view(argv[i]) != "--"; ++i) job.records.emplace_back(argv[i]);
  job.options.argv.assign(argv + std::min(i + 1, argc), argv + argc);
  if (job.options.argv.empty()) {
    return absl::InvalidArgumentError("usage: run_cost [OPTION].. STORE RECORD.. -- PROGRAM [ARGUMENT]..");
  }
  return job;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

struct Clock {
  std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
  rusage self = {}, children = {};
  Clock() {
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
  }
};

void Report(const Clock& start, const SandboxResult& result) {
  Clock end;
  auto cpu = [](const rusage& a, const rusage& b) {
    return std::make_pair(Seconds(b.ru_utime) - Seconds(a.ru_utime),
                          Seconds(b.ru_stime) - Seconds(a.ru_stime));
  };
  auto [user, system] = cpu(start.self, end.self);
  auto [run_user, run_system] = cpu(start.children, end.children);
  printf("exit %d wall %.4f self %.4f+%.4f run %.4f+%.4f entries %zu", result.exit_code,
         std::chrono::duration<double>(end.wall - start.wall).count(), user, system, run_user, run_system,
         result.delta.entries().size());
  static constexpr std::pair<int, const char*> kNames[] = {{FUSE_LOOKUP, "lookup"},
                                                           {FUSE_GETATTR, "getattr"},
                                                           {FUSE_READLINK, "readlink"},
                                                           {FUSE_OPEN, "open"},
                                                           {FUSE_READ, "read"},
                                                           {FUSE_RELEASE, "release"},
                                                           {FUSE_OPENDIR, "opendir"},
                                                           {FUSE_READDIR, "readdir"},
                                                           {FUSE_READDIRPLUS, "readdirplus"},
                                                           {FUSE_RELEASEDIR, "releasedir"},
                                                           {FUSE_GETXATTR, "getxattr"},
                                                           {FUSE_LISTXATTR, "listxattr"}};
  uint64_t all = 0;
  for (uint64_t count : result.requests) all += count;
  printf(" requests %llu:", static_cast<unsigned long long>(all));
  for (const auto& [code, name] : kNames) {
    uint64_t count = result.requests[static_cast<size_t>(code)];
    if (count > 0) printf(" %s %llu", name, static_cast<unsigned long long>(count));
  }
  printf("\n");
  fflush(stdout);
}

absl::Status Main(Job job) {
  ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(job.store));
  ASSIGN_OR_RETURN(Chain chain, ReadChain(job.records));
  ASSIGN_OR_RETURN(Tree below, ComposeTree(store.get(), chain.base_tree, chain.deltas));
  Noter noter;
  absl::flat_hash_set<std::string> expected;
  SandboxOptions& options = job.options;
  if (job.observe) options.observer = &noter;
  if (!job.quiet)
    options.output = [](absl::string_view text) { fwrite(text.data(), 1, text.size(), stderr); };
  for (int i = 0; i < job.times; ++i) {
    Clock start;
    absl::StatusOr<SandboxResult> result = RunInSandbox(store.get(), below, options);
    RETURN_IF_ERROR(result.status());
    Report(start, *result);
    if (!job.expect || i > 0) continue;
    expected = noter.Take();
    options.expected = [&expected](const SeenNode& directory, const Node& child) {
      std::string path = directory.path();
      return expected.contains(path.empty() ? child.name : absl::StrCat(path, "/", child.name));
    };
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace kasane

int main(int argc, char** argv) {
  absl::StatusOr<kasane::Job> job = kasane::ParseArguments(argc, argv);
  absl::Status status = job.ok() ? kasane::Main(*std::move(job)) : job.status();
  if (status.ok()) return 0;
  fprintf(stderr, "run_cost: %s\n", std::string(status.message()).c_str());
  return 1;
}
