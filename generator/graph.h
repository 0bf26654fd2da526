// The build graph, as plain data: one edge per pulled layer, base, instruction, layer and output. It knows
// nothing of ninja; emitters (ninja_writer.h, json_writer.h) turn it into text.
#ifndef KASANE_GENERATOR_GRAPH_H_
#define KASANE_GENERATOR_GRAPH_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"
#include "src/base/digest.h"
#include "src/plan/plan.h"

namespace kasane {

// Where edges may run at once. How many of a kind is the emitter's affair.
enum class Pool {
  kNone,
  kPull,      // waits for the network
  kTerminal,  // owns the terminal while it runs
};

struct GraphEdge {
  // SpecKind; "chain": of a chain file (src/contract/chain_file.h), which has no spec; "built": no edge of
  // this graph but the image of another build that it reads. Emitters name its record alone.
  std::string kind;
  Digest spec;  // key into Graph::specs
  // Edges whose records this one reads, as indices into Graph::edges, all smaller than its own.
  std::vector<int> below;   // all records below it in its stage, bottom first; of the stage that this one is
                            // FROM one chain file may stand there instead, and in `source` too
  std::vector<int> source;  // what else the kind reads, in the order that its spec asks for (spec.h)
  // Context files that it reads: relative to the build directory, or absolute. Sorted, unique.
  std::vector<std::string> files;
  // Output: relative to the state directory; built: relative to the build directory, or absolute.
  std::string record;
  std::vector<std::string> products;  // further outputs: the same
  std::vector<std::string> beside;    // products of others that it reads: the same
  std::string dest;                   // archive: the tar, if elsewhere; as `files`, an output too
  std::string log;                    // relative to the state directory; empty: none
  std::string salt;                   // StepArgs::salt
  bool cached = false;                // an instruction's: --no-cache applies to it
  bool always = false;                // runs whenever it is asked for and leaves no record
  Pool pool = Pool::kNone;
  std::string title;  // one line for the terminal
  // Where it comes from: for people, never part of a command.
  std::string stage;  // PlanStage::id, empty: no single stage
  SourceRange range;  // line 0: no single instruction
  std::string text;   // the instruction on one line; built: the image's name

  bool is_built() const { return kind == "built"; }
};

struct GraphTarget {
  std::string name;  // "image", "stage/build"
  std::vector<int> edges;
};

struct Graph {
  std::vector<GraphEdge> edges;  // each after all that it reads
  std::vector<GraphTarget> targets;
  std::string default_target;
  std::map<Digest, std::string> specs;  // canonical JSON
};

// What a COPY reads from the context.
struct ContextInputs {
  std::vector<std::string> files;  // GraphEdge::files
  std::string salt;
};
// [index into Plan::stages][index into PlanStage::steps]; steps that read no context have an empty one.
// Missing entries count as empty.
using StepInputs = std::vector<std::vector<ContextInputs>>;

// Statements about an image that are made beside it (--attest).
struct AttestationPlan {
  bool sbom = false;
  bool provenance = false;
  bool is_full = false;  // as what follows: ProvenanceSpec
  std::string build_platform;
  std::vector<std::pair<std::string, std::string>> request;
  std::vector<std::string> secrets, ssh;
};

// What makes one image of several, or of one with statements about it (only then is there one).
struct IndexPlan {
  IndexSpec spec;
  AttestationPlan attest;
  bool is_for_statements = false;      // there is one image
  std::vector<std::string> platforms;  // of the plans, as Platform::Slug
};

// Records are named records/STAGE/N-KIND.json, N being the step's place in its stage, from 1; those of base
// images records/base/NAME/N-pull.json and base.json, those of remote sources
// records/remote/NAME-SPEC-KIND.json. "records/build/1-copy.json": of the stage's step with this index.
std::string StepRecord(const PlanStage& stage, size_t index);
// "records/remote/x.tar.gz-0123456789ab-http.json": of a remote source's edge, once its spec is complete.
std::string RemoteRecord(const Spec& spec);
// `dest`: where the default target is to write the archive too (GraphEdge::dest), or empty.
Graph BuildGraph(const Plan& plan, const StepInputs& inputs, const std::string& dest = "");
// An index of images, one for each of the plans, which stem from one Dockerfile. A step that is the same for
// two platforms (spec and all that is below it) is there once.
Graph BuildIndexGraph(const std::vector<Plan>& plans, const std::vector<StepInputs>& inputs,
                      const IndexPlan& index, const std::string& dest = "");

// The same graph without chain files: each edge names all the records that it reads. For builds that hand an
// action only what it names.
Graph WithoutChains(const Graph& graph);

// What a command needs beside its edge.
struct CommandContext {
  std::string gen;                // path of the program
  std::string state = ".kasane";  // the state directory, relative to where commands run
  std::string store;              // Store::identity()
  std::string fresh;              // nonce of --no-cache, or empty
  std::string first =
      {};  // what ninja makes before the graph is made again, in the build directory; or empty
};
// The edge's record, to be named in the build directory.
std::string RecordPath(const GraphEdge& edge, const std::string& state);
// The edge's options, between "gen step --dir D --store S" and the lists of records.
std::vector<std::string> StepOptions(const GraphEdge& edge, const CommandContext& context);
// The whole command of an edge (src/contract/step.h), to be run in the build directory.
std::vector<std::string> StepCommand(const Graph& graph, const GraphEdge& edge,
                                     const CommandContext& context);

}  // namespace kasane

#endif  // KASANE_GENERATOR_GRAPH_H_
