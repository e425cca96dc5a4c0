#include "runtime/exit_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "common/fd.h"
#include "common/file.h"
#include "common/wire.h"

namespace berth::runtime {

ExitStatus exit_status(int wait_status) {
  ExitStatus status;
  if (WIFSIGNALED(wait_status)) {
    status.signal = static_cast<uint32_t>(WTERMSIG(wait_status));
    status.code = 128 + WTERMSIG(wait_status);
  } else {
    status.code = WEXITSTATUS(wait_status);
  }
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  status.finished_at = static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
  return status;
}

std::string encode(const ExitStatus& status) {
  Writer out;
  out.i32(status.code);
  out.u32(status.signal);
  out.u8(status.oom_killed ? 1 : 0);
  out.u64(status.finished_at);
  return out.take();
}

Status write_exit_file(int directory, const ExitStatus& status) {
  UniqueFd file(::openat(directory, "exit.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return sys_error("create the exit file");
  BERTH_TRY(write_all(file.get(), encode(status)));
  if (::fsync(file.get()) != 0) return sys_error("sync the exit file");
  if (::renameat(directory, "exit.new", directory, "exit") != 0) return sys_error("rename the exit file");
  if (::fsync(directory) != 0) return sys_error("sync the container's directory");
  return ok_status();
}

}  // namespace berth::runtime
