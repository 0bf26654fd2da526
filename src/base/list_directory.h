// The names in a directory.
#ifndef KASANE_SRC_BASE_LIST_DIRECTORY_H_
#define KASANE_SRC_BASE_LIST_DIRECTORY_H_

#include <string>
#include <vector>

namespace kasane {

// Sorted by bytes, without "." and ".."; none if the directory is not there or cannot be read.
std::vector<std::string> NamesIn(const std::string& directory);

}  // namespace kasane

#endif  // KASANE_SRC_BASE_LIST_DIRECTORY_H_
