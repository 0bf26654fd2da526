#include "src/sandbox/lowerfs.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "src/base/status.h"
#include "src/sandbox/fuse_protocol.h"
#include "src/sandbox/fuse_reply.h"
#include "src/sandbox/fuse_request.h"

namespace kasane {
namespace {

constexpr uint32_t kFuseStatx = 52;  // FUSE_STATX of newer headers

constexpr size_t kRequestBuffer = 64 << 10;
constexpr size_t kMaxRead = FuseReply::kMost;
constexpr uint32_t kOpenToExecute = 0x20;  // the kernel's __FMODE_EXEC, which comes with execve's opening
constexpr rlim_t kWideTable = 1024;        // open files
constexpr int kWakeSignal = SIGURG;        // ignored by default, so a late one does no harm

uint32_t DirentType(EntryType type) {
  switch (type) {
    case EntryType::kFile:
      return S_IFREG >> 12;
    case EntryType::kDirectory:
      return S_IFDIR >> 12;
    case EntryType::kSymlink:
      return S_IFLNK >> 12;
    case EntryType::kFifo:
      return S_IFIFO >> 12;
    case EntryType::kCharDevice:
      return S_IFCHR >> 12;
    case EntryType::kBlockDevice:
      return S_IFBLK >> 12;
    case EntryType::kSocket:
      return S_IFSOCK >> 12;
  }
  return 0;
}

// A table of open files that several threads share grows only after all CPUs have been waited for: 10 ms, for
// whoever asks at that moment. That of a single thread grows at once.
void WidenTableOfOpenFiles(int any) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const int last = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, kWideTable)) - 1;
  UniqueFd(fcntl(any, F_DUPFD_CLOEXEC, last));
}

// overlayfs keeps its own state in these; what a layer says there is none of its business.
bool IsHiddenXattr(absl::string_view name) {
  return absl::StartsWith(name, "trusted.overlay.") || absl::StartsWith(name, "user.overlay.");
}

}  // namespace

LowerFs::LowerFs(Store* store, const Tree& tree, const Options& options)
    : store_(store), tree_(tree), options_(options), nodes_(tree), files_(store) {}

LowerFs::~LowerFs() { Stop(); }

absl::Status LowerFs::Start(UniqueFd fuse) {
  int threads = options_.threads;
  if (threads == 0) threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 2, 8);
  struct sigaction wake = {};
  wake.sa_handler = [](int) {};
  sigaction(kWakeSignal, &wake, nullptr);  // without SA_RESTART: it ends a blocking read
  // The threads are for requests only: all signals but the waking one go elsewhere.
  sigset_t all, old;
  sigfillset(&all);
  sigdelset(&all, kWakeSignal);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  WidenTableOfOpenFiles(fuse.get());
  fds_.push_back(std::move(fuse));
  absl::Status status;
  for (int i = 0; i < threads && status.ok(); ++i) {
    if (i > 0) {  // a channel of its own: answers do not contend
      UniqueFd clone(open("/dev/fuse", O_RDWR | O_CLOEXEC));
      uint32_t source = static_cast<uint32_t>(fds_[0].get());
      if (!clone.valid() || ioctl(clone.get(), FUSE_DEV_IOC_CLONE, &source) != 0) break;
      fds_.push_back(std::move(clone));
    }
    struct Argument {
      LowerFs* self;
      int fd;
    };
    auto* argument = new Argument{this, fds_.back().get()};
    pthread_t thread;
    int error = pthread_create(
        &thread, nullptr,
        [](void* p) -> void* {
          std::unique_ptr<Argument> a(static_cast<Argument*>(p));
          a->self->Serve(a->fd);
          return nullptr;
        },
        argument);
    if (error != 0) {
      delete argument;
      status = ErrnoStatus(error, "cannot start a thread");
    } else {
      threads_.push_back(thread);
    }
  }
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  return status;
}

void LowerFs::Stop() {
  stopping_ = true;
  for (pthread_t thread : threads_) {
    // A signal that comes just before the thread blocks is lost, so it is repeated.
    while (true) {
      pthread_kill(thread, kWakeSignal);
      timespec until;
      clock_gettime(CLOCK_REALTIME, &until);
      until.tv_nsec += 1000000;
      if (until.tv_nsec >= 1000000000) ++until.tv_sec, until.tv_nsec -= 1000000000;
      if (pthread_timedjoin_np(thread, nullptr, &until) != ETIMEDOUT) break;
    }
  }
  threads_.clear();
  fds_.clear();
}

absl::Status LowerFs::status() const {
  {
    absl::MutexLock lock(&mutex_);
    if (!status_.ok()) return status_;
  }
  return tree_.status();
}

std::vector<uint64_t> LowerFs::request_counts() const { return {std::begin(counts_), std::end(counts_)}; }

void LowerFs::Poison(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (status_.ok()) status_ = Annotate(status, "cannot serve the files below this step");
}

void LowerFs::Serve(int fd) {
  auto buffer = std::make_unique<char[]>(kRequestBuffer);
  FuseReply reply;
  while (!stopping_) {
    ssize_t n = read(fd, buffer.get(), kRequestBuffer);
    if (n < 0) {
      // ENOENT: the request was withdrawn while it was read.
      if (errno == EINTR || errno == ENOENT || errno == EAGAIN) continue;
      return;  // ENODEV: unmounted
    }
    if (!Receive(absl::string_view(buffer.get(), static_cast<size_t>(n)), &reply)) return;
    if (!reply.Send(fd)) return;
  }
}

std::string LowerFs::Answer(absl::string_view request) {
  FuseReply reply;
  return Receive(request, &reply) ? reply.Bytes() : "";
}

bool LowerFs::Receive(absl::string_view bytes, FuseReply* reply) {
  Request request;
  int error = ParseFuseRequest(bytes, &request);
  if (bytes.size() < sizeof(fuse_in_header)) return false;
  reply->Reset(request.header.unique);
  if (error == 0 && FuseRequestNeedsNode(request)) {
    request.inode = nodes_.FromId(request.header.nodeid);
    if (request.inode == nullptr) error = ESTALE;
  }
  if (error != 0) {
    reply->Error(error);
    return true;
  }
  counts_[std::min<size_t>(request.header.opcode, std::size(counts_) - 1)].fetch_add(
      1, std::memory_order_relaxed);
  Handle(request, reply);
  return true;
}

void LowerFs::Handle(const Request& request, FuseReply* reply) {
  switch (request.header.opcode) {
    case FUSE_INIT:
      return Init(request, reply);
    case FUSE_LOOKUP:
      return Lookup(request, reply);
    case FUSE_GETATTR:
      return Getattr(request, reply);
    case FUSE_READLINK:
      return Readlink(request, reply);
    case FUSE_OPEN:
      return Open(request, reply);
    case FUSE_READ:
      return Read(request, reply);
    case FUSE_RELEASE:
      return Release(request, reply);
    case FUSE_OPENDIR:
      return Opendir(request, reply);
    case FUSE_READDIR:
    case FUSE_READDIRPLUS:
      return Readdir(request, reply);
    case FUSE_RELEASEDIR:
      if (options_.observer != nullptr) options_.observer->OnReleasedir(*request.inode);
      return;
    case FUSE_GETXATTR:
      return Getxattr(request, reply);
    case FUSE_LISTXATTR:
      return Listxattr(request, reply);
    case FUSE_STATFS: {
      fuse_statfs_out out = {};
      out.st.bsize = out.st.frsize = 4096;
      out.st.namelen = 255;
      return reply->Append(&out, sizeof(out));
    }
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:  // every request is answered soon
      return reply->NoAnswer();
    case FUSE_DESTROY:
      return;
    case FUSE_ACCESS:  // whoever mounts it decides who may
    case FUSE_FLUSH:
    case FUSE_LSEEK:
    case FUSE_IOCTL:
    case FUSE_SYNCFS:
    case kFuseStatx:                // asked for a birth time; GETATTR comes instead
      return reply->Error(ENOSYS);  // and is never asked again
    default:
      return reply->Error(EROFS);
  }
}

void LowerFs::Init(const Request& request, FuseReply* reply) {
  auto in = request.As<fuse_init_in>();
  if (in.major != FUSE_KERNEL_VERSION || in.minor < 31) {
    Poison(absl::UnimplementedError(absl::StrCat("the kernel speaks FUSE ", in.major, ".", in.minor)));
    return reply->Error(EPROTO);
  }
  uint64_t offered = in.flags | (in.flags & FUSE_INIT_EXT ? static_cast<uint64_t>(in.flags2) << 32 : 0);
  uint64_t wanted = FUSE_ASYNC_READ | FUSE_PARALLEL_DIROPS | FUSE_MAX_PAGES | FUSE_CACHE_SYMLINKS |
                    FUSE_EXPLICIT_INVAL_DATA | FUSE_INIT_EXT | FUSE_DO_READDIRPLUS;
  // The kernel may guess who needs more than names, unless we know.
  if (options_.observer == nullptr) wanted |= FUSE_READDIRPLUS_AUTO;
  if (options_.passthrough) wanted |= kFusePassthrough;
  wanted &= offered;
  FuseInitOut out = {};
  out.major = FUSE_KERNEL_VERSION;
  out.minor = std::min(in.minor, kFuseMinor);
  out.max_readahead = std::max<uint32_t>(in.max_readahead, kMaxRead);
  out.flags = static_cast<uint32_t>(wanted);
  out.flags2 = static_cast<uint32_t>(wanted >> 32);
  out.max_background = 64;
  out.congestion_threshold = 48;
  out.max_write = 4096;
  out.time_gran = 1;
  out.max_pages = FuseReply::kMaxPages;
  // overlayfs comes on top, and two is all that the kernel allows
  if (wanted & kFusePassthrough) out.max_stack_depth = 1;
  if (!fds_.empty()) files_.Attach(fds_[0].get(), (wanted & kFusePassthrough) != 0);
  reply->Append(&out, sizeof(out));
}

void LowerFs::FillEntry(LowerInode* inode, bool with_attributes, fuse_entry_out* out) const {
  *out = {};
  out->nodeid = inode->id();
  out->entry_valid = options_.observer == nullptr || options_.observer->KeepsName(*inode) ? kForEver : 0;
  out->attr_valid = with_attributes ? kForEver : 0;
  nodes_.FillAttributes(*inode, &out->attr);
}

bool LowerFs::IsExpected(const SeenNode& directory, const Node& child) const {
  return options_.expected && options_.expected(directory, child);
}

void LowerFs::Lookup(const Request& request, FuseReply* reply) {
  LowerInode* found = nodes_.Lookup(request.inode, request.name);
  bool with_attributes = true;
  if (options_.observer != nullptr) {
    const uint32_t pid = request.header.pid;
    with_attributes = options_.observer->OnLookup(pid, *request.inode, request.name, found);
    if (!with_attributes && found != nullptr && IsExpected(*request.inode, found->node()))
      with_attributes = options_.observer->OnGetattr(pid, *found);
  }
  fuse_entry_out out = {};
  if (found != nullptr) {
    FillEntry(found, with_attributes, &out);
  } else {
    out.entry_valid = kForEver;  // node id 0: absent, and may be remembered so
  }
  reply->Append(&out, sizeof(out));
}

void LowerFs::Getattr(const Request& request, FuseReply* reply) {
  fuse_attr_out out = {};
  const uint32_t pid = request.header.pid;
  bool keep = true;
  if (options_.observer != nullptr) {
    // A stat, also fstat, names no open file: overlayfs asks by path.
    if ((request.As<fuse_getattr_in>().getattr_flags & FUSE_GETATTR_FH) != 0) {
      keep = options_.observer->OnSize(pid, *request.inode);
    } else {
      keep = options_.observer->OnGetattr(pid, *request.inode);
      walkers_.Looks(pid, *request.inode);
    }
  }
  out.attr_valid = keep ? kForEver : 0;
  nodes_.FillAttributes(*request.inode, &out.attr);
  if (!keep) {
    const Timestamp time = options_.observer->ShownTime(pid, *request.inode);
    out.attr.atime = out.attr.mtime = out.attr.ctime = static_cast<uint64_t>(time.seconds);
    out.attr.atimensec = out.attr.mtimensec = out.attr.ctimensec = time.nanoseconds;
  }
  reply->Append(&out, sizeof(out));
}

void LowerFs::Readlink(const Request& request, FuseReply* reply) {
  if (options_.observer != nullptr) options_.observer->OnReadlink(request.header.pid, *request.inode);
  const std::string& target = request.inode->node().entry.link_target.get();
  reply->Append(target.data(), std::min(target.size(), kMaxRead));
}

void LowerFs::Open(const Request& request, FuseReply* reply) {
  auto in = request.As<fuse_open_in>();
  if ((in.flags & O_ACCMODE) != O_RDONLY) return reply->Error(EROFS);
  if (options_.observer != nullptr) options_.observer->OnOpen(request.header.pid, *request.inode, in.flags);
  // Whoever opens a file to read it does so without touching the time of its last access: overlayfs does.
  const bool will_read = (in.flags & O_NOATIME) != 0;
  const SeenNode* directory = request.inode->parent();
  const bool often = (in.flags & kOpenToExecute) != 0 ||
                     (will_read && directory != nullptr && IsExpected(*directory, request.inode->node()));
  absl::StatusOr<LowerFiles::Opened> opened = files_.Open(request.inode, will_read, often, reply->buffer());
  if (!opened.ok()) {
    Poison(opened.status());
    return reply->Error(EIO);
  }
  if (opened->pushed && options_.observer != nullptr) {
    options_.observer->OnRead(request.header.pid, *request.inode);
  }
  FuseOpenOut out = {};
  out.open_flags = FOPEN_KEEP_CACHE | FOPEN_NOFLUSH;
  if (opened->backing > 0) {
    out.open_flags = kFopenPassthrough;
    out.backing_id = opened->backing;
  }
  reply->Append(&out, sizeof(out));
}

void LowerFs::Read(const Request& request, FuseReply* reply) {
  auto in = request.As<fuse_read_in>();
  if (options_.observer != nullptr) options_.observer->OnRead(request.header.pid, *request.inode);
  const size_t wanted = std::min<size_t>(in.size, kMaxRead);
  absl::StatusOr<size_t> size = files_.Read(request.inode, reply->buffer(), wanted, in.offset);
  if (!size.ok()) {
    Poison(size.status());
    return reply->Error(EIO);
  }
  reply->set_size(*size);
}

void LowerFs::Release(const Request& request, FuseReply*) { files_.Close(request.inode); }

void LowerFs::Opendir(const Request& request, FuseReply* reply) {
  FuseOpenOut out = {};
  if (options_.observer != nullptr) {
    options_.observer->OnOpendir(request.header.pid, *request.inode);
    walkers_.Opens(request.header.pid, *request.inode);
  }
  if (options_.observer == nullptr || options_.observer->KnowsList(*request.inode))
    out.open_flags = FOPEN_KEEP_CACHE | FOPEN_CACHE_DIR;
  reply->Append(&out, sizeof(out));
}

void LowerFs::FillListed(const Request& request, size_t index, bool all, fuse_entry_out* out) {
  const Node& child = request.inode->node().children()[index];
  if (!all && !IsExpected(*request.inode, child)) return;
  LowerInode* inode = nodes_.Child(request.inode, index);
  bool keep = true;
  if (options_.observer != nullptr) {
    if (inode->listed_.exchange(true, std::memory_order_relaxed)) return;
    options_.observer->OnLookup(request.header.pid, *request.inode, child.name, inode);
    keep = options_.observer->OnGetattr(request.header.pid, *inode);
  }
  FillEntry(inode, keep, out);
}

void LowerFs::Readdir(const Request& request, FuseReply* reply) {
  const uint32_t pid = request.header.pid;
  bool all = options_.observer == nullptr;
  if (options_.observer != nullptr) {
    options_.observer->OnReaddir(pid, *request.inode);
    all = request.header.opcode == FUSE_READDIRPLUS && walkers_.Anticipates(pid, *request.inode) &&
          options_.observer->TakesAllStrictly(pid, *request.inode);
  }
  List(
      request,
      [&](size_t index, fuse_entry_out* more) {
        if (more != nullptr) FillListed(request, index, all, more);
        return true;
      },
      reply);
}

void LowerFs::List(const Request& request, absl::FunctionRef<bool(size_t, fuse_entry_out*)> lists,
                   FuseReply* reply) {
  auto in = request.As<fuse_read_in>();
  const bool plus = request.header.opcode == FUSE_READDIRPLUS;
  const std::vector<Node>& nodes = request.inode->node().children();
  size_t limit = std::min<size_t>(in.size, kMaxRead);
  // Offsets: 0 ".", 1 "..", then the names.
  for (uint64_t i = in.offset; i < nodes.size() + 2; ++i) {
    fuse_direntplus record = {};
    absl::string_view name = i == 0 ? "." : "..";
    fuse_dirent& dirent = record.dirent;
    dirent.type = S_IFDIR >> 12;
    dirent.ino = request.inode->inode();
    if (i == 1 && request.inode->parent() != nullptr) dirent.ino = request.inode->parent()->inode();
    if (i >= 2) {
      const Node& node = nodes[i - 2];
      name = node.name;
      dirent.type = DirentType(node.entry.type);
      dirent.ino = LowerNodes::InodeNumber(request.inode->inode(), node);
    }
    dirent.namelen = static_cast<uint32_t>(name.size());
    dirent.off = i + 1;
    size_t head = plus ? FUSE_NAME_OFFSET_DIRENTPLUS : FUSE_NAME_OFFSET;
    size_t size = FUSE_DIRENT_ALIGN(head + name.size());
    if (reply->size() + size > limit) break;
    if (i >= 2 && !lists(i - 2, plus ? &record.entry_out : nullptr)) continue;
    static constexpr char kPadding[8] = {};
    if (plus) reply->Append(&record.entry_out, sizeof(record.entry_out));
    reply->Append(&dirent, FUSE_NAME_OFFSET);
    reply->Append(name.data(), name.size());
    reply->Append(kPadding, size - head - name.size());
  }
}

void LowerFs::Getxattr(const Request& request, FuseReply* reply) {
  auto in = request.As<fuse_getxattr_in>();
  absl::string_view name = request.name;
  if (options_.no_xattrs) {
    if (options_.observer != nullptr) options_.observer->OnNoXattrs();
    return reply->Error(ENOSYS);
  }
  if (options_.observer != nullptr) options_.observer->OnGetxattr(request.header.pid, *request.inode, name);
  if (IsHiddenXattr(name)) return reply->Error(ENODATA);
  for (const auto& [key, value] : request.inode->node().entry.xattrs) {
    if (key != name) continue;
    if (in.size == 0) {
      fuse_getxattr_out out = {static_cast<uint32_t>(value.size()), 0};
      return reply->Append(&out, sizeof(out));
    }
    if (in.size < value.size() || value.size() > kMaxRead) return reply->Error(ERANGE);
    return reply->Append(value.data(), value.size());
  }
  reply->Error(ENODATA);
}

void LowerFs::Listxattr(const Request& request, FuseReply* reply) {
  auto in = request.As<fuse_getxattr_in>();
  if (options_.observer != nullptr) {
    options_.no_xattrs ? options_.observer->OnNoXattrs()
                       : options_.observer->OnListxattr(request.header.pid, *request.inode);
  }
  std::string names;
  for (const auto& [key, value] : request.inode->node().entry.xattrs) {
    if (!IsHiddenXattr(key)) absl::StrAppend(&names, key, absl::string_view("\0", 1));
  }
  if (in.size == 0) {
    fuse_getxattr_out out = {static_cast<uint32_t>(names.size()), 0};
    return reply->Append(&out, sizeof(out));
  }
  if (in.size < names.size() || names.size() > kMaxRead) return reply->Error(ERANGE);
  reply->Append(names.data(), names.size());
}

}  // namespace kasane
