// What a RUN has made until now, as overlayfs's upper directory has it.
//
// To be asked while processes of the RUN wait for answers. Overlayfs may have a directory locked for one of
// these, and all threads that give answers may come here at once, so nobody waits long: what the kernel does
// not have at hand another thread looks for, and what it does not find out in time counts as what is
// strictest. The last look ends when the RUN has.
#ifndef KASANE_SRC_TRACE_UPPER_VIEW_H_
#define KASANE_SRC_TRACE_UPPER_VIEW_H_

#include <string>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/status/statusor.h"
#include "src/trace/side_thread.h"

namespace kasane {

// Thread safe, but for Set.
class UpperView {
 public:
  // Where it may be: one of the directories is it, the others are empty or missing. To be called once, before
  // anything is asked; until then everything counts as made by the RUN.
  void Set(std::vector<std::string> places) { places_ = std::move(places), is_set_ = true; }
  bool is_set() const { return is_set_; }

  enum class What {
    kNothing,
    kDirectory,  // that is joined with the one below it
    kOther,      // anything else, which hides what is below; or it cannot be told
  };
  // Of a relative path whose parent directory, if the RUN has made it, is a kDirectory.
  What At(const std::string& path);
  bool Has(const std::string& path) { return At(path) != What::kNothing; }
  // The names that were made, or hidden, in a directory.
  absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& directory);

 private:
  // Those that are there: whoever asks comes after their making.
  const std::vector<std::string>& Places();

  std::vector<std::string> places_;
  bool is_set_ = false;
  absl::once_flag found_;
  SideThread side_;
};

}  // namespace kasane

#endif  // KASANE_SRC_TRACE_UPPER_VIEW_H_
