// What a tree answers to the questions of a path set. This is the whole meaning of a trace: a RUN whose
// answers are the same on another tree would do the same there.
#ifndef KASANE_SRC_TRACE_ANSWERS_H_
#define KASANE_SRC_TRACE_ANSWERS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "src/base/digest.h"
#include "src/trace/path_set.h"
#include "src/tree/tree.h"

namespace kasane {

// A tree as it is asked.
struct AskedTree {
  Tree tree;
  bool has_xattrs = true;  // false: known that nothing in it has one
  // Reads a file of the tree, where a path set asks for a part of it. If it cannot, all of the file counts.
  std::function<absl::StatusOr<std::string>(const Node& file)> read;
};

// The digest of all answers, in order. Check tree.status() afterwards.
Digest Answers(const PathSet& set, const AskedTree& asked);

// One answer that two trees do not share.
struct Difference {
  std::string path;
  uint32_t fact = 0;          // one bit
  size_t observation = 0;     // index in the set
  std::string before, after;  // for people: "file 0644 0:0", "absent", "sha256:12ab...", "a b c"
};

// True if both trees give the same answers to everything: Answers() would be equal. What the trees share is
// not looked into, so it takes time in proportion to what differs between them. With `differences`, up to
// `limit` of them are told.
bool SameAnswers(const PathSet& set, const AskedTree& before, const AskedTree& after,
                 std::vector<Difference>* differences = nullptr, size_t limit = 1);

// "content", "listing": what people call a fact.
absl::string_view FactName(uint32_t fact);

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_ANSWERS_H_
