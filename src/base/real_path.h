// Paths without symlinks.
#ifndef KASANE_SRC_BASE_REAL_PATH_H_
#define KASANE_SRC_BASE_REAL_PATH_H_

#include <string>

namespace kasane {

// `path`, made absolute, with all symlinks resolved in the part of it that exists.
std::string RealPath(const std::string& path);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_REAL_PATH_H_
