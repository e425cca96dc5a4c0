// /dev of a container.
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>

#include <array>

#include "common/syscalls.h"
#include "runtime/in_root.h"
#include "runtime/mount_api.h"
#include "runtime/system_mounts.h"

namespace berth::runtime {

namespace {

struct Node {
  const char* name;
  unsigned major;
  unsigned minor;
};
constexpr std::array<Node, 6> kNodes{
    {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}}};

constexpr std::array<std::array<const char*, 2>, 6> kLinks{{{"/proc/self/fd", "fd"},
                                                            {"/proc/self/fd/0", "stdin"},
                                                            {"/proc/self/fd/1", "stdout"},
                                                            {"/proc/self/fd/2", "stderr"},
                                                            {"/proc/kcore", "core"},
                                                            {"pts/ptmx", "ptmx"}}};

Result<UniqueFd> make_file(int dir, const std::string& name) {
  UniqueFd made(::openat(dir, name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!made) return sys_error("make /dev/" + name);
  UniqueFd path(::openat(dir, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!path) return sys_error("open /dev/" + name);
  return path;
}

// Under a user namespace nodes cannot be made: the host's, checked to be what they should be, are mounted.
Status bind_node(int dev, const Node& node) {
  BERTH_TRY_ASSIGN(UniqueFd host, clone_mount_at(AT_FDCWD, std::string("/dev/") + node.name, node.name));
  struct stat st {};
  if (::fstat(host.get(), &st) != 0) return sys_error(std::string("stat /dev/") + node.name);
  if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(node.major, node.minor))
    return Error{"EINVAL", std::string("the host's /dev/") + node.name + " is not the device it should be",
                 EINVAL};
  BERTH_TRY_ASSIGN(UniqueFd at, make_file(dev, node.name));
  return attach_mount(host.get(), at.get(), std::string("/dev/") + node.name);
}

Status make_nodes(int dev, bool user_namespace) {
  for (const auto& node : kNodes) {
    if (user_namespace) {
      BERTH_TRY(bind_node(dev, node));
      continue;
    }
    if (::mknodat(dev, node.name, S_IFCHR | 0666, makedev(node.major, node.minor)) != 0 ||
        ::fchmodat(dev, node.name, 0666, 0) != 0)
      return sys_error(std::string("make /dev/") + node.name);
  }
  return ok_status();
}

Result<UniqueFd> make_directory(int dev, const char* name) {
  if (::mkdirat(dev, name, 0755) != 0) return sys_error(std::string("make /dev/") + name);
  UniqueFd fd(::openat(dev, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return sys_error(std::string("open /dev/") + name);
  return fd;
}

// The pair comes from the container's own devpts by descriptor; the slave is asked of its master, never
// opened by name.
Status make_console(int dev, int pts, const Plan& plan, UniqueFd* master, UniqueFd* slave) {
  master->reset(::openat(pts, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!*master) return sys_error("open a pseudo-terminal");
  int unlock = 0;
  if (::ioctl(master->get(), TIOCSPTLCK, &unlock) != 0) return sys_error("unlock the pseudo-terminal");
  slave->reset(::ioctl(master->get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!*slave) return sys_error("open the terminal");
  winsize size{};
  size.ws_row = plan.console_height;
  size.ws_col = plan.console_width;
  if (size.ws_row != 0 && ::ioctl(slave->get(), TIOCSWINSZ, &size) != 0)
    return sys_error("size the terminal");
  BERTH_TRY_ASSIGN(UniqueFd at, make_file(dev, "console"));
  BERTH_TRY_ASSIGN(UniqueFd clone, clone_mount(slave->get(), false, "the terminal"));
  return attach_mount(clone.get(), at.get(), "/dev/console");
}

Status mount_shared_memory(int dev, const Plan& plan) {
  constexpr uint64_t kPlain = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  BERTH_TRY_ASSIGN(UniqueFd at_shm, make_directory(dev, "shm"));
  BERTH_TRY_ASSIGN(UniqueFd at_mqueue, make_directory(dev, "mqueue"));
  if (plan.ipc_mode == 1) {
    UniqueFd host(::open("/dev/shm", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!host) return sys_error("open the host's /dev/shm");
    BERTH_TRY_ASSIGN(UniqueFd clone, clone_mount(host.get(), false, "the host's /dev/shm"));
    return attach_mount(clone.get(), at_shm.get(), "/dev/shm");
  }
  uint64_t size = plan.shm_size != 0 ? plan.shm_size : 64ULL << 20;
  BERTH_TRY_ASSIGN(
      UniqueFd shm,
      make_filesystem("tmpfs", {{"source", "shm"}, {"mode", "1777"}, {"size", std::to_string(size)}},
                      kPlain));
  BERTH_TRY(attach_mount(shm.get(), at_shm.get(), "/dev/shm"));
  BERTH_TRY_ASSIGN(UniqueFd mqueue, make_filesystem("mqueue", {}, kPlain));
  return attach_mount(mqueue.get(), at_mqueue.get(), "/dev/mqueue");
}

}  // namespace

Status mount_devices(int root, const Plan& plan, const Prepared& prepared, UniqueFd* console,
                     UniqueFd* slave) {
  BERTH_TRY_ASSIGN(UniqueFd at, ensure_plain_directory(root, "dev"));
  BERTH_TRY_ASSIGN(UniqueFd dev,
                   make_filesystem("tmpfs", {{"source", "tmpfs"}, {"mode", "755"}, {"size", "65536k"}},
                                   MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME));
  BERTH_TRY(attach_mount(dev.get(), at.get(), "/dev"));
  BERTH_TRY(make_nodes(dev.get(), plan.has(kUserNamespace)));
  for (const auto& link : kLinks)
    if (::symlinkat(link[0], dev.get(), link[1]) != 0) return sys_error(std::string("link /dev/") + link[1]);

  BERTH_TRY_ASSIGN(UniqueFd at_pts, make_directory(dev.get(), "pts"));
  BERTH_TRY_ASSIGN(
      UniqueFd pts,
      make_filesystem("devpts", {{"newinstance", ""}, {"ptmxmode", "0666"}, {"mode", "0620"}, {"gid", "5"}},
                      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC));
  BERTH_TRY(attach_mount(pts.get(), at_pts.get(), "/dev/pts"));
  BERTH_TRY(mount_shared_memory(dev.get(), plan));
  for (size_t i = 0; i < plan.devices.size(); ++i) {
    const std::string& path = plan.devices[i].container_path;
    BERTH_TRY_ASSIGN(UniqueFd target, ensure_target(root, path, TargetKind::kFile));
    BERTH_TRY(attach_mount(prepared.devices[i].get(), target.get(), path));
  }
  if (plan.has(kTty)) return make_console(dev.get(), pts.get(), plan, console, slave);
  return ok_status();
}

}  // namespace berth::runtime
