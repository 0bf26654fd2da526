// Where a layer's tar is cut into fragments that are compressed each on its own.
//
// A cut before a member depends on a hash of its path and on its size, not on what came before, once a
// fragment holds kMinFragment: so an insertion or deletion moves the cuts of its neighbourhood only, and the
// fragments after it stay the same bytes. Part of the layer format: the same rule on any machine, and a
// change of it changes kFragmentRule.
#ifndef KASANE_SRC_OCI_FRAGMENT_CUTTER_H_
#define KASANE_SRC_OCI_FRAGMENT_CUTTER_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace kasane {

inline constexpr int kFragmentRule = 2;  // part of result keys

inline constexpr uint64_t kMinFragment = 64 << 10;  // less costs ratio: each fragment begins with no history
inline constexpr uint64_t kMeanFragment = 128 << 10;  // beyond the minimum, of small members
inline constexpr uint64_t kMaxFragment = 512 << 10;   // of small members: forced
// Big files are cut after every such piece of them. Pieces of 1 MiB would make them 0.4 % smaller, and the
// edit of a program, which changes two, 30 ms slower.
inline constexpr uint64_t kFilePiece = 256 << 10;

// True: end the fragment, which holds `fragment_size` bytes so far, before the member `path`, which takes
// `member_size` bytes with its header and padding.
bool CutBefore(absl::string_view path, uint64_t member_size, uint64_t fragment_size);

}  // namespace kasane

#endif  // KASANE_SRC_OCI_FRAGMENT_CUTTER_H_
