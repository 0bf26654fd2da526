// Bytes of a fragment: a buffer that is not filled with zeros before it is filled with what it is for, as a
// string would be. It shows: a layer's bytes go through these.
#ifndef KASANE_SRC_OCI_FRAGMENT_BYTES_H_
#define KASANE_SRC_OCI_FRAGMENT_BYTES_H_

#include <cstddef>
#include <cstring>
#include <memory>

#include "absl/strings/string_view.h"

namespace kasane {

class FragmentBytes {
 public:
  FragmentBytes() = default;
  explicit FragmentBytes(size_t size) : data_(std::make_unique_for_overwrite<char[]>(size)), size_(size) {}
  static FragmentBytes CopyOf(absl::string_view bytes) {
    FragmentBytes copy(bytes.size());
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    return copy;
  }

  char* data() { return data_.get(); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  absl::string_view view() const { return {data_.get(), size_}; }
  // To fewer bytes than there are.
  void Shrink(size_t size) { size_ = size; }

 private:
  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_FRAGMENT_BYTES_H_
