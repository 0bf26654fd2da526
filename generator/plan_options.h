// From the command line to what the planner takes.
#ifndef KASANE_GENERATOR_PLAN_OPTIONS_H_
#define KASANE_GENERATOR_PLAN_OPTIONS_H_

#include <string>
#include <vector>

#include "generator/build_source.h"
#include "generator/graph.h"
#include "generator/options.h"
#include "src/base/diagnostic.h"
#include "src/plan/plan.h"

namespace kasane {

// One for each platform of the options, at least one. False: `error` is about the first option that is wrong.
bool MakePlanOptions(const Options& options, const BuildSource& source, std::vector<PlanOptions>* out,
                     Diagnostic* error);
// Whether an index is to be made: there are several platforms, or the build argument BUILDKIT_MULTI_PLATFORM
// asks for one of a single platform.
bool MakesIndex(const Options& options);
// Whether statements about the image are asked for (--attest), for whose sake there is an index too.
bool HasStatements(const Options& options);
IndexPlan MakeIndexPlan(const Options& options);

// Adds to `depends` (Compiled::depends) what no scan of a context finds.
void AddDepends(const Options& options, const Layout& layout, std::vector<std::string>* depends);

}  // namespace kasane

#endif  // KASANE_GENERATOR_PLAN_OPTIONS_H_
