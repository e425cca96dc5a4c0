#include "runtime/rootfs.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sys/fsuid.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/mount_api.h"

namespace berth::runtime {

namespace {

int fsconfig(int context, unsigned command, const char* key, const void* value, int aux) {
  return static_cast<int>(::syscall(SYS_fsconfig, context, command, key, value, aux));
}

Status raise_effective() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (::syscall(SYS_capget, &header, data) != 0) return sys_error("capget");
  for (auto& half : data) half.effective = half.permitted;
  if (::syscall(SYS_capset, &header, data) != 0) return sys_error("capset");
  return ok_status();
}

// Overlay keeps the credentials of whoever creates it for all later work on its layers. Host root's
// file-system ids have no name in an idmapped upper, and overlay would then mount read-only without an error;
// and leaving file-system id 0 drops the file capabilities, which must be raised again before the call.
class ContainerFsIds {
 public:
  static Result<ContainerFsIds> assume(uint32_t id) {
    ContainerFsIds ids(id != 0);
    if (id != 0) {
      ::setfsgid(id);
      ::setfsuid(id);
      BERTH_TRY(raise_effective());
    }
    return ids;
  }
  ContainerFsIds(ContainerFsIds&& other) noexcept : active_(std::exchange(other.active_, false)) {}
  ContainerFsIds& operator=(ContainerFsIds&&) = delete;
  ContainerFsIds(const ContainerFsIds&) = delete;
  ContainerFsIds& operator=(const ContainerFsIds&) = delete;
  ~ContainerFsIds() {
    if (!active_) return;
    ::setfsuid(0);  // which also restores the effective file capabilities
    ::setfsgid(0);
  }

 private:
  explicit ContainerFsIds(bool active) : active_(active) {}
  bool active_;
};

Error overlay_error(int context, const std::string& what) {
  int errnum = errno;
  std::string messages = context_messages(context);
  Error error = sys_error(
      "unite the image's layers (" + what + (messages.empty() ? "" : "; " + messages) + ")", errnum);
  return error;
}

}  // namespace

Result<UniqueFd> make_rootfs(const RootfsSources& sources) {
  std::vector<UniqueFd> lowers;
  for (const auto& layer : sources.layers) {
    BERTH_TRY_ASSIGN(UniqueFd clone, clone_mount(layer.get(), false, "a layer"));
    BERTH_TRY(set_mount(clone.get(), 0, sources.map_holder, false, "a layer"));
    lowers.push_back(std::move(clone));
  }
  BERTH_TRY_ASSIGN(UniqueFd writable, clone_mount(sources.writable.get(), false, "the writable layer"));
  BERTH_TRY(set_mount(writable.get(), 0, sources.map_holder, false, "the writable layer"));
  // Both must lie on one and the same mount.
  UniqueFd upper(::openat(writable.get(), "u", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!upper) return sys_error("open the writable layer's u");
  UniqueFd work(::openat(writable.get(), "w", O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!work) return sys_error("open the writable layer's w");

  UniqueFd context(static_cast<int>(::syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  if (!context) return sys_error("open file system type overlay");
  for (const auto& lower : lowers) {
    if (fsconfig(context.get(), FSCONFIG_SET_FD, "lowerdir+", nullptr, lower.get()) != 0) {
      Error error = overlay_error(context.get(), "lowerdir+ by descriptor, which needs Linux 6.13");
      if (error.errnum == EINVAL) error.code = "kernel-missing";
      return error;
    }
  }
  if (fsconfig(context.get(), FSCONFIG_SET_FD, "upperdir", nullptr, upper.get()) != 0)
    return overlay_error(context.get(), "upperdir");
  if (fsconfig(context.get(), FSCONFIG_SET_FD, "workdir", nullptr, work.get()) != 0)
    return overlay_error(context.get(), "workdir");
  // Redirects and metadata-only copies in an untrusted layer are attacks; an index breaks copied upper
  // directories.
  static const char* const options[][2] = {{"source", "overlay"},
                                           {"index", "off"},
                                           {"redirect_dir", "nofollow"},
                                           {"metacopy", "off"},
                                           {"xino", "auto"}};
  for (const auto& option : options)
    if (fsconfig(context.get(), FSCONFIG_SET_STRING, option[0], option[1], 0) != 0)
      return overlay_error(context.get(), option[0]);
  {
    BERTH_TRY_ASSIGN(ContainerFsIds ids,
                     ContainerFsIds::assume(sources.map_holder >= 0 ? sources.id_base : 0));
    if (fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
      return overlay_error(context.get(), "create");
  }
  UniqueFd mount(static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0)));
  if (!mount) return overlay_error(context.get(), "fsmount");
  struct statvfs st {};
  if (::fstatvfs(mount.get(), &st) != 0) return sys_error("stat the root");
  if ((st.f_flag & ST_RDONLY) != 0)
    return Error{"kernel-missing", "overlayfs gave a read-only root: its writable layer does not work here",
                 EROFS};
  return mount;
}

}  // namespace berth::runtime
