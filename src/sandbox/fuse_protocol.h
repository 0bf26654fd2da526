// What the kernel's FUSE protocol has gained since the headers that we are compiled with (7.38): passthrough
// (7.40).
#ifndef KASANE_SRC_SANDBOX_FUSE_PROTOCOL_H_
#define KASANE_SRC_SANDBOX_FUSE_PROTOCOL_H_

#include <linux/fuse.h>
#include <sys/ioctl.h>

#include <cstdint>

namespace kasane {

inline constexpr uint32_t kFuseMinor = 40;
inline constexpr uint64_t kFusePassthrough = 1ULL << 37;  // INIT flag
inline constexpr uint32_t kFopenPassthrough = 1 << 7;     // fuse_open_out.open_flags

// fuse_init_out since 7.40: the same size.
struct FuseInitOut {
  uint32_t major;
  uint32_t minor;
  uint32_t max_readahead;
  uint32_t flags;
  uint16_t max_background;
  uint16_t congestion_threshold;
  uint32_t max_write;
  uint32_t time_gran;
  uint16_t max_pages;
  uint16_t map_alignment;
  uint32_t flags2;
  uint32_t max_stack_depth;
  uint32_t unused[6];
};
static_assert(sizeof(FuseInitOut) == sizeof(fuse_init_out));

// fuse_open_out since 7.40: the padding holds the backing id.
struct FuseOpenOut {
  uint64_t fh;
  uint32_t open_flags;
  int32_t backing_id;
};
static_assert(sizeof(FuseOpenOut) == sizeof(fuse_open_out));

struct FuseBackingMap {
  int32_t fd;
  uint32_t flags;
  uint64_t padding;
};
inline constexpr unsigned long kFuseIocBackingOpen = _IOW(FUSE_DEV_IOC_MAGIC, 1, FuseBackingMap);
inline constexpr unsigned long kFuseIocBackingClose = _IOW(FUSE_DEV_IOC_MAGIC, 2, uint32_t);

}  // namespace kasane

#endif  // KASANE_SRC_SANDBOX_FUSE_PROTOCOL_H_
