// What a word of the command line means as a context: CONTEXT itself, or the value of --build-context.
#ifndef KASANE_GENERATOR_CONTEXT_ARGUMENT_H_
#define KASANE_GENERATOR_CONTEXT_ARGUMENT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "src/base/diagnostic.h"
#include "src/plan/remote_ref.h"

namespace kasane {

struct ContextArgument {
  enum class Kind {
    kDirectory,
    kStandardInput,  // "-"
    kGit,
    kUrl,     // http(s)://
    kImage,   // docker-image://REFERENCE
    kLayout,  // oci-layout://PATH[:TAG][@DIGEST]
    kBuilt,   // build://PATH: the image that another build of gen makes there
    kStage,   // target:STAGE
  };
  Kind kind = Kind::kDirectory;
  // kDirectory, kLayout and kBuilt: a path as given; kUrl: the URL; kImage: the reference; kStage: the stage.
  std::string value;
  std::string tag;  // kLayout: ":TAG" or "@DIGEST", or empty
  GitRef git;
};

// As docker buildx tells them apart. The main context may be "-"; a directory that is there is one, whatever
// its name looks like. False: `error` is one fact about the word.
bool ParseMainContext(const std::string& word, ContextArgument* argument, Diagnostic* error);
bool ParseNamedContext(const std::string& name, const std::string& word, ContextArgument* argument,
                       Diagnostic* error);
// The word that means `argument` again, with `path` in the place of its path.
std::string ContextWord(const ContextArgument& argument, const std::string& word, const std::string& path);

}  // namespace kasane

#endif  // KASANE_GENERATOR_CONTEXT_ARGUMENT_H_
