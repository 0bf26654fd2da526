// What a RUN step leaves beside its record for explanations: why it ran or did not, and what it read. Ninja
// does not see it.
//
// `<record>.run`, JSON: {"version":1,"outcome":"ran"|"hit","why":"..","weak":"<hex>","trace":"sha256:..",
//   "trees":[{"name":"","tree":"sha256:..","xattrs":true}..],"below":["<record>"..],"seconds":12.3,
//   "differences":[{"root":"","path":"src/main.go","fact":"content","before":"..","after":"..","asker":"sh >
//   go"}..]}
// trees: those that were asked, by the trace's roots. differences: between the newest earlier execution and
// this one, for "ran" only; asker: who read it then.
#ifndef KASANE_SRC_STEPS_RUN_WHY_H_
#define KASANE_SRC_STEPS_RUN_WHY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/base/json.h"
#include "src/steps/run_results.h"
#include "src/store/store.h"

namespace kasane {

// "content of /src/main.go", "first time here": in a few words, for the line that a step prints.
std::string WhyItRan(const RunMiss& miss);

struct RunWhy {
  std::string outcome;
  std::string why;
  Digest weak;
  Digest trace;  // may be empty: a RUN that failed, or that was not traced
  double seconds = 0;
  std::vector<std::string> below;
};

// Writes `<record>.run`. Saves the trees of `question` in the store, so that explanations can ask them.
absl::Status WriteRunWhy(Store* store, const std::string& record, const RunWhy& why,
                         const RunQuestion& question, const RunMiss& miss);
absl::StatusOr<Json> ReadRunWhy(const std::string& record);
// How long the RUN took when it was last executed here; 0: not known.
double SecondsOfLastRun(const std::string& record);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_RUN_WHY_H_
