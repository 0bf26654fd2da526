// Strings and lists that most entries of a tree lack: one pointer each. A tree of a million entries is in
// memory as a whole; a std::string and a std::vector in each would be 40 MB of nothing.
#ifndef KASANE_SRC_TREE_RARE_H_
#define KASANE_SRC_TREE_RARE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasane {

// A value of type T (a string or a vector), owned and copied with its holder; 8 bytes while it is empty, and
// those and a T on the heap otherwise. What was moved from is empty.
template <typename T>
class Rare {
 public:
  Rare() = default;
  Rare(const Rare& other) : value_(other.empty() ? nullptr : std::make_unique<T>(*other.value_)) {}
  Rare(Rare&&) noexcept = default;
  Rare& operator=(const Rare& other) {
    if (this != &other) *this = Rare(other);
    return *this;
  }
  Rare& operator=(Rare&&) noexcept = default;
  Rare& operator=(T value) {
    value_ = value.empty() ? nullptr : std::make_unique<T>(std::move(value));
    return *this;
  }
  ~Rare() = default;

  // The value; for an empty one, an empty T that lives as long as the program. Good until the next change.
  const T& get() const {
    static const T* const empty = new T();
    return value_ == nullptr ? *empty : *value_;
  }
  bool empty() const { return value_ == nullptr || value_->empty(); }
  size_t size() const { return value_ == nullptr ? 0 : value_->size(); }
  void clear() { value_.reset(); }

  friend bool operator==(const Rare& a, const Rare& b) { return a.get() == b.get(); }

 protected:
  // The value to be changed.
  T& Made() {
    if (value_ == nullptr) value_ = std::make_unique<T>();
    return *value_;
  }

 private:
  std::unique_ptr<T> value_;
};

// A string of any bytes, which reads as one.
class RareString : public Rare<std::string> {
 public:
  using Rare::operator=;
  operator absl::string_view() const { return get(); }  // NOLINT(google-explicit-constructor): it is a string
  const char* c_str() const { return get().c_str(); }
  friend bool operator==(const RareString& a, const RareString& b) { return a.get() == b.get(); }
  friend bool operator==(const RareString& a, absl::string_view b) { return a.get() == b; }
};

// A list, with as much of a std::vector as an entry's xattrs need. Iterators are good until the next change.
template <typename T>
class RareVector : public Rare<std::vector<T>> {
 public:
  using Rare<std::vector<T>>::operator=;
  const T* begin() const { return this->get().data(); }
  const T* end() const { return begin() + this->size(); }
  T* begin() { return this->empty() ? nullptr : this->Made().data(); }
  T* end() { return begin() + this->size(); }
  const T& operator[](size_t i) const { return this->get()[i]; }
  void push_back(T item) { this->Made().push_back(std::move(item)); }
  template <typename... Args>
  void emplace_back(Args&&... args) {
    this->Made().emplace_back(std::forward<Args>(args)...);
  }
  // Keeps those before `end`, which is one of its own places.
  void Truncate(const T* end) {
    const size_t count = static_cast<size_t>(end - begin());
    while (this->size() > count) this->Made().pop_back();
  }
};

}  // namespace kasane

#endif  // KASANE_SRC_TREE_RARE_H_
