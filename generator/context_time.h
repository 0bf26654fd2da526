// What SOURCE_DATE_EPOCH means when it is the name of a context or stage with a remote source.
#ifndef KASANE_GENERATOR_CONTEXT_TIME_H_
#define KASANE_GENERATOR_CONTEXT_TIME_H_

#include <string>

#include "generator/remotes.h"
#include "src/plan/plan.h"

namespace kasane {

// The time of the commit; of a file behind a URL its Last-Modified, or else, if it is an archive, that of the
// newest file in it; or nothing. The steps are run as for a main context. `remotes` keeps the answer, so that
// a regeneration asks nobody. False: `message`.
bool FindContextTime(const std::string& gen, const std::string& state, PlanContext context,
                     RemoteResolver* remotes, Epoch* time, std::string* message);

}  // namespace kasane

#endif  // KASANE_GENERATOR_CONTEXT_TIME_H_
