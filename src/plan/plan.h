// The plan: a Dockerfile after evaluation. Only stages that the target needs, variables expanded, every
// default made explicit, each step already a spec of the edge contract.
#ifndef KASANE_SRC_PLAN_PLAN_H_
#define KASANE_SRC_PLAN_PLAN_H_

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "src/base/diagnostic.h"
#include "src/base/json.h"
#include "src/contract/spec.h"
#include "src/dockerfile/ast.h"
#include "src/dockerfile/check_options.h"
#include "src/oci/reference.h"
#include "src/oci/resolved_image.h"
#include "src/plan/build_args.h"

namespace kasane {

// A source of ADD that lies on the network: an edge of its own brings it.
struct PlanRemote {
  Spec spec;             // HttpSpec, or GitSpec whose `commit` may still be open (generator/remotes.h)
  std::string checksum;  // git: how the commit's name must begin
  SourceRange range;     // of the source's word
  std::string salt;      // http: for the edge's command (http_state.h)
};

// What the context is, or what a name stands for instead of a stage or an image (--build-context).
struct PlanContext {
  enum class Kind {
    kDirectory,  // on this machine; COPY reads it as "context:NAME", the main one as "context"
    kFiles,      // a tree that steps make
    kImage,
    kStage,
  };
  Kind kind = Kind::kDirectory;
  // kImage: a reference, "scratch", "oci-layout:/PATH[:TAG|@DIGEST]", or "built:/STATE" (built_base.h).
  // kStage: a stage's name or number.
  std::string value;
  // kFiles: the COPY or ADD that makes the tree out of nothing; without sources the tree is empty.
  CopySpec copy;
  std::vector<PlanRemote> remotes;  // one for each of copy.remotes
};
// By name, as Reference::ShortName gives it, so that "docker.io/library/alpine:latest" is "alpine", or by
// ContextKey, which comes first; "" is the main context.
using PlanContexts = std::map<std::string, PlanContext>;

struct PlanOptions {
  std::map<std::string, std::string> build_args;
  std::string target;  // stage name or index; empty: the last stage
  std::vector<std::pair<std::string, std::string>> labels;
  std::string network = "default";
  std::vector<std::string> add_hosts;  // "name:ip"
  std::vector<std::string> ulimits;
  int64_t shm_size = 0;
  int64_t stat_level = 1;  // for RunSpec, as `profiles`
  std::string profiles;
  bool (*can_run)(const Platform& platform) = nullptr;  // null: every RUN can be run
  std::vector<std::string> allow;  // network.host, security.insecure, device: what RUNs may ask for
  Platform build_platform;
  Platform target_platform;
  bool platform_given = false;    // --platform stood on the command line
  bool one_of_many = false;       // there are others: stages' ids begin with the platform, "linux-arm64/"
  bool has_statements = false;    // others stand beside the image in an index: statements about it
  std::vector<std::string> tags;  // full references for the image
  std::vector<std::pair<std::string, std::string>> annotations;
  Epoch epoch;
  bool warm = false;        // RUNs may be offered warm tools (warm_runs.h)
  bool all_stages = false;  // evaluates stages that the target does not need too
  // True if a clean path of the main context is left out by an ignore file that takes nothing back; null:
  // there is no such file.
  std::function<bool(const std::string& path)> is_ignored;
  PlanContexts contexts;  // without a main one that is a directory
  Epoch context_time;     // what SOURCE_DATE_EPOCH=context means, if it means anything
  // The same of a context of files, remotes and all; false: the message says why it cannot be had. Null: no
  // context has a time.
  std::function<bool(const PlanContext& context, Epoch* time, std::string* message)> time_of;
};

// One effect of a stage.
struct PlanStep {
  Spec spec;              // CopySpec, WorkdirSpec or RunSpec
  SourceRange range;      // of the whole instruction
  std::string text;       // the instruction on one line, as written, continuation lines joined by blanks
  int source_stage = -1;  // copy from a stage: index into Plan::stages
  // One for each of CopySpec::sources, or of RunSpec::mounts.
  std::vector<SourceRange> source_ranges;
  std::vector<PlanRemote> remotes;  // one for each of CopySpec::remotes
  // Stages that bind mounts read: (index into MountSpec list, index into Plan::stages).
  std::vector<std::pair<int, int>> mount_stages;
  std::string layer;  // "# kasane: layer NAME" above it: it shares a layer with its neighbours of that name
  std::vector<Word> comments;  // above the instruction: they may switch checks off
};

struct PlanStage {
  int index = 0;  // in the Dockerfile, from 0; implicit stages (COPY --from=image) get numbers after the last
  std::string name;  // as in "AS name", lower case; empty if none
  // Unique in the plan, fit for a file name and a ninja path: the name if it is one of [a-z0-9_.-]+ and
  // unique, else the index.
  std::string id;
  bool main_context = false;           // it is the tree of a main context that is no directory
  SourceRange range;                   // of FROM
  int parent = -1;                     // FROM another stage: index into Plan::stages
  absl::optional<ResolvedImage> base;  // FROM an image; neither parent nor base: scratch
  std::vector<PlanStep> steps;         // its own, without the parent's
  std::string description;             // from the comment "# NAME TEXT" above FROM
  std::vector<BuildArg> args;          // what --build-arg can set in it alone
  // The image that this stage would give. `steps` of History counts all steps of the chain (parents' first).
  ImageSpec image;
};

struct Plan {
  std::vector<PlanStage> stages;  // what the target needs, each after all that it needs
  int target = 0;                 // index into stages
  LayerSpec layer;                // how its layers are compressed; without their epoch
  std::vector<Diagnostic> warnings;
  CheckOptions checks;  // for those that come later
};

}  // namespace kasane

#endif  // KASANE_SRC_PLAN_PLAN_H_
