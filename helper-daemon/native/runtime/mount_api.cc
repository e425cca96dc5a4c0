#include "runtime/mount_api.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace berth::runtime {

namespace {

int open_tree(int dir, const char* path, unsigned flags) {
  return static_cast<int>(::syscall(SYS_open_tree, dir, path, flags));
}

int fsconfig(int context, unsigned command, const char* key, const void* value, int aux) {
  return static_cast<int>(::syscall(SYS_fsconfig, context, command, key, value, aux));
}

}  // namespace

Result<UniqueFd> clone_mount(int fd, bool recursive, const std::string& what) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  UniqueFd tree(open_tree(fd, "", flags));
  if (!tree) return sys_error("clone the mount of " + what);
  return tree;
}

Result<UniqueFd> clone_mount_at(int dir, const std::string& path, const std::string& what) {
  UniqueFd tree(open_tree(dir, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW));
  if (!tree) return sys_error("clone the mount of " + what);
  return tree;
}

Status set_mount(int fd, uint64_t attributes, int user_namespace, bool recursive, const std::string& what) {
  mount_attr attr{};
  attr.attr_set = attributes;
  if (user_namespace >= 0) {
    attr.attr_set |= MOUNT_ATTR_IDMAP;
    attr.userns_fd = static_cast<uint64_t>(user_namespace);
  }
  if (attr.attr_set == 0) return ok_status();
  unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  if (::syscall(SYS_mount_setattr, fd, "", flags, &attr, sizeof(attr)) != 0)
    return sys_error("set mount attributes of " + what);
  return ok_status();
}

std::string context_messages(int context) {
  std::string all;
  std::array<char, 512> line{};
  for (;;) {
    ssize_t n = ::read(context, line.data(), line.size());
    if (n <= 0) return all;
    if (!all.empty()) all += "; ";
    all.append(line.data(), static_cast<size_t>(n));
    while (!all.empty() && all.back() == '\n') all.pop_back();
  }
}

Result<UniqueFd> make_filesystem(const std::string& type, const std::vector<FsOption>& options,
                                 uint64_t attributes) {
  UniqueFd context(static_cast<int>(::syscall(SYS_fsopen, type.c_str(), FSOPEN_CLOEXEC)));
  if (!context) return sys_error("open file system type " + type);
  auto failed = [&](const std::string& what) {
    int errnum = errno;
    std::string messages = context_messages(context.get());
    return sys_error("mount " + type + " (" + what + (messages.empty() ? "" : "; " + messages) + ")", errnum);
  };
  for (const auto& o : options) {
    int result = o.value.empty()
                     ? fsconfig(context.get(), FSCONFIG_SET_FLAG, o.key.c_str(), nullptr, 0)
                     : fsconfig(context.get(), FSCONFIG_SET_STRING, o.key.c_str(), o.value.c_str(), 0);
    if (result != 0) return failed("option " + o.key);
  }
  if (fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return failed("create");
  UniqueFd mount(static_cast<int>(
      ::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes))));
  if (!mount) return failed("fsmount");
  return mount;
}

Status attach_mount(int mount, int target, const std::string& what) {
  if (::syscall(SYS_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) !=
      0)
    return sys_error("mount " + what);
  return ok_status();
}

}  // namespace berth::runtime
