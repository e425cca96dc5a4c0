#include "runtime/container_init.h"

#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/syscalls.h"
#include "runtime/in_root.h"
#include "runtime/launch_sync.h"
#include "runtime/mount_api.h"
#include "runtime/privileges.h"
#include "runtime/program.h"
#include "runtime/system_mounts.h"
#include "runtime/tiny_init.h"
#include "runtime/user_mounts.h"

namespace berth::runtime {

namespace {

struct Terminal {
  UniqueFd master;
  UniqueFd slave;
};

Status become_container_root(const Plan& plan) {
  if (plan.has(kUserNamespace)) {
    if (::setresgid(0, 0, 0) != 0) return sys_error("become the container's root group");
    if (::setresuid(0, 0, 0) != 0) return sys_error("become the container's root");
    if (::setgroups(0, nullptr) != 0) return sys_error("drop groups");
  }
  if (::setsid() < 0) return sys_error("make a session");
  if (plan.uts_mode == 0) {
    if (!plan.hostname.empty() && ::sethostname(plan.hostname.data(), plan.hostname.size()) != 0)
      return sys_error("set the host name");
    if (!plan.domainname.empty() && ::setdomainname(plan.domainname.data(), plan.domainname.size()) != 0)
      return sys_error("set the domain name");
  }
  return ok_status();
}

// The namespace's root is the group that the process is in when it makes it: its own, once it has been moved
// there.
Status enter_group_namespace(const Plan& plan, const Prepared& prepared) {
  auto joined = expect_word(prepared.sync.get(), kSyncJoined, "the monitor");
  if (!joined.ok()) return joined.error();
  if (plan.cgroup_mode == 0 && ::unshare(CLONE_NEWCGROUP) != 0)
    return sys_error("make a control group namespace");
  return ok_status();
}

Status enter_root(int root) {
  if (::fchdir(root) != 0) return sys_error("enter the container's root");
  // The old root ends up mounted on the new one's "/", from where it is detached.
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return sys_error("pivot_root");
  if (::umount2(".", MNT_DETACH) != 0) return sys_error("leave the host's root");
  if (::chdir("/") != 0) return sys_error("enter /");
  return ok_status();
}

Status build_root(const Plan& plan, Prepared& prepared, Terminal* terminal) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return sys_error("make mounts private");
  int root = prepared.rootfs.get();
  UniqueFd place(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place) return sys_error("open /");
  BERTH_TRY(attach_mount(root, place.get(), "the container's root"));
  UniqueFd proc;
  BERTH_TRY(mount_kernel_views(root, plan, &proc));
  BERTH_TRY(mount_devices(root, plan, prepared, &terminal->master, &terminal->slave));
  BERTH_TRY(enter_group_namespace(plan, prepared));
  BERTH_TRY(mount_control_groups(root, plan, *prepared.hierarchies));
  BERTH_TRY(attach_user_mounts(root, plan, prepared));
  BERTH_TRY(write_sysctls(proc.get(), plan));
  if (!plan.cwd.empty() && plan.cwd != "/") {
    auto cwd = ensure_target(root, plan.cwd, TargetKind::kDirectory);
    if (!cwd.ok())
      return Error{"cwd-missing", "working directory: " + cwd.error().message, cwd.error().errnum};
  }
  BERTH_TRY(enter_root(root));
  BERTH_TRY(mask_paths(root, plan));
  if (plan.has(kReadonlyRoot)) BERTH_TRY(set_mount(root, MOUNT_ATTR_RDONLY, -1, false, "/"));
  return ok_status();
}

Status set_streams(const Plan& plan, Prepared& prepared, Terminal& terminal) {
  int in = prepared.input.get();
  int out = prepared.output.get();
  int err = prepared.error.get();
  if (plan.has(kTty)) {
    in = out = err = terminal.slave.get();
    if (::ioctl(in, TIOCSCTTY, 0) != 0) return sys_error("take the terminal");
    // The terminal is the container's own device; its user must be able to open it again by name.
    if (::fchown(in, prepared.user.uid, static_cast<gid_t>(-1)) != 0)
      return sys_error("give the terminal to the user");
  }
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0)
    return sys_error("set the standard streams");
  return ok_status();
}

Status prepare_process(const Plan& plan, const Prepared& prepared) {
  ::umask(static_cast<mode_t>(plan.umask & 0777));
  // As root first, whose rights reach further; if that is refused, again as the user.
  Status entered = enter_directory(plan.cwd);
  Privileges privileges;
  privileges.user = prepared.user;
  privileges.capabilities = plan.capabilities;
  privileges.no_new_privileges = plan.has(kNoNewPrivileges);
  privileges.seccomp = &plan.seccomp;
  BERTH_TRY(drop_to(privileges));
  if (!entered.ok()) BERTH_TRY(enter_directory(plan.cwd));
  return ok_status();
}

[[noreturn]] void fail(int sync, const Error& error) {
  (void)send_error(sync, error);
  ::_exit(127);
}

[[noreturn]] void execute_payload(const Plan& plan, const Prepared& prepared, int sync) {
  std::vector<std::string> env = plan.env;
  add_home(env, prepared.user.home);
  (void)send_word(sync, kSyncExecuting);
  fail(sync, execute(plan.args, env));
}

}  // namespace

void run_container_init(const Plan& plan, Prepared& prepared) {
  reset_signals();
  int sync = prepared.sync.get();
  auto mapped = expect_word(sync, kSyncMapped, "the monitor");
  if (!mapped.ok()) ::_exit(127);
  Status status = become_container_root(plan);
  Terminal terminal;
  if (status.ok()) status = build_root(plan, prepared, &terminal);
  if (status.ok()) status = set_streams(plan, prepared, terminal);
  if (!status.ok()) fail(sync, status.error());
  // No way back to the host through a descriptor: a working directory is entered only now.
  close_except({0, 1, 2, sync, terminal.master.get()});
  status = prepare_process(plan, prepared);
  // After the last change of credentials, which would clear it. If the monitor died before, the socket tells.
  if (status.ok() && ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    status = sys_error("tie the process to its monitor");
  if (!status.ok()) fail(sync, status.error());
  if (!send_word(sync, kSyncReady, terminal.master.get()).ok()) ::_exit(127);
  close_except({0, 1, 2, sync});
  auto start = expect_word(sync, kSyncStart, "the monitor");
  if (!start.ok()) ::_exit(127);
  if (!plan.has(kInit)) execute_payload(plan, prepared, sync);

  pid_t payload = ::fork();
  if (payload < 0) fail(sync, sys_error("fork"));
  if (payload == 0) {
    // A group of its own in the foreground, so that the terminal's signals reach the payload and not process
    // 1 twice.
    ::signal(SIGTTOU, SIG_IGN);
    if (::setpgid(0, 0) == 0 && plan.has(kTty)) (void)::tcsetpgrp(0, ::getpgrp());
    ::signal(SIGTTOU, SIG_DFL);
    execute_payload(plan, prepared, sync);
  }
  ::close(sync);
  run_tiny_init(payload);
}

}  // namespace berth::runtime
