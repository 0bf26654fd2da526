// The Dockerfile's text and the main context, wherever they come from: a directory, standard input, a
// repository, a URL.
//
// What gen reads of standard input or of a URL is kept, so that ninja can regenerate without either, in
// `.kasane/inputs`: the Dockerfile as "Dockerfile", if it is no file of this machine; a tar or a file behind
// a URL under its digest; and inputs.json, which says what they are.
//   {"version":1,"content":"sha256:..","is_archive":true,"url":"http://..","etag":"..","modified":1}
#ifndef KASANE_GENERATOR_BUILD_SOURCE_H_
#define KASANE_GENERATOR_BUILD_SOURCE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "generator/layout.h"
#include "generator/options.h"
#include "generator/remotes.h"
#include "src/base/diagnostic.h"
#include "src/plan/plan.h"
#include "src/store/store.h"
#include "src/tree/tree.h"

namespace kasane {

struct Programs {
  std::string gen;      // absolute path of this program, for the commands of edges
  std::string gen_net;  // path of gen-net
};

// A context as it was read, in one piece.
struct KeptInput {
  Digest content;  // a blob; empty: there is none
  bool is_archive = false;
  std::string url;   // where it comes from; empty: standard input
  std::string etag;  // of the URL, or empty
  Epoch modified;    // Last-Modified of the URL, if the server says it
};

struct BuildSource {
  Layout layout;
  std::string dockerfile;               // its text
  absl::optional<PlanContext> context;  // nullopt: the directory layout.context
  // What SOURCE_DATE_EPOCH=context means: seconds since 1970, or nothing.
  Epoch time;
  // PlanOptions::time_of; it refers to the RemoteResolver that was given.
  std::function<bool(const PlanContext&, Epoch*, std::string*)> time_of;
  KeptInput kept;
  std::shared_ptr<Store> store;  // where the tree lies; null as long as nobody needs it
  Tree tree;                     // of `context`
};

// `remotes` resolves branches. `regenerate`: nobody is asked, what is kept counts. False: `error`.
bool ReadBuildSource(const Options& options, const Programs& programs, RemoteResolver* remotes,
                     bool regenerate, BuildSource* source, Diagnostic* error);

// Brings `.kasane/inputs` up to date; nothing to keep: it goes.
absl::Status WriteInputs(const BuildSource& source);

}  // namespace kasane

#endif  // KASANE_GENERATOR_BUILD_SOURCE_H_
