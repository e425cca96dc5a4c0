#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "common/fd.h"
#include "unpack/confine_filter.h"
#include "unpack/unpack.h"

namespace berth::unpack {

namespace {

constexpr uint64_t bit(int capability) {
  return uint64_t{1} << capability;
}

// SYS_ADMIN only because the kernel wants it for `trusted.overlay.opaque`; the filter leaves nothing else to
// do with it.
constexpr uint64_t kKept = bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER) | bit(CAP_FSETID) |
                           bit(CAP_SETFCAP) | bit(CAP_MKNOD) | bit(CAP_SYS_ADMIN);

Status close_all_but(const int* keep, size_t keep_count) {
  std::vector<int> kept(keep, keep + keep_count);
  std::sort(kept.begin(), kept.end());
  unsigned first = 3;
  for (int fd : kept) {
    if (fd < 0 || static_cast<unsigned>(fd) < first) continue;
    const auto number = static_cast<unsigned>(fd);
    if (number > first && close_range(first, number - 1, 0) != 0) return sys_error("close_range");
    first = number + 1;
  }
  if (close_range(first, ~0U, 0) != 0) return sys_error("close_range");
  return ok_status();
}

Status enter_directory(int directory_fd) {
  // Cloned before the namespace is left behind: only mounts of one's own namespace can be.
  UniqueFd tree(static_cast<int>(
      syscall(SYS_open_tree, directory_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH)));
  if (!tree) return sys_error("open_tree");
  if (unshare(CLONE_NEWNS) != 0) return sys_error("unshare CLONE_NEWNS");
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return sys_error("mount private /");
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  if (syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) != 0) {
    return sys_error("mount_setattr");
  }
  if (syscall(SYS_move_mount, tree.get(), "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0)
    return sys_error("move_mount");
  if (fchdir(tree.get()) != 0) return sys_error("fchdir");
  if (chroot(".") != 0) return sys_error("chroot");
  if (chdir("/") != 0) return sys_error("chdir /");
  return ok_status();
}

Status cut_capabilities() {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if ((kKept & bit(capability)) != 0) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return sys_error("prctl PR_CAPBSET_DROP");
  }
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return sys_error("prctl PR_CAP_AMBIENT");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) != 0) return sys_error("capget");
  for (int i = 0; i < 2; ++i) {
    const auto kept = static_cast<uint32_t>(kKept >> (32 * i));
    data[i].permitted &= kept;
    data[i].effective = data[i].permitted;
    data[i].inheritable = 0;
  }
  if (syscall(SYS_capset, &header, data) != 0) return sys_error("capset");
  return ok_status();
}

}  // namespace

Status confine_to_directory(int directory_fd, const int* keep, size_t keep_count) {
  BERTH_TRY(enter_directory(directory_fd));
  BERTH_TRY(close_all_but(keep, keep_count));
  umask(0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return sys_error("prctl PR_SET_NO_NEW_PRIVS");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return sys_error("prctl PR_SET_DUMPABLE");
  BERTH_TRY(cut_capabilities());
  return install_confine_filter();
}

}  // namespace berth::unpack
