// For tests of who is told what.
#ifndef KASANE_SRC_SANDBOX_OBSERVER_TEST_UTIL_H_
#define KASANE_SRC_SANDBOX_OBSERVER_TEST_UTIL_H_

#include "src/sandbox/observer.h"

namespace kasane {

// Notes nothing, and lets the kernel keep every answer: for observers that are of few words.
class SilentObserver : public Observer {
 public:
  bool OnLookup(uint32_t, const SeenNode&, absl::string_view, const SeenNode*) override { return true; }
  bool OnGetattr(uint32_t, const SeenNode&) override { return true; }
  bool OnSize(uint32_t, const SeenNode&) override { return true; }
  void OnReadlink(uint32_t, const SeenNode&) override {}
  void OnOpen(uint32_t, const SeenNode&, uint32_t) override {}
  void OnRead(uint32_t, const SeenNode&) override {}
  void OnOpendir(uint32_t, const SeenNode&) override {}
  void OnReaddir(uint32_t, const SeenNode&) override {}
  void OnReleasedir(const SeenNode&) override {}
  void OnGetxattr(uint32_t, const SeenNode&, absl::string_view) override {}
  void OnListxattr(uint32_t, const SeenNode&) override {}
  void OnNoXattrs() override {}
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_OBSERVER_TEST_UTIL_H_
