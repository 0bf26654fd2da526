// The system calls that a RUN may make: Docker's default profile, for the capabilities that a RUN has.
#ifndef KASANE_SRC_SANDBOX_SECCOMP_PROFILE_H_
#define KASANE_SRC_SANDBOX_SECCOMP_PROFILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace kasane {

// A loadable program: an array of struct sock_filter, as bytes. What is not allowed fails with EPERM; system
// calls newer than all that the profile and libseccomp know fail with ENOSYS, as runc does it, so that
// programs fall back.
//
// The source of the rules is Docker's default profile (github.com/moby/profiles), which BuildKit uses. One
// rule is our own: statx with AT_STATX_DONT_SYNC fails with ENOSYS, because it would be answered from what a
// LOOKUP told and the trace would not see that somebody looked (soundness.md A8).
absl::StatusOr<std::string> BuildSeccompFilter();

// Loads it into the calling thread, which must have CAP_SYS_ADMIN in its user namespace. Allocates nothing.
// Returns 0 or errno.
int LoadSeccompFilter(const std::string& filter);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_SECCOMP_PROFILE_H_
