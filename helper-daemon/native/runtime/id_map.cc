#include "runtime/id_map.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

#include "common/file.h"
#include "common/syscalls.h"

namespace berth::runtime {

namespace {

std::string render(const IdLines& lines) {
  std::string text;
  for (const auto& l : lines)
    text += std::to_string(l.inside) + " " + std::to_string(l.outside) + " " + std::to_string(l.count) + "\n";
  return text;
}

}  // namespace

IdMap range_map(uint32_t base, uint32_t size) {
  return IdMap{{{0, base, size}}, {{0, base, size}}};
}

Result<IdLines> developer_lines(uint32_t base, uint32_t size, uint32_t disk, uint32_t inside) {
  uint64_t first = base;
  uint64_t last = first + size;  // exclusive
  uint64_t shown = first + inside;
  if (shown >= last)
    return Error{"bad-request",
                 "user " + std::to_string(inside) + " lies beyond the container's range of ids", EINVAL};
  bool whole = base == 0;
  if (!whole && disk >= first && disk < last)
    return Error{"bad-request", "id " + std::to_string(disk) + " lies in the container's own range of ids",
                 EINVAL};
  IdLines lines;
  lines.push_back({disk, static_cast<uint32_t>(shown), 1});
  if (whole && disk != inside) lines.push_back({inside, disk, 1});
  std::vector<uint64_t> holes{shown};
  if (whole && disk != inside) holes.push_back(disk);
  std::sort(holes.begin(), holes.end());
  uint64_t at = first;
  for (uint64_t hole : holes) {
    if (hole > at)
      lines.push_back(
          {static_cast<uint32_t>(at), static_cast<uint32_t>(at), static_cast<uint32_t>(hole - at)});
    at = hole + 1;
  }
  if (last > at)
    lines.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(at), static_cast<uint32_t>(last - at)});
  return lines;
}

Status write_id_maps(pid_t pid, const IdMap& map) {
  std::string base = "/proc/" + std::to_string(pid);
  BERTH_TRY(write_control(AT_FDCWD, base + "/uid_map", render(map.uids)));
  return write_control(AT_FDCWD, base + "/gid_map", render(map.gids));
}

Result<UniqueFd> make_map_holder(const IdMap& map) {
  clone_args args{};
  int pidfd_raw = -1;
  args.flags = CLONE_NEWUSER | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<uintptr_t>(&pidfd_raw);
  args.exit_signal = 0;  // no SIGCHLD: it is reaped below
  pid_t pid = clone3(args);
  if (pid < 0) return sys_error("make a user namespace");
  if (pid == 0) {
    for (;;) ::pause();
  }
  UniqueFd pidfd(pidfd_raw);
  Status written = write_id_maps(pid, map);
  UniqueFd holder(::open(("/proc/" + std::to_string(pid) + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
  int open_errno = errno;
  pidfd_send_signal(pidfd.get(), SIGKILL);
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED | __WALL) != 0 && errno == EINTR) {
  }
  if (!written.ok()) return written.error();
  if (!holder) return sys_error("open the user namespace", open_errno);
  return holder;
}

}  // namespace berth::runtime
