// Whether programs of a platform can run here.
#ifndef KASANE_GENERATOR_EMULATOR_H_
#define KASANE_GENERATOR_EMULATOR_H_

#include <string>

#include "src/oci/reference.h"

namespace kasane {

inline constexpr char kBinfmtDirectory[] = "/proc/sys/fs/binfmt_misc";

// True if the kernel runs them, by itself or through an emulator (qemu-user) that is registered in `binfmt`
// (the mount point of binfmt_misc) with the flag F: without it the kernel would look for the emulator in the
// image.
bool CanRunPlatform(const Platform& platform, const std::string& binfmt = kBinfmtDirectory);

}  // namespace kasane

#endif  // KASANE_GENERATOR_EMULATOR_H_
