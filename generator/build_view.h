// How `gen build` shows a build: one class for each --progress.
#ifndef KASANE_GENERATOR_BUILD_VIEW_H_
#define KASANE_GENERATOR_BUILD_VIEW_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "generator/build_progress.h"
#include "src/contract/progress.h"

namespace kasane {

struct SummarizedImage {
  std::string name;   // of a workspace's image; "": it is the only one
  int64_t size = -1;  // of its compressed layers; -1: not known
  std::string digest;
};

struct BuildSummary {
  int ran = 0, hits = 0;  // instructions
  double saved = 0;       // seconds that RUNs took when they last ran and did not now
  absl::Duration took;
  std::vector<SummarizedImage> images;  // that are there
};

class BuildView {
 public:
  virtual ~BuildView() = default;
  // `lines`: what a log is longer by.
  virtual void Show(const StepNews& news, const ShownStep& step, const std::vector<std::string>& lines) = 0;
  virtual void Tick(const BuildProgress& progress) = 0;
  // No more comes: what moves is taken away.
  virtual void End() = 0;
  virtual void Summarize(const BuildSummary& summary) = 0;
};

// `mode`: auto, tty, plain, json or quiet; null for another word. What is shown goes to standard output.
std::unique_ptr<BuildView> MakeBuildView(const std::string& mode);

}  // namespace kasane

#endif  // KASANE_GENERATOR_BUILD_VIEW_H_
