#include "runtime/exec_process.h"

#include <grp.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <termios.h>

#include "common/syscalls.h"
#include "runtime/launch_sync.h"
#include "runtime/privileges.h"
#include "runtime/program.h"

namespace berth::runtime {

namespace {

int namespaces(const Plan& plan) {
  int flags = CLONE_NEWNS;
  if (plan.has(kUserNamespace)) flags |= CLONE_NEWUSER;
  if (plan.pid_mode == 0) flags |= CLONE_NEWPID;
  if (plan.ipc_mode == 0) flags |= CLONE_NEWIPC;
  if (plan.uts_mode == 0) flags |= CLONE_NEWUTS;
  if (plan.net_mode != 2) flags |= CLONE_NEWNET;
  if (plan.cgroup_mode == 0) flags |= CLONE_NEWCGROUP;
  return flags;
}

// The terminal comes from the container's devpts, checked to be one, and its slave from its master.
Status make_terminal(const ExecRequest& request, UniqueFd* master, UniqueFd* slave) {
  master->reset(openat2(AT_FDCWD, "/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, RESOLVE_NO_SYMLINKS));
  if (!*master) return sys_error("open a pseudo-terminal");
  struct statfs fs {};
  if (::fstatfs(master->get(), &fs) != 0 || fs.f_type != DEVPTS_SUPER_MAGIC)
    return Error{"EINVAL", "/dev/pts of the container is not a devpts", EINVAL};
  int unlock = 0;
  if (::ioctl(master->get(), TIOCSPTLCK, &unlock) != 0) return sys_error("unlock the pseudo-terminal");
  slave->reset(::ioctl(master->get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!*slave) return sys_error("open the terminal");
  winsize size{};
  size.ws_row = request.height;
  size.ws_col = request.width;
  if (size.ws_row != 0 && ::ioctl(slave->get(), TIOCSWINSZ, &size) != 0)
    return sys_error("size the terminal");
  return ok_status();
}

std::vector<std::string> environment(const Plan& plan, const ExecRequest& request, const User& user) {
  std::vector<std::string> env = plan.env;
  for (const auto& variable : request.env) {
    std::string key = variable.substr(0, variable.find('='));
    std::erase_if(
        env, [&](const std::string& e) { return e.compare(0, key.size() + 1, key + "=") == 0 || e == key; });
    // A bare name takes the variable away.
    if (key.size() < variable.size()) env.push_back(variable);
  }
  add_home(env, user.home);
  return env;
}

struct Process {
  const Plan& plan;
  const ExecRequest& request;
  ExecStreams streams;
  int sync;
  User user;
  UniqueFd master;
  UniqueFd slave;

  Status prepare() {
    if (::setsid() < 0) return sys_error("make a session");
    UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) return sys_error("open /");
    // Supplementary groups given at create belong to the container's user, not to another one.
    bool own_user = request.user.empty();
    BERTH_TRY_ASSIGN(user, resolve_user(root.get(), own_user ? plan.user : request.user,
                                        own_user ? plan.additional_groups : std::vector<std::string>(),
                                        plan.has(kUserNamespace) ? plan.id_size : 0));
    bool tty = (request.flags & kExecTty) != 0;
    if (tty) {
      BERTH_TRY(make_terminal(request, &master, &slave));
      streams = ExecStreams{slave.get(), slave.get(), slave.get()};
      if (::ioctl(slave.get(), TIOCSCTTY, 0) != 0) return sys_error("take the terminal");
    }
    if (tty && ::fchown(slave.get(), user.uid, static_cast<gid_t>(-1)) != 0)
      return sys_error("give the terminal to the user");
    if (::dup2(streams.input, 0) < 0 || ::dup2(streams.output, 1) < 0 || ::dup2(streams.error, 2) < 0)
      return sys_error("set the standard streams");
    root.reset();
    close_except({0, 1, 2, sync, master.get()});
    ::umask(static_cast<mode_t>(plan.umask & 0777));
    const std::string& cwd = request.cwd.empty() ? plan.cwd : request.cwd;
    Status entered = enter_directory(cwd);
    Privileges privileges;
    privileges.user = user;
    privileges.capabilities = request.capabilities;
    privileges.no_new_privileges = (request.flags & kExecNoNewPrivileges) != 0;
    privileges.seccomp = (request.flags & kExecPrivileged) != 0 ? nullptr : &plan.seccomp;
    BERTH_TRY(drop_to(privileges));
    if (!entered.ok()) BERTH_TRY(enter_directory(cwd));
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return sys_error("tie the process to its monitor");
    return ok_status();
  }

  [[noreturn]] void run() {
    Status status = prepare();
    if (status.ok()) {
      std::vector<std::string> env = environment(plan, request, user);
      if (!send_word(sync, kSyncReady, master.get(), user.uid).ok()) ::_exit(127);
      // The container's first process may have died, and the monitor with it, before the death signal was
      // asked for.
      auto start = expect_word(sync, kSyncStart, "the monitor");
      if (!start.ok()) ::_exit(127);
      close_except({0, 1, 2, sync});
      (void)send_word(sync, kSyncExecuting);
      status = execute(request.args, env);
    }
    (void)send_error(sync, status.error());
    ::_exit(127);
  }
};

Status enter(const Plan& plan, const Launched& container) {
  BERTH_TRY(container.group.join(0, true));
  if (::setns(container.pidfd.get(), namespaces(plan)) != 0)
    return sys_error("join the container's namespaces");
  if (!plan.has(kUserNamespace)) return ok_status();
  if (::setgroups(0, nullptr) != 0) return sys_error("drop groups");
  if (::setresgid(0, 0, 0) != 0) return sys_error("become the container's root group");
  if (::setresuid(0, 0, 0) != 0) return sys_error("become the container's root");
  return ok_status();
}

}  // namespace

void run_exec_helper(const Plan& plan, const Launched& container, const ExecRequest& request,
                     ExecStreams streams, int sync) {
  reset_signals();
  Status entered = enter(plan, container);
  if (!entered.ok()) {
    (void)send_error(sync, entered.error());
    ::_exit(1);
  }
  clone_args args{};
  int pidfd = -1;
  args.flags = CLONE_PIDFD | CLONE_PARENT;  // the monitor's child, not ours
  args.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  pid_t pid = clone3(args);
  if (pid < 0) {
    (void)send_error(sync, sys_error("clone the exec's process"));
    ::_exit(1);
  }
  if (pid == 0) Process{plan, request, streams, sync, {}, {}, {}}.run();
  ::_exit(send_word(sync, kSyncPid, pidfd).ok() ? 0 : 1);
}

}  // namespace berth::runtime
