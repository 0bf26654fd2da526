#include "src/sandbox/seccomp_profile.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <vector>

#include "src/base/status.h"
#include "src/sandbox/seccomp_table.h"

namespace kasane {
namespace {

constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr uint32_t kForbidden = SECCOMP_RET_ERRNO | EPERM;
constexpr uint32_t kUnknown = SECCOMP_RET_ERRNO | ENOSYS;

// clone may make no namespace. (unshare and setns are not allowed at all; clone3, whose flags a filter cannot
// see, fails with ENOSYS, so that libc falls back to clone.)
constexpr uint32_t kNamespaceFlags =
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;
constexpr uint32_t kStatxDontSync = 0x4000;
// Linux, UNAME26, PER_LINUX32, both, and "tell".
constexpr uint32_t kPersonalities[] = {0x0, 0x8, 0x20000, 0x20008, 0xffffffff};
// All below AF_ALG, and these; so neither AF_ALG nor AF_VSOCK.
constexpr uint32_t kSocketDomainsBelow = AF_ALG;
constexpr uint32_t kSocketDomains[] = {AF_NFC, AF_KCM, AF_QIPCRTR, AF_SMC, AF_XDP, 45 /* AF_MCTP */};

struct Abi {
  uint32_t audit;  // seccomp_data.arch
  uint32_t token;  // libseccomp's name
  bool x32;        // its numbers carry kX32Bit
};
#if defined(__x86_64__)
constexpr uint32_t kX32Bit = 0x40000000;
constexpr Abi kAbis[] = {{AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64, false},
                         {AUDIT_ARCH_X86_64, SCMP_ARCH_X32, true},
                         {AUDIT_ARCH_I386, SCMP_ARCH_X86, false}};
#elif defined(__aarch64__)
constexpr uint32_t kX32Bit = 0;
constexpr Abi kAbis[] = {{AUDIT_ARCH_AARCH64, SCMP_ARCH_AARCH64, false},
                         {AUDIT_ARCH_ARM, SCMP_ARCH_ARM, false}};
#else
#error "no system call table for this architecture"
#endif

using Program = std::vector<sock_filter>;

void Emit(Program* program, uint16_t code, uint32_t k, uint8_t if_true = 0, uint8_t if_false = 0) {
  program->push_back(sock_filter{code, if_true, if_false, k});
}

void Return(Program* program, uint32_t action) { Emit(program, BPF_RET | BPF_K, action); }

void LoadNumber(Program* program) { Emit(program, BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)); }

// Both architectures above are little-endian.
void LoadArgument(Program* program, int index, bool high) {
  Emit(program, BPF_LD | BPF_W | BPF_ABS,
       static_cast<uint32_t>(offsetof(seccomp_data, args) + 8 * static_cast<size_t>(index) + (high ? 4 : 0)));
}

// `action` if the argument has any of `bits`, else allowed.
Program UnlessBits(int argument, uint32_t bits, uint32_t action) {
  Program program;
  LoadArgument(&program, argument, false);
  Emit(&program, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
  Return(&program, action);
  Return(&program, kAllow);
  return program;
}

// Allowed if the first argument is below `below` or one of `values`, else forbidden.
template <typename Values>
Program IfFirstIs(uint32_t below, const Values& values) {
  Program program;
  LoadArgument(&program, 0, true);
  Emit(&program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
  Return(&program, kForbidden);
  LoadArgument(&program, 0, false);
  Emit(&program, BPF_JMP | BPF_JGE | BPF_K, below, 1, 0);
  Return(&program, kAllow);
  for (uint32_t value : values) {
    Emit(&program, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
    Return(&program, kAllow);
  }
  Return(&program, kForbidden);
  return program;
}

Program Always(uint32_t action) {
  Program program;
  Return(&program, action);
  return program;
}

bool SameProgram(const Program& a, const Program& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const sock_filter& x, const sock_filter& y) {
    return x.code == y.code && x.jt == y.jt && x.jf == y.jf && x.k == y.k;
  });
}

// From `first` to the next range's first: this code.
struct Range {
  uint32_t first;
  Program code;
};

// What each call of an ABI does, as ranges of equal code.
std::vector<Range> Ranges(const Abi& abi) {
  std::vector<std::pair<uint32_t, Program>> known;
  auto add = [&](const char* name, const Program& code) {
    int number = seccomp_syscall_resolve_name_arch(abi.token, name);
    if (number >= 0) known.emplace_back(static_cast<uint32_t>(number), code);
  };
  for (const char* name : kAllowedSyscalls) add(name, Always(kAllow));
  add("clone", UnlessBits(0, kNamespaceFlags, kForbidden));
  add("clone3", Always(kUnknown));
  add("personality", IfFirstIs(0, kPersonalities));
  add("socket", IfFirstIs(kSocketDomainsBelow, kSocketDomains));
  add("statx", UnlessBits(2, kStatxDontSync, kUnknown));
  std::sort(known.begin(), known.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

  std::vector<Range> ranges = {{0, Always(kForbidden)}};
  auto append = [&](uint32_t first, Program code) {
    if (ranges.back().first == first) {
      ranges.back().code = std::move(code);
    } else if (!SameProgram(ranges.back().code, code)) {
      ranges.push_back({first, std::move(code)});
    }
  };
  for (size_t i = 0; i < known.size(); ++i) {
    append(known[i].first, known[i].second);
    bool last = i + 1 == known.size();
    if (last || known[i + 1].first > known[i].first + 1) {
      append(known[i].first + 1, Always(last ? kUnknown : kForbidden));
    }
  }
  return ranges;
}

// A binary search for the number in the accumulator.
void EmitSearch(const Range* begin, const Range* end, Program* program) {
  if (end - begin == 1) {
    program->insert(program->end(), begin->code.begin(), begin->code.end());
    return;
  }
  const Range* middle = begin + (end - begin) / 2;
  Program left;
  EmitSearch(begin, middle, &left);
  // Conditional jumps reach 255 instructions only, plain ones reach all.
  Emit(program, BPF_JMP | BPF_JGE | BPF_K, middle->first, 0, 1);
  Emit(program, BPF_JMP | BPF_JA, static_cast<uint32_t>(left.size()));
  program->insert(program->end(), left.begin(), left.end());
  EmitSearch(middle, end, program);
}

void EmitAbi(const Abi& abi, Program* program) {
  std::vector<Range> ranges = Ranges(abi);
  Program body;
  LoadNumber(&body);
  EmitSearch(ranges.data(), ranges.data() + ranges.size(), &body);
  // Is it this ABI? Else on to the next one.
  Emit(program, BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  Emit(program, BPF_JMP | BPF_JEQ | BPF_K, abi.audit, 1, 0);
  if (abi.audit == kAbis[0].audit && kX32Bit != 0) {
    // x86_64 and x32 share an audit architecture and differ in one bit of the number.
    Emit(program, BPF_JMP | BPF_JA, static_cast<uint32_t>(body.size() + 3));
    LoadNumber(program);
    Emit(program, BPF_JMP | BPF_JSET | BPF_K, kX32Bit, abi.x32 ? 1 : 0, abi.x32 ? 0 : 1);
  }
  Emit(program, BPF_JMP | BPF_JA, static_cast<uint32_t>(body.size()));
  program->insert(program->end(), body.begin(), body.end());
}

}  // namespace

absl::StatusOr<std::string> BuildSeccompFilter() {
  Program program;
  for (const Abi& abi : kAbis) EmitAbi(abi, &program);
  Return(&program, kForbidden);  // an ABI that we do not know
  if (program.size() > BPF_MAXINSNS) return absl::InternalError("the seccomp filter is too long");
  return std::string(reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter));
}

int LoadSeccompFilter(const std::string& filter) {
  sock_fprog program;
  program.len = static_cast<unsigned short>(filter.size() / sizeof(sock_filter));
  program.filter = reinterpret_cast<sock_filter*>(const_cast<char*>(filter.data()));
  // SPEC_ALLOW: as runc does by default, a build is not slowed down by speculation barriers.
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0) return 0;
  if (errno != EINVAL) return errno;
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : errno;
}

}  // namespace kasane
