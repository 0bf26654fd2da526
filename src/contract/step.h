// How an edge calls a step: `gen step [options] SPEC OUT`, run by ninja in the build directory.
#ifndef KASANE_SRC_CONTRACT_STEP_H_
#define KASANE_SRC_CONTRACT_STEP_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"
#include "src/base/digest.h"
#include "src/contract/progress.h"
#include "src/contract/spec.h"

namespace kasane {

class Store;

// gen step --dir .kasane [--store ID] [--salt S] [--fresh NONCE] [--log F] [--dest F] [--below R...]
// [--source R...] [--touch] -- SPEC OUT
struct StepArgs {
  std::string dir;  // the state directory, ".kasane" or a path to it: specs, context.json, steps.json
  Digest spec;      // 64 hex digits
  std::string out;  // the record to write
  std::vector<std::string> below;   // records below this step in its stage, bottom first
  std::vector<std::string> source;  // see the specs
  std::string store_identity;       // only so that the command changes with the store; not used
  std::string salt;                 // copy, http: what gen saw that ninja cannot
  std::string fresh;                // --no-cache: do not look results up; publish over them
  std::string log;                  // run: where the output goes
  std::string dest;                 // archive: the file to write; empty: DIR/out/image.tar
  bool console = false;             // run: this edge has the terminal (ninja's console pool)
  bool touch = false;  // the record gets a new mtime, equal or not: for make, which has no restat
};
absl::StatusOr<StepArgs> ParseStepArgs(const std::vector<std::string>& args);

// `.kasane/context.json`: where the contexts are on this machine. Written by gen, read by COPY steps; outside
// the specs so that two checkouts share results.
//   {"version":1,"contexts":{"":{"root":"..","ignore":["*.md","!README.md"],"exclude":[".kasane","build.ninja"],
//    "generated":["bin/server","dist/"]}}}
// root: relative to the build directory, or absolute. ignore: the patterns of the ignore file, cleaned, in
// order. exclude: what gen itself writes into that root; never part of the context. generated: what other
// rules of the build make there (src/context/generated.h); left out if there is nothing.
struct ContextBinding {
  std::string root;
  std::vector<std::string> ignore;
  std::vector<std::string> exclude;
  std::vector<std::string> generated;
};
using ContextBindings = std::map<std::string, ContextBinding>;  // by name; "" is the main context
std::string EncodeContextBindings(const ContextBindings& bindings);
absl::StatusOr<ContextBindings> ReadContextBindings(const std::string& dir);

// `.kasane/steps.json`: for messages only, so a new comment in the Dockerfile dirties nothing.
//   {"version":1,"dockerfile":"Dockerfile","steps":{"<out>":{"line":7,"column":1,"end_line":7,"end_column":40,
//    "text":"RUN go build","stage":"0"}}}
// Line ends: after the head, and after each step, so that a reader parses its own step alone.
struct StepOrigin {
  std::string
      dockerfile;  // path as given, readable from the build directory; "" if it came from standard input
  SourceRange range;
  std::string text;  // the instruction on one line
  std::string stage;
};
std::string EncodeStepOrigins(const std::string& dockerfile,
                              const std::map<std::string, StepOrigin>& origins);
// An origin with line 0 if there is none.
StepOrigin ReadStepOrigin(const std::string& dir, const std::string& out);

// What a step's code gets.
struct StepContext {
  StepArgs args;
  Store* store = nullptr;
  Progress progress;
  // The build directory as who runs the steps sees it, with a slash at its end; "" is where they run.
  std::string directory;
  StepOrigin origin() const { return ReadStepOrigin(args.dir, args.out); }
};

// How a step ended. The caller (gen step) prints `line` ("hit RUN go build", "ran RUN go build 12.3 s") and
// exits 0. On a non-OK Status it prints "kasane: <message>" and exits 1; a step that has printed a Diagnostic
// of its own returns a status with an empty message.
struct StepOutcome {
  std::string line;
};

}  // namespace kasane

#endif  // KASANE_SRC_CONTRACT_STEP_H_
