// Reads files by system calls that no libc makes.   usage: raw WAY FILE     Prints the file, or "refused N" (an errno).
// int80: the 32-bit entry; x32: its numbers; openat2, faccessat2, handle: the calls of these names; io_uring.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char path[256];  // below 4 GiB in a static program, as the 32-bit entry needs it
static char bytes[4096];

static long int80(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
  return (int)result;
}

static long raw(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "memory", "rcx", "r11");
  return result;
}

static int refused(long error) {
  printf("refused %ld\n", error);
  return 0;
}

static int show(int fd) {
  ssize_t n = read(fd, bytes, sizeof(bytes));
  return n < 0 || fwrite(bytes, 1, (size_t)n, stdout) != (size_t)n;
}

static struct io_uring_params params;
static char *submission, *completion;
static struct io_uring_sqe* entries;

// One request, and its result.
static int ask(int ring, struct io_uring_sqe request) {
  unsigned* tail = (unsigned*)(submission + params.sq_off.tail);
  unsigned mask = *(unsigned*)(submission + params.sq_off.ring_mask);
  unsigned index = *tail & mask;
  entries[index] = request;
  ((unsigned*)(submission + params.sq_off.array))[index] = index;
  __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1) return -errno;
  unsigned* head = (unsigned*)(completion + params.cq_off.head);
  unsigned cq_mask = *(unsigned*)(completion + params.cq_off.ring_mask);
  int result = ((struct io_uring_cqe*)(completion + params.cq_off.cqes))[*head & cq_mask].res;
  __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
  return result;
}

static int by_uring(void) {
  int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
  if (ring < 0) return refused(errno);
  submission = mmap(NULL, params.sq_off.array + 4 * sizeof(unsigned), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
  completion = mmap(NULL, params.cq_off.cqes + 8 * sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring,
                    IORING_OFF_CQ_RING);
  entries = mmap(NULL, 4 * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
  if (submission == MAP_FAILED || completion == MAP_FAILED || entries == MAP_FAILED) return 1;
  static struct statx st;
  struct io_uring_sqe stat_it = {.opcode = IORING_OP_STATX, .fd = AT_FDCWD, .addr = (unsigned long)path, .len = STATX_BASIC_STATS,
                                 .off = (unsigned long)&st};
  int result = ask(ring, stat_it);
  if (result < 0) return refused(-result);
  struct io_uring_sqe open_it = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (unsigned long)path};
  int fd = ask(ring, open_it);
  if (fd < 0) return refused(-fd);
  struct io_uring_sqe read_it = {.opcode = IORING_OP_READ, .fd = fd, .addr = (unsigned long)bytes, .len = sizeof(bytes)};
  int n = ask(ring, read_it);
  if (n < 0) return refused(-n);
  printf("%llu bytes: %.*s", (unsigned long long)st.stx_size, n, bytes);
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  strncpy(path, argv[2], sizeof(path) - 1);
  if (!strcmp(argv[1], "syscall")) {
    long fd = raw(SYS_open, (long)path, O_RDONLY, 0);
    return fd < 0 ? refused(-fd) : show((int)fd);
  }
  if (!strcmp(argv[1], "int80")) {
    long fd = int80(5, (long)path, O_RDONLY, 0);
    return fd < 0 ? refused(-fd) : show((int)fd);
  }
  if (!strcmp(argv[1], "x32")) {
    long fd = raw(SYS_open | 0x40000000, (long)path, O_RDONLY, 0);
    return fd < 0 ? refused(-fd) : show((int)fd);
  }
  if (!strcmp(argv[1], "openat2")) {
    struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_NO_SYMLINKS};
    long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
    return fd < 0 ? refused(errno) : show((int)fd);
  }
  if (!strcmp(argv[1], "faccessat2")) {
    long result = syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS);
    return printf("%s\n", result == 0 ? "executable" : "not executable") < 0;
  }
  if (!strcmp(argv[1], "handle")) {
    struct {
      struct file_handle handle;
      char room[128];
    } it = {.handle = {.handle_bytes = 128}};
    int mount;
    if (name_to_handle_at(AT_FDCWD, path, &it.handle, &mount, 0) != 0) return refused(errno);
    int root = open("/", O_RDONLY);
    int fd = open_by_handle_at(root, &it.handle, O_RDONLY);
    return fd < 0 ? refused(errno) : show(fd);
  }
  return strcmp(argv[1], "io_uring") ? 2 : by_uring();
}
