// The command line of `gen`, and the same options as they are remembered for regeneration.
#ifndef KASANE_GENERATOR_OPTIONS_H_
#define KASANE_GENERATOR_OPTIONS_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "src/base/diagnostic.h"
#include "src/contract/build_secrets.h"
#include "src/contract/spec.h"

namespace kasane {

struct OutputOption {
  std::string type;  // "oci" or "docker"
  std::string dest;  // path of the tar
};

struct Annotation {
  enum class Type { kManifest, kIndex, kManifestDescriptor, kIndexDescriptor };
  Type type = Type::kManifest;
  std::string platform;  // of a manifest or its descriptor; empty: of all
  std::string key, value;
};

// What is to be said of the image beside it.
struct Attestations {
  bool sbom = false;
  bool provenance = false;
  bool is_full = false;  // mode=max
};

// Where defaults.h finds defaults: absolute paths, or "".
struct DefaultFiles {
  std::string persons, projects;
};

// How the image's layers are compressed: as in LayerSpec.
struct CompressionOption {
  std::string type = "gzip";
  int level = 0;  // 0: the type's own
};

struct Options {
  std::string context = ".";  // as given: context_argument.h
  std::string file;           // as given; empty: CONTEXT/Dockerfile; "-": standard input
  std::string build_dir;      // as given; empty: the context, or "." if that is no directory
  // --build-context, by Reference::ShortName of its name, as given (context_argument.h).
  std::map<std::string, std::string> build_contexts;
  std::vector<std::string> generated;    // as given: generated_files.h
  std::vector<std::string> build_trees;  // as given
  std::string emit = "ninja";            // or cmake
  std::vector<std::string> tags;
  std::map<std::string, std::string> build_args;
  std::string target;
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<Annotation> annotations;
  Attestations attestations;
  std::string network = "default";
  std::vector<std::string> add_hosts;
  std::vector<std::string> ulimits;
  int64_t shm_size = 0;                      // bytes
  BuildSecrets secrets;                      // --secret, --ssh: where they are, never what they are
  std::vector<std::string> allow;            // see PlanOptions
  std::vector<std::string> cdi_directories;  // absolute; empty: CdiDirectories
  std::vector<std::string> platforms;        // normalised; none: the host's; several: an index
  CompressionOption compression;
  absl::optional<OutputOption> output;
  Epoch epoch;  // $SOURCE_DATE_EPOCH, or the build argument of that name
  bool pull = false;
  bool locked = false;
  bool no_cache = false;
  bool no_warm = false;
  int64_t stat_level = 1;  // 1 to 3: what a stat means at least (Profiles::WithLeastLevel)
  std::string profiles;    // as given: a file of tool profiles; empty: project_profiles.h
  std::string fresh;       // the nonce of an earlier --no-cache, remembered
  bool help = false;
  bool wrong_value = false;  // ParseOptions failed over what an option was given, not over the command line
  bool json = false;         // for `gen graph`
  bool stats = false;
  std::string trace;            // a file; empty: none
  std::string call = "build";   // or check, outline, targets
  std::string format = "text";  // of what `call` prints: text, json; of check also sarif
  std::string ninja_prefix;  // no option: what the names in ninja begin with, if that is known (workspace.h)
  // No option: the build directory as who runs ninja sees it, for the Dockerfile's name in messages; "PATH/".
  std::string shown_prefix;
  std::string
      shared_resolved;      // no option: a file like resolved.json for all images of a workspace, or empty
  bool all_stages = false;  // no option: looks at stages that the target does not need too
  std::set<std::string> given;  // no option: names of those that were given; sbom and provenance are attest
  DefaultFiles defaults;        // no option: where the rest comes from (defaults.h)
  std::shared_ptr<const Options> typed;  // no option: these without defaults; null: the same
};

// What the environment says, as a function for the sake of tests: nullopt if unset.
using Environment = absl::optional<std::string> (*)(const std::string& name);
absl::optional<std::string> ProcessEnvironment(const std::string& name);

// Parses the words after the program's (or the sub-command's) name. False: `error` says why; the exit code
// is 1 after a wrong value (Options::wrong_value), else 2.
bool ParseOptions(const std::vector<std::string>& args, Environment environment, Options* options,
                  Diagnostic* error);

// The words that give these options again (--pull, --no-cache, --stats, --trace and -C excepted; the nonce
// stays), all of them with values resolved. What came from the environment is in them, so that a regeneration
// does not depend on it.
std::vector<std::string> RememberedArguments(const Options& options);

// The text of `gen --help`: made from the same table that is parsed by.
std::string HelpText();

}  // namespace kasane

#endif  // KASANE_GENERATOR_OPTIONS_H_
