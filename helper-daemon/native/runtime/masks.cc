// Masked and read-only paths, and sysctls: the parts of /proc and /sys that a container may not see or
// change.
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>

#include "common/file.h"
#include "common/syscalls.h"
#include "runtime/in_root.h"
#include "runtime/mount_api.h"
#include "runtime/system_mounts.h"

namespace berth::runtime {

namespace {

bool absent(const Error& error) {
  return error.errnum == ENOENT || error.errnum == ENOTDIR || error.errnum == EACCES;
}

Result<UniqueFd> null_device(int root) {
  BERTH_TRY_ASSIGN(UniqueFd null, open_in_root(root, "dev/null", O_NOFOLLOW));
  struct stat st {};
  if (::fstat(null.get(), &st) != 0) return sys_error("stat /dev/null");
  if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
    return Error{"EINVAL", "/dev/null is not the null device", EINVAL};
  return null;
}

Status make_readonly(int root, const std::string& path) {
  auto target = open_in_root(root, path);
  if (!target.ok()) return absent(target.error()) ? ok_status() : Status(target.error());
  BERTH_TRY_ASSIGN(UniqueFd clone, clone_mount(target->get(), true, path));
  BERTH_TRY(set_mount(clone.get(),
                      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, -1, true,
                      path));
  return attach_mount(clone.get(), target->get(), path);
}

bool starts_with(const std::string& text, const char* prefix) {
  return text.rfind(prefix, 0) == 0;
}

Status check_sysctl(const Plan& plan, const std::string& key, const std::string& value) {
  static constexpr std::array<const char*, 8> kIpc{"kernel.msgmax", "kernel.msgmnb",         "kernel.msgmni",
                                                   "kernel.sem",    "kernel.shmall",         "kernel.shmmax",
                                                   "kernel.shmmni", "kernel.shm_rmid_forced"};
  bool plain = std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '/';
  });
  bool printable =
      std::all_of(value.begin(), value.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
  bool net = starts_with(key, "net.") && plan.net_mode != 2;
  bool ipc = plan.ipc_mode == 0 &&
             (starts_with(key, "fs.mqueue.") ||
              std::any_of(kIpc.begin(), kIpc.end(), [&](const char* known) { return key == known; }));
  if (plain && printable && key.find("..") == std::string::npos && (net || ipc)) return ok_status();
  return Error{"bad-request",
               "sysctl " + key + " does not belong to a namespace of the container's own; it is not set",
               EINVAL};
}

}  // namespace

Status mask_paths(int root, const Plan& plan) {
  for (const auto& path : plan.readonly_paths) BERTH_TRY(make_readonly(root, path));
  if (plan.masked_paths.empty()) return ok_status();
  BERTH_TRY_ASSIGN(UniqueFd null, null_device(root));
  // One empty directory serves all masked ones.
  BERTH_TRY_ASSIGN(UniqueFd empty, make_filesystem("tmpfs", {{"nr_inodes", "2"}, {"mode", "755"}},
                                                   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                                       MOUNT_ATTR_NOEXEC));
  bool empty_attached = false;
  for (const auto& path : plan.masked_paths) {
    auto target = open_in_root(root, path);
    if (!target.ok()) {
      if (absent(target.error())) continue;
      return target.error();
    }
    struct stat st {};
    if (::fstat(target->get(), &st) != 0) return sys_error("stat " + path);
    if (S_ISDIR(st.st_mode) && !empty_attached) {
      BERTH_TRY(attach_mount(empty.get(), target->get(), path));
      empty_attached = true;  // from now on it is cloned: older kernels clone attached mounts only
      continue;
    }
    BERTH_TRY_ASSIGN(UniqueFd cover,
                     clone_mount(S_ISDIR(st.st_mode) ? empty.get() : null.get(), false, "a mask"));
    BERTH_TRY(attach_mount(cover.get(), target->get(), path));
  }
  return ok_status();
}

Status write_sysctls(int proc, const Plan& plan) {
  for (const auto& [key, value] : plan.sysctls) {
    BERTH_TRY(check_sysctl(plan, key, value));
    std::string path = "sys/" + key;
    std::replace(path.begin(), path.end(), '.', '/');
    UniqueFd fd(openat2(proc, path.c_str(), O_WRONLY | O_CLOEXEC,
                        RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH));
    if (!fd) return sys_error("set sysctl " + key);
    if (::write(fd.get(), value.data(), value.size()) < 0)
      return sys_error("set sysctl " + key + " to " + value);
  }
  return ok_status();
}

}  // namespace berth::runtime
