// A file behind a URL, for ADD.
#ifndef KASANE_SRC_STEPS_HTTP_H_
#define KASANE_SRC_STEPS_HTTP_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/digest.h"
#include "src/contract/spec.h"
#include "src/contract/step.h"
#include "src/store/store.h"

namespace kasane {

// What is known of the file. Kept as a result: of the URL, or of the checksum where there is one.
struct HttpFile {
  Digest content;  // a blob
  int64_t size = 0;
  std::string etag;      // see HttpState
  std::string modified;  // see HttpState
  int64_t mtime = 0;     // what `modified` means, seconds since 1970
};

// With a checksum and a content that the store has, the server is not asked. Else this process becomes
// gen-net, which asks; what the store has from that URL is then taken if the server says that it is the same.
absl::StatusOr<StepOutcome> RunHttpStep(const HttpSpec& spec, const StepContext& context);

// The file that was brought last, if its content is still in the store.
absl::optional<HttpFile> FindHttpFile(const Store& store, const HttpSpec& spec);
// Keeps the file, and writes state and record of the step. kFailedPrecondition, told to the user: another
// checksum.
absl::StatusOr<StepOutcome> FinishHttpStep(const HttpSpec& spec, const StepContext& context,
                                           const HttpFile& file, bool hit);

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_HTTP_H_
