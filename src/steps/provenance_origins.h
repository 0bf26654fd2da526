// What a file of an image comes from: which step made it, and from which files of the context and which base
// images, by what COPYs copied and what RUNs read.
#ifndef KASANE_SRC_STEPS_PROVENANCE_ORIGINS_H_
#define KASANE_SRC_STEPS_PROVENANCE_ORIGINS_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/context/context_state.h"
#include "src/contract/built_edge.h"
#include "src/contract/record.h"
#include "src/contract/spec.h"
#include "src/store/store.h"
#include "src/tree/delta.h"
#include "src/tree/tree.h"

namespace kasane {

// What a path depends on, all the way down.
struct Origins {
  std::vector<std::string> way;            // "made by ..", from the path to where its content began
  std::set<std::string> steps;             // titles
  std::set<std::string> files;             // of the context, "NAME:path" of a named one
  std::map<std::string, Digest> contents;  // of those of them whose content is known
  std::map<std::string, size_t>
      bases;                     // how many paths of each base image were read; "" if its name is not known
  std::set<std::string> others;  // sources that are neither: URLs, inline files, caches
};

class Provenance {
 public:
  // `edges`: of the build in `directory`. `store` must outlive this.
  Provenance(Store* store, std::string directory, std::vector<BuiltEdge> edges);

  // The records that make the image's tree, bottom first. kNotFound: no image was built.
  absl::StatusOr<std::vector<std::string>> ImageChain() const;
  // kNotFound: the tree of these records has no such path ("app/out.txt").
  absl::StatusOr<Origins> Explain(const std::vector<std::string>& chain, const std::string& path);
  // What a RUN read, and what a COPY copied, up to the RUNs that made it: those stand among the steps.
  absl::StatusOr<Origins> SourcesOf(const std::string& record);

 private:
  // A step as it was built.
  struct Built {
    const BuiltEdge* edge = nullptr;
    Record record;
    Delta delta;
  };
  absl::StatusOr<const Built*> Load(const std::string& record);
  // The step among these that supplies the path; null: the base image, whose record is `base`, or nobody.
  absl::StatusOr<const Built*> Maker(const std::vector<std::string>& chain, const std::string& path,
                                     std::string* base);
  absl::Status Follow(const std::vector<std::string>& chain, const std::string& path, bool first,
                      Origins* origins);
  absl::Status FollowCopy(const Built& step, const CopySpec& spec, const std::string& path, bool first,
                          Origins* origins);
  // Of all that lies at or below a path.
  absl::Status FollowAll(const std::vector<std::string>& chain, const std::string& path, Origins* origins);
  absl::Status FollowRun(const Built& step, const RunSpec& spec, Origins* origins);
  absl::Status FollowRead(const Built& step, const RunSpec& spec, const std::string& root,
                          const std::string& path, Origins* origins);
  // The path in the tree of a stage, at or below one of the words, that has the content of `entry`, and the
  // most of `path`'s end; "" if there is none.
  absl::StatusOr<std::string> FindSource(const std::vector<std::string>& chain,
                                         const std::vector<std::string>& words, const Entry& entry,
                                         const std::string& path);
  // The paths of a stage's tree by what is there (ContentKey).
  using PathsByContent = std::multimap<std::string, std::string>;
  absl::StatusOr<const PathsByContent*> IndexOf(const std::vector<std::string>& chain);
  absl::StatusOr<const InputState*> InputsOf(const std::string& record);
  absl::StatusOr<Tree> Compose(const std::vector<std::string>& chain);
  bool IsContextFile(const std::string& name, const std::string& path) const;
  void AddBase(const std::string& record, bool first, Origins* origins);

  Store* const store_;
  const std::string directory_;
  const std::vector<BuiltEdge> edges_;
  std::map<std::string, const BuiltEdge*> by_record_;
  std::map<std::string, Built> built_;
  std::set<std::pair<std::string, std::string>> followed_;  // (last record of a chain, path)
  std::set<std::string> runs_;                              // whose reads were followed
  bool stops_at_runs_ = false;
  std::map<std::string, PathsByContent> indices_;  // by the last record of a chain
  std::map<std::string, InputState> inputs_;       // by record
};

}  // namespace kasane

#endif  // KASANE_SRC_STEPS_PROVENANCE_ORIGINS_H_
