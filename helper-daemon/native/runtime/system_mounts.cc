#include "runtime/system_mounts.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>

#include "common/syscalls.h"
#include "runtime/in_root.h"
#include "runtime/mount_api.h"

namespace berth::runtime {

namespace {

constexpr uint64_t kPlain = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

// With the host's pid or network namespace under an own user namespace the kernel refuses a fresh mount; then
// the host's own view is used, as it is the view of those namespaces.
Result<UniqueFd> fresh_or_host(const std::string& type, const std::string& host_path, uint64_t attributes,
                               bool shared) {
  auto fresh = make_filesystem(type, {}, attributes);
  if (fresh.ok() || !shared || fresh.error().errnum != EPERM) return fresh;
  UniqueFd host(::open(host_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!host) return sys_error("open " + host_path);
  BERTH_TRY_ASSIGN(UniqueFd tree, clone_mount(host.get(), true, host_path));
  BERTH_TRY(set_mount(tree.get(), attributes, -1, false, host_path));
  return tree;
}

std::string join(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : ",") + part;
  return all;
}

}  // namespace

Status mount_kernel_views(int root, const Plan& plan, UniqueFd* proc) {
  BERTH_TRY_ASSIGN(UniqueFd at_proc, ensure_plain_directory(root, "proc"));
  BERTH_TRY_ASSIGN(*proc, fresh_or_host("proc", "/proc", kPlain, plan.pid_mode == 1));
  BERTH_TRY(attach_mount(proc->get(), at_proc.get(), "/proc"));
  struct statfs fs {};
  if (::fstatfs(proc->get(), &fs) != 0) return sys_error("stat /proc");
  if (fs.f_type != PROC_SUPER_MAGIC) return Error{"EINVAL", "/proc is not a procfs", EINVAL};

  BERTH_TRY_ASSIGN(UniqueFd at_sys, ensure_plain_directory(root, "sys"));
  uint64_t readonly = plan.has(kPrivileged) ? 0 : MOUNT_ATTR_RDONLY;
  BERTH_TRY_ASSIGN(UniqueFd sys, fresh_or_host("sysfs", "/sys", kPlain | readonly, plan.net_mode == 2));
  return attach_mount(sys.get(), at_sys.get(), "/sys");
}

Status mount_control_groups(int root, const Plan& plan, const Hierarchies& hierarchies) {
  if (hierarchies.all().empty()) return ok_status();
  uint64_t attributes = kPlain | (plan.has(kPrivileged) ? 0 : MOUNT_ATTR_RDONLY);
  auto target = open_in_root(root, "sys/fs/cgroup", O_DIRECTORY);
  if (!target.ok()) return target.error().errnum == ENOENT ? ok_status() : Status(target.error());
  bool only_v2 = std::all_of(hierarchies.all().begin(), hierarchies.all().end(),
                             [](const Hierarchy& h) { return h.v2; });
  if (only_v2) {
    BERTH_TRY_ASSIGN(UniqueFd unified, make_filesystem("cgroup2", {}, attributes));
    return attach_mount(unified.get(), target->get(), "/sys/fs/cgroup");
  }
  BERTH_TRY_ASSIGN(UniqueFd base, make_filesystem("tmpfs", {{"mode", "755"}, {"size", "64k"}}, kPlain));
  BERTH_TRY(attach_mount(base.get(), target->get(), "/sys/fs/cgroup"));
  for (const auto& h : hierarchies.all()) {
    if (h.v2) continue;
    std::string name = join(h.controllers);
    std::vector<FsOption> options;
    for (const auto& controller : h.controllers) options.push_back({controller, ""});
    // A hierarchy that cannot be shown is left out: programs fall back to the machine's figures.
    auto view = make_filesystem("cgroup", options, attributes);
    if (!view.ok()) continue;
    if (::mkdirat(base.get(), name.c_str(), 0755) != 0) return sys_error("make /sys/fs/cgroup/" + name);
    BERTH_TRY_ASSIGN(UniqueFd at, open_in_root(base.get(), name, O_DIRECTORY));
    BERTH_TRY(attach_mount(view->get(), at.get(), "/sys/fs/cgroup/" + name));
    if (h.controllers.size() > 1)
      for (const auto& controller : h.controllers)
        if (::symlinkat(name.c_str(), base.get(), controller.c_str()) != 0)
          return sys_error("link /sys/fs/cgroup/" + controller);
  }
  return set_mount(base.get(), attributes, -1, false, "/sys/fs/cgroup");
}

}  // namespace berth::runtime
