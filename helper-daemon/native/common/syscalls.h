// Thin wrappers of system calls that glibc does not wrap. They return as the kernel does: -1 and errno on
// failure.
#pragma once

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace berth {

inline int openat2(int dir, const char* path, uint64_t flags, uint64_t resolve, uint64_t mode = 0) {
  open_how how{};
  how.flags = flags;
  how.mode = mode;
  how.resolve = resolve;
  return static_cast<int>(::syscall(SYS_openat2, dir, path, &how, sizeof(how)));
}

// Like fork(2) with the flags of clone3: 0 in the child. glibc's fork handlers do not run, so this is for
// single-threaded processes only.
inline pid_t clone3(clone_args& args) {
  return static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof(args)));
}

inline int pidfd_open(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

inline int pidfd_send_signal(int pidfd, int signal) {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

// Closes every descriptor from `first` up.
inline int close_from(unsigned first) {
  return static_cast<int>(::syscall(SYS_close_range, first, ~0U, 0));
}

// Closes every descriptor that is not in `keep`. Objects that own closed ones must never be destroyed
// afterwards.
inline void close_except(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned next = 0;
  for (int fd : keep) {
    if (fd < 0) continue;
    auto kept = static_cast<unsigned>(fd);
    if (kept > next) ::syscall(SYS_close_range, next, kept - 1, 0);
    next = std::max(next, kept + 1);
  }
  close_from(next);
}

// Sets close-on-exec on every descriptor from `first` up.
inline int cloexec_from(unsigned first) {
  return static_cast<int>(::syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC));
}

}  // namespace berth
