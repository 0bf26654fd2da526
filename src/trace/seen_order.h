// Goes through nodes that the kernel has looked up in the order of their paths, and makes no path but the one
// at which it is: of a million nodes the paths alone would take more memory than the nodes.
#ifndef KASANE_SRC_TRACE_SEEN_ORDER_H_
#define KASANE_SRC_TRACE_SEEN_ORDER_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "src/sandbox/observer.h"

namespace kasane {

// Visits each of `nodes`, and each directory above one, once, in PathLess order. Puts them all into `nodes`,
// in an order of its own. All are nodes of one Tree, of which several file systems may have seen the same.
// Every node must be its parent's child, as the tree has it (so a hard-linked file is visited at the name
// under which it was found).
void WalkSeen(std::vector<const SeenNode*>* nodes,
              absl::FunctionRef<void(const std::string& path, const SeenNode& node)> visit);

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_SEEN_ORDER_H_
