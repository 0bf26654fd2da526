#include "src/sbom/rpm_bdb.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace kasane {
namespace {

constexpr uint64_t kMagic = 0x061561;
constexpr uint64_t kDescription = 72;  // of the file, on page 0
constexpr uint64_t kSmallestPage = 512;
constexpr uint64_t kLargestPage = 65536;
constexpr uint64_t kPageHead = 26;
constexpr uint64_t kOverflowItem = 12;

enum PageType : uint64_t { kUnsortedHash = 2, kOverflow = 7, kHash = 13 };
enum ItemType : uint64_t { kInline = 1, kOffPage = 3 };

class Reader {
 public:
  explicit Reader(absl::string_view bytes) : bytes_(bytes) {
    if (bytes.size() < kDescription) return;
    if (Number(12, 4) != kMagic) swapped_ = true;
    page_size_ = Number(20, 4);
    const bool is_sound = Number(12, 4) == kMagic && Number(24, 1) == 0 && page_size_ >= kSmallestPage &&
                          page_size_ <= kLargestPage && (page_size_ & (page_size_ - 1)) == 0;
    if (is_sound) pages_ = bytes.size() / page_size_;
    is_read_.resize(pages_);
  }
  bool is_database() const { return pages_ > 0; }

  std::vector<std::string> Values() {
    std::vector<std::string> values;
    for (uint64_t page = 1; page < pages_; ++page) {
      const uint64_t at = page * page_size_;
      const uint64_t type = Number(at + 25, 1);
      if (type == kUnsortedHash || type == kHash) AddValues(at, &values);
    }
    return values;
  }

 private:
  // The caller has checked that it is there.
  uint64_t Number(uint64_t at, uint64_t size) const {
    uint64_t value = 0;
    for (uint64_t i = 0; i < size; ++i) {
      const uint64_t from = swapped_ ? at + i : at + size - 1 - i;
      value = value << 8 | static_cast<unsigned char>(bytes_[from]);
    }
    return value;
  }

  void AddValues(uint64_t page, std::vector<std::string>* values) {
    const uint64_t items = Number(page + 20, 2);
    if (kPageHead + 2 * items > page_size_) return;
    for (uint64_t i = 1; i < items; i += 2) {  // keys have the even numbers
      const uint64_t begin = Number(page + kPageHead + 2 * i, 2);
      const uint64_t end = Number(page + kPageHead + 2 * (i - 1), 2);
      if (begin < kPageHead + 2 * items || begin >= end || end > page_size_) continue;
      const uint64_t type = Number(page + begin, 1);
      if (type == kInline) values->emplace_back(bytes_.substr(page + begin + 1, end - begin - 1));
      if (type == kOffPage && end - begin >= kOverflowItem) {
        std::string value = Overflowed(Number(page + begin + 4, 4));
        if (value.size() == Number(page + begin + 8, 4)) values->push_back(std::move(value));
      }
    }
  }

  // A page belongs to one value.
  std::string Overflowed(uint64_t page) {
    std::string out;
    while (page > 0 && page < pages_ && !is_read_[page]) {
      is_read_[page] = true;
      const uint64_t at = page * page_size_;
      const uint64_t used = Number(at + 22, 2);
      if (Number(at + 25, 1) != kOverflow || used > page_size_ - kPageHead) return "";
      absl::StrAppend(&out, bytes_.substr(at + kPageHead, used));
      page = Number(at + 16, 4);
    }
    return out;
  }

  const absl::string_view bytes_;
  bool swapped_ = false;
  uint64_t page_size_ = 0;
  uint64_t pages_ = 0;
  std::vector<bool> is_read_;
};

}  // namespace

bool IsRpmBdb(absl::string_view bytes) { return Reader(bytes).is_database(); }

std::vector<std::string> RpmBdbHeaders(absl::string_view bytes) { return Reader(bytes).Values(); }

}  // namespace kasane
