#include "runtime/user_mounts.h"

#include <algorithm>
#include <array>

#include "runtime/copy_up.h"
#include "runtime/in_root.h"
#include "runtime/mount_api.h"

namespace berth::runtime {

namespace {

uint64_t attributes(const Mount& m) {
  uint64_t set = 0;
  if ((m.flags & kMountReadonly) != 0) set |= MOUNT_ATTR_RDONLY;
  if ((m.flags & kMountNosuid) != 0) set |= MOUNT_ATTR_NOSUID;
  if ((m.flags & kMountNodev) != 0) set |= MOUNT_ATTR_NODEV;
  if ((m.flags & kMountNoexec) != 0) set |= MOUNT_ATTR_NOEXEC;
  return set;
}

Status attach_tmpfs(int root, const Mount& m) {
  std::vector<FsOption> options{{"source", "tmpfs"}};
  if (m.tmpfs_size != 0) options.push_back({"size", std::to_string(m.tmpfs_size)});
  std::array<char, 16> mode{};
  std::snprintf(mode.data(), mode.size(), "%o", m.tmpfs_mode != 0 ? m.tmpfs_mode & 07777 : 01777U);
  options.push_back({"mode", mode.data()});
  BERTH_TRY_ASSIGN(UniqueFd tmpfs, make_filesystem("tmpfs", options, attributes(m)));
  BERTH_TRY_ASSIGN(UniqueFd target, ensure_target(root, m.target, TargetKind::kDirectory));
  return attach_mount(tmpfs.get(), target.get(), m.target);
}

Status attach_file(int root, const UniqueFd& tree, const char* path, const Plan& plan) {
  bool users_own =
      std::any_of(plan.mounts.begin(), plan.mounts.end(), [&](const Mount& m) { return m.target == path; });
  if (!tree || users_own) return ok_status();
  BERTH_TRY_ASSIGN(UniqueFd target, ensure_target(root, path, TargetKind::kFile));
  return attach_mount(tree.get(), target.get(), path);
}

}  // namespace

Status attach_user_mounts(int root, const Plan& plan, const Prepared& prepared) {
  auto ready = prepared.mounts.begin();
  for (size_t i = 0; i < plan.mounts.size(); ++i) {
    const Mount& m = plan.mounts[i];
    if (m.type == MountType::kTmpfs) {
      BERTH_TRY(attach_tmpfs(root, m));
      continue;
    }
    while (ready != prepared.mounts.end() && ready->index < i) ++ready;
    if (ready == prepared.mounts.end() || ready->index != i)
      return Error{"EIO", "mount " + m.target + " was not prepared", EIO};
    TargetKind kind = ready->directory ? TargetKind::kDirectory : TargetKind::kFile;
    BERTH_TRY_ASSIGN(UniqueFd target, ensure_target(root, m.target, kind));
    bool copy = m.type == MountType::kVolume && (m.flags & kMountCopyUp) != 0 && ready->directory;
    if (copy) BERTH_TRY(copy_up(target.get(), ready->tree.get(), m.target));
    // Only now: the volume had to be writable for the copy.
    BERTH_TRY(set_mount(ready->tree.get(), attributes(m), -1, (m.flags & kMountRecursive) != 0, m.target));
    BERTH_TRY(attach_mount(ready->tree.get(), target.get(), m.target));
  }
  BERTH_TRY(attach_file(root, prepared.hosts, "/etc/hosts", plan));
  BERTH_TRY(attach_file(root, prepared.hostname, "/etc/hostname", plan));
  return attach_file(root, prepared.resolv_conf, "/etc/resolv.conf", plan);
}

}  // namespace berth::runtime
