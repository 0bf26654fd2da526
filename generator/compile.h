// From options to a graph: everything that `gen` finds out before it writes anything.
#ifndef KASANE_GENERATOR_COMPILE_H_
#define KASANE_GENERATOR_COMPILE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "generator/build_source.h"
#include "generator/graph.h"
#include "generator/layout.h"
#include "generator/options.h"
#include "generator/remotes.h"
#include "generator/resolver.h"
#include "src/base/diagnostic.h"
#include "src/contract/step.h"
#include "src/dockerfile/ast.h"
#include "src/oci/built_base.h"
#include "src/plan/plan.h"

namespace kasane {

// What is to be told to the user, rendered.
class Messages {
 public:
  explicit Messages(bool color) : color_(color) {}
  void Add(const Diagnostic& diagnostic, absl::string_view source = "") {
    text_ += Render(diagnostic, source, color_);
    diagnostics_.push_back(diagnostic);
  }
  void Add(const std::vector<Diagnostic>& diagnostics, absl::string_view source) {
    for (const Diagnostic& diagnostic : diagnostics) Add(diagnostic, source);
  }
  // Without a place.
  void Error(absl::string_view message, absl::string_view help = "") { Say(Severity::kError, message, help); }
  void Warning(absl::string_view message, absl::string_view help = "") {
    Say(Severity::kWarning, message, help);
  }
  // What is worth knowing, though nothing is wrong.
  void Note(absl::string_view text) {
    if (!text.empty()) absl::StrAppend(&text_, "note: ", text, "\n");
  }
  const std::string& text() const { return text_; }
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  void Say(Severity severity, absl::string_view message, absl::string_view help);

  bool color_;
  std::string text_;
  std::vector<Diagnostic> diagnostics_;
};

// The Dockerfile, read and parsed, and where it and the context come from.
struct ParsedFile {
  BuildSource source;
  Layout layout;
  std::string text;
  DockerfileAst ast;
};
// See ReadBuildSource. False: told.
bool ReadDockerfile(const Options& options, const Programs& programs, RemoteResolver* remotes,
                    bool regenerate, ParsedFile* file, Messages* messages);

// One plan for each platform of the options. `resolver` has been loaded. False: told.
bool MakePlans(const Options& options, const ParsedFile& file, CachedResolver* resolver,
               std::vector<Plan>* plans, Messages* messages);

// The same without a lock file: what the resolver knows alone counts.
bool EvaluatePlans(const Options& options, const ParsedFile& file, CachedResolver* resolver,
                   std::vector<Plan>* plans, Messages* messages);

struct Compiled {
  std::vector<Plan> plans;
  Graph graph;
  ContextBindings bindings;
  std::vector<BuiltBase> bases;               // the images as others see them that are FROM them
  std::map<std::string, StepOrigin> origins;  // by record, as commands name it
  // What, when it changes, makes another graph: absolute paths of files and directories that exist.
  std::vector<std::string> depends;
};
// Plan, context and graph. False: told.
bool Compile(const Options& options, const ParsedFile& file, CachedResolver* resolver,
             RemoteResolver* remotes, Compiled* compiled, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_COMPILE_H_
