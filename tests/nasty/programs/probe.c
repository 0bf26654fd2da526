// Does one thing to files, by one particular system call, and prints what it learnt of them.
// usage: probe OPERATION ARGUMENT..
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static int fail(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static int must(int result, const char* what) { return result < 0 ? fail(what) : result; }

static void show(int fd) {
  char bytes[65536];
  ssize_t n;
  while ((n = read(fd, bytes, sizeof(bytes))) > 0) must((int)write(1, bytes, (size_t)n), "write");
  must((int)n, "read");
}

// --- contents, otherwise than by read()
static void by_mmap(int fd) {
  struct stat st;
  must(fstat(fd, &st), "fstat");
  char* bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) fail("mmap");
  must((int)write(1, bytes, (size_t)st.st_size), "write");
}
static void by_sendfile(int fd) { must((int)sendfile(1, fd, NULL, 1 << 20), "sendfile"); }
static void by_copy_range(int fd) {  // from one file system to another: as cp does when it is refused
  if (copy_file_range(fd, NULL, 1, NULL, 1 << 20, 0) < 0) show(fd);
}
static void by_splice(int fd) {
  int ends[2];
  must(pipe(ends), "pipe");
  must((int)splice(fd, NULL, ends[1], NULL, 1 << 16, 0), "splice");
  close(ends[1]);
  show(ends[0]);
}

// --- a name that another thread rewrites while it is used
static char name[256];
static const char* names[2];
static volatile int done;
static void* rewrite(void* unused) {
  for (unsigned i = 0; !done; ++i) memcpy(name, names[i & 1], strlen(names[0]));
  return unused;
}
static void race(char** words) {
  pthread_t thread;
  int seen[2] = {0, 0};
  names[0] = words[0], names[1] = words[1];
  strcpy(name, names[0]);
  pthread_create(&thread, NULL, rewrite, NULL);
  char text[2][64] = {{0}};
  while (!seen[0] || !seen[1]) {  // each file begins with its number
    int fd = open(name, O_RDONLY);
    if (fd < 0) continue;  // a mixture of both
    char got[64] = {0};
    must((int)read(fd, got, sizeof(got) - 1), "read");
    close(fd);
    int which = got[0] - '0';
    if (which != 0 && which != 1) exit(3);
    seen[which] = 1;
    memcpy(text[which], got, sizeof(got));
  }
  done = 1;
  pthread_join(thread, NULL);
  printf("%s%s", text[0], text[1]);
}

// --- a program that a thread starts with vfork
static void* start(void* program) {
  char* argv[] = {program, NULL};
  pid_t pid = vfork();
  if (pid == 0) {
    execv(program, argv);
    _exit(127);
  }
  int status = 1;
  waitpid(pid, &status, 0);
  if (status != 0) exit(4);
  return NULL;
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const char* op = argv[1];
  char** words = argv + 2;
  setvbuf(stdout, NULL, _IONBF, 0);
  if (!strcmp(op, "read")) {
    for (; *words; ++words) show(must(open(*words, O_RDONLY), *words));
  } else if (!strcmp(op, "mmap") || !strcmp(op, "sendfile") || !strcmp(op, "copy_range") || !strcmp(op, "splice")) {
    int fd = must(open(words[0], O_RDONLY), words[0]);
    op[0] == 'm' ? by_mmap(fd) : op[1] == 'e' ? by_sendfile(fd) : op[0] == 'c' ? by_copy_range(fd) : by_splice(fd);
  } else if (!strcmp(op, "stat")) {  // type, mode, owner alone are printed, size and times are not
    struct stat st;
    if (lstat(words[0], &st) != 0) return printf("absent\n"), 0;
    printf("%o %d:%d\n", st.st_mode, st.st_uid, st.st_gid);
  } else if (!strcmp(op, "stat-dont-sync")) {
    struct statx st;
    if (syscall(SYS_statx, AT_FDCWD, words[0], AT_STATX_DONT_SYNC, STATX_ALL, &st) != 0) {
      printf("errno %d\n", errno);
      struct stat plain;
      must(stat(words[0], &plain), words[0]);
      st.stx_size = (uint64_t)plain.st_size;
    }
    printf("%lld bytes\n", (long long)st.stx_size);
  } else if (!strcmp(op, "size")) {
    struct stat st;
    must(stat(words[0], &st), words[0]);
    printf("%lld bytes\n", (long long)st.st_size);
  } else if (!strcmp(op, "at")) {  // a directory, and a name from there
    int dir = must(open(words[0], O_PATH | O_DIRECTORY), words[0]);
    show(must(openat(dir, words[1], O_RDONLY), words[1]));
  } else if (!strcmp(op, "chdir")) {
    must(chdir(words[0]), words[0]);
    show(must(open(words[1], O_RDONLY), words[1]));
  } else if (!strcmp(op, "chroot")) {
    must(chroot(words[0]), words[0]);
    must(chdir("/"), "/");
    show(must(open(words[1], O_RDONLY), words[1]));
  } else if (!strcmp(op, "race")) {
    race(words);
  } else if (!strcmp(op, "vfork")) {
    pthread_t thread;
    pthread_create(&thread, NULL, start, words[0]);
    pthread_join(thread, NULL);
  } else if (!strcmp(op, "setcap")) {  // FILE NUMBER: one capability
    struct vfs_cap_data cap = {VFS_CAP_REVISION_2, {{1u << atoi(words[1]), 0}, {0, 0}}};
    must(setxattr(words[0], "security.capability", &cap, sizeof(cap), 0), "setxattr");
  } else if (!strcmp(op, "xattr")) {
    char value[64];
    ssize_t size = getxattr(words[0], words[1], value, sizeof(value));
    printf("%zd bytes\n", size);
  } else if (!strcmp(op, "open-rw")) {  // opened for writing, and nothing is written
    close(must(open(words[0], O_RDWR), words[0]));
  } else if (!strcmp(op, "append")) {
    int fd = must(open(words[0], O_WRONLY | O_APPEND), words[0]);
    must((int)write(fd, words[1], strlen(words[1])), "write");
  } else if (!strcmp(op, "truncate")) {
    close(must(open(words[0], O_WRONLY | O_TRUNC), words[0]));
  } else if (!strcmp(op, "sparse")) {  // FILE SIZE: a hole with one byte at each end
    int fd = must(open(words[0], O_CREAT | O_WRONLY, 0644), words[0]);
    off_t size = strtoll(words[1], NULL, 10);
    if (pwrite(fd, "a", 1, 0) != 1 || pwrite(fd, "z", 1, size - 1) != 1) fail("pwrite");
  } else if (!strcmp(op, "last")) {  // the last byte
    int fd = must(open(words[0], O_RDONLY), words[0]);
    char c;
    struct stat st;
    must(fstat(fd, &st), "fstat");
    if (pread(fd, &c, 1, st.st_size - 1) != 1) fail("pread");
    printf("%c of %lld\n", c, (long long)st.st_size);
  } else if (!strcmp(op, "socket")) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, words[0]);
    must(bind(must(socket(AF_UNIX, SOCK_STREAM, 0), "socket"), (void*)&address, sizeof(address)), "bind");
  } else if (!strcmp(op, "daemon")) {  // writes to the file for ever, after its parent's end
    if (fork() == 0) {
      setsid();
      for (;;) {
        int fd = open(words[0], O_CREAT | O_WRONLY | O_TRUNC, 0644);
        if (write(fd, "late\n", 5) != 5) return 1;
        close(fd);
        usleep(1000);
      }
    }
    while (access(words[0], F_OK) != 0) usleep(1000);
  } else {
    return 2;
  }
  return 0;
}
