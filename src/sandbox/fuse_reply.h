// The answer to one request of the kernel's FUSE protocol, as it is being made.
#ifndef KASANE_SRC_SANDBOX_FUSE_REPLY_H_
#define KASANE_SRC_SANDBOX_FUSE_REPLY_H_

#include <linux/fuse.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

namespace kasane {

// An error, or bytes. One per thread, its buffer is reused.
class FuseReply {
 public:
  static constexpr uint32_t kMaxPages = 256;  // that one answer may fill
  static constexpr size_t kMost = size_t{kMaxPages} * 4096;

  FuseReply() : buffer_(new char[kMost]) {}
  void Reset(uint64_t unique) { unique_ = unique, error_ = 0, size_ = 0, sent_ = true; }
  void Error(int error) { error_ = error; }
  void NoAnswer() { sent_ = false; }
  void Append(const void* data, size_t size) {
    std::memcpy(buffer_.get() + size_, data, size);
    size_ += size;
  }
  // For answers made in place.
  char* buffer() { return buffer_.get(); }
  size_t size() const { return size_; }
  void set_size(size_t size) { size_ = size; }

  // False: the mount is gone.
  bool Send(int fd) {
    if (!sent_) return true;
    fuse_out_header header = Header();
    size_t size = header.len - sizeof(header);
    iovec parts[2] = {{&header, sizeof(header)}, {buffer_.get(), size}};
    while (true) {
      if (writev(fd, parts, size == 0 ? 1 : 2) >= 0) return true;
      if (errno == EINTR) continue;
      return errno != ENODEV;  // ENOENT: the asker was killed meanwhile
    }
  }
  // What Send would send.
  std::string Bytes() const {
    if (!sent_) return "";
    fuse_out_header header = Header();
    std::string bytes(reinterpret_cast<const char*>(&header), sizeof(header));
    return bytes.append(buffer_.get(), header.len - sizeof(header));
  }

 private:
  fuse_out_header Header() const {
    fuse_out_header header;
    header.unique = unique_;
    header.error = -error_;
    header.len = static_cast<uint32_t>(sizeof(header) + (error_ == 0 ? size_ : 0));
    return header;
  }

  std::unique_ptr<char[]> buffer_;
  uint64_t unique_ = 0;
  int error_ = 0;
  size_t size_ = 0;
  bool sent_ = true;
};

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_FUSE_REPLY_H_
