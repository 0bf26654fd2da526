// The lock file beside a Dockerfile: what is pinned there is not looked up anew.
#ifndef KASANE_GENERATOR_LOCK_H_
#define KASANE_GENERATOR_LOCK_H_

#include <string>

#include "generator/compile.h"
#include "generator/layout.h"
#include "generator/options.h"
#include "generator/remotes.h"
#include "generator/resolver.h"
#include "src/config/lock_file.h"
#include "src/plan/plan.h"

namespace kasane {

// Beside a Dockerfile of that name kasane.lock, else NAME.kasane.lock; empty: the Dockerfile is no file of
// this machine.
std::string LockPath(const Layout& layout);

// What is pinned; nothing if there is no such file. False: told; also if --locked wants one.
bool ReadLock(const Options& options, const Layout& layout, LockedNames* lock, Messages* messages);
// Puts commits and checksums into the plan's remotes. False: `error` is about one that --locked refuses.
bool PinRemotes(const Options& options, const LockedNames& lock, Plan* plan, Diagnostic* error);

// `gen lock`: writes the file, of all stages; what it pins already stays, unless there is --pull. An exit
// code.
int LockCommand(const Options& options, const Programs& programs, Messages* messages);

}  // namespace kasane

#endif  // KASANE_GENERATOR_LOCK_H_
