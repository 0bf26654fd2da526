// A directory that COPYs read from, the main context or a named one, as all COPYs of a build see it.
#ifndef KASANE_GENERATOR_CONTEXT_READER_H_
#define KASANE_GENERATOR_CONTEXT_READER_H_

#include <string>
#include <vector>

#include "generator/compile.h"
#include "generator/graph.h"
#include "generator/layout.h"
#include "generator/lint_context.h"
#include "src/context/ignore.h"
#include "src/context/scan.h"
#include "src/context/select.h"
#include "src/contract/step.h"
#include "src/plan/plan.h"

namespace kasane {

class ContextReader {
 public:
  // `name`: of a named context, "" for the main one; `root`: its directory, as Layout has paths; `generated`:
  // what is made in it (GeneratedIn). References are kept. The main context's ignore file may stand beside
  // the Dockerfile, that of a named one is its own.
  ContextReader(std::string name, std::string root, std::vector<std::string> generated,
                const ParsedFile& file, Messages* messages);

  // Reads the ignore file. `outputs`: files that edges write (absolute). False: told.
  bool Open(const std::vector<std::string>& outputs);
  ContextBinding Binding() const;
  // For the checks; it points into this. Empty if nothing but generated files was asked for.
  ScannedContext Scanned() const;
  // Adds what a COPY, or the mounts of a RUN, read of it; the salt is that of this context alone. `record`:
  // absolute path of the step's record. False: told.
  bool Select(const PlanStep& step, const std::string& record, ContextInputs* inputs);
  // What, when it changes, makes another graph.
  void AddDepends(std::vector<std::string>* depends) const;

 private:
  bool Fail(const absl::Status& status) const;
  // `problem->source` is an index into PlanStep::source_ranges.
  bool SelectOf(const PlanStep& step, const ContextScan& scan, Selection* selection,
                SelectProblem* problem) const;
  // What the step asks for here.
  std::vector<std::string> WordsOf(const PlanStep& step) const;
  // Brings the whole scan, once. False: told.
  bool ScanWhole();
  std::string ShownIgnoreFile() const;
  void AddFile(const std::string& path, ContextInputs* inputs) const;

  const std::string name_, root_;
  const std::vector<std::string> generated_;
  const ParsedFile& file_;
  const Layout& layout_;
  const std::string seen_root_;  // from the build directory
  Messages* messages_;
  IgnoreFile ignore_;
  IgnoreMatcher matcher_;
  std::vector<std::string> exclude_;
  bool scanned_ = false;
  ContextScan scan_;
};

// What a COPY that found nothing says, at its place in the file.
Diagnostic SelectError(const ParsedFile& file, const PlanStep& step, const SelectProblem& problem);

}  // namespace kasane

#endif  // KASANE_GENERATOR_CONTEXT_READER_H_
