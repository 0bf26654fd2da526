// Bytes of a fragment: a buffer that is not filled with zeros before it is filled with what it is for, as a
// string would be, or a range of a mapped file. It shows: a layer's bytes go through these.
#ifndef KASANE_SRC_OCI_FRAGMENT_BYTES_H_
#define KASANE_SRC_OCI_FRAGMENT_BYTES_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/string_view.h"
#include "src/store/mapped_file.h"

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

  // `bytes` are of the file.
  static FragmentBytes Mapped(std::shared_ptr<const MappedFile> file, absl::string_view bytes) {
    FragmentBytes mapped;
    mapped.mapped_ = bytes.data();
    mapped.size_ = bytes.size();
    mapped.file_ = std::move(file);
    return mapped;
  }

  char* data() { return data_.get(); }  // not of a mapped file
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  absl::string_view view() const { return {file_ == nullptr ? data_.get() : mapped_, size_}; }
  // To fewer bytes than there are.
  void Shrink(size_t size) { size_ = size; }

 private:
  std::unique_ptr<char[]> data_;
  std::shared_ptr<const MappedFile> file_;
  const char* mapped_ = nullptr;
  size_t size_ = 0;
};

}  // namespace kasane

#endif  // KASANE_SRC_OCI_FRAGMENT_BYTES_H_
