#include "runtime/launch.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "common/file.h"
#include "common/log.h"
#include "common/syscalls.h"
#include "network/network.h"
#include "runtime/cgroup_migration.h"
#include "runtime/container_init.h"
#include "runtime/id_map.h"
#include "runtime/launch_sync.h"
#include "runtime/mount_sources.h"
#include "runtime/prepared.h"
#include "runtime/rootfs.h"

namespace berth::runtime {

namespace {

class Stopwatch {
 public:
  explicit Stopwatch(std::vector<Timing>& timings) : timings_(timings), last_(now()) {}
  void step(const char* name) {
    uint64_t at = now();
    timings_.push_back({name, at - last_});
    last_ = at;
  }

 private:
  static uint64_t now() {
    timespec ts{};
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return static_cast<uint64_t>(ts.tv_sec) * 1000000000 + static_cast<uint64_t>(ts.tv_nsec);
  }
  std::vector<Timing>& timings_;
  uint64_t last_;
};

Result<std::pair<UniqueFd, UniqueFd>> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return sys_error("make a pipe");
  return std::make_pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

// Pipes belong to the container's user, who must be able to open /dev/stdout again.
Status make_streams(const Plan& plan, Launched& launched, Prepared& prepared) {
  if (plan.has(kTty)) return ok_status();
  uint32_t owner = plan.has(kUserNamespace) ? plan.id_base + prepared.user.uid : prepared.user.uid;
  if (plan.has(kOpenStdin)) {
    BERTH_TRY_ASSIGN(auto in, make_pipe());
    prepared.input = std::move(in.first);
    launched.input = std::move(in.second);
    if (::fchown(prepared.input.get(), owner, static_cast<gid_t>(-1)) != 0)
      return sys_error("give stdin to the user");
  } else {
    prepared.input.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!prepared.input) return sys_error("open /dev/null");
  }
  BERTH_TRY_ASSIGN(auto out, make_pipe());
  BERTH_TRY_ASSIGN(auto err, make_pipe());
  for (int fd : {out.second.get(), err.second.get()})
    if (::fchown(fd, owner, static_cast<gid_t>(-1)) != 0) return sys_error("give the output to the user");
  launched.output = std::move(out.first);
  launched.error = std::move(err.first);
  prepared.output = std::move(out.second);
  prepared.error = std::move(err.second);
  return ok_status();
}

Result<UniqueFd> open_rootfs(const Plan& plan, const Host& host, const UniqueFd& directory) {
  RootfsSources sources;
  for (const auto& layer : plan.layers) {
    BERTH_TRY_ASSIGN(UniqueFd fd, host.root->open_beneath(layer, O_PATH | O_DIRECTORY));
    sources.layers.push_back(std::move(fd));
  }
  sources.writable.reset(::openat(directory.get(), "rw", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!sources.writable) return sys_error("open the container's writable layer");
  sources.map_holder = host.map_holder;
  sources.id_base = plan.id_base;
  return make_rootfs(sources);
}

uint64_t clone_flags(const Plan& plan) {
  uint64_t flags = CLONE_PIDFD | CLONE_NEWNS;
  if (plan.has(kUserNamespace)) flags |= CLONE_NEWUSER;
  if (plan.pid_mode == 0) flags |= CLONE_NEWPID;
  if (plan.ipc_mode == 0) flags |= CLONE_NEWIPC;
  if (plan.uts_mode == 0) flags |= CLONE_NEWUTS;
  if (plan.net_mode != 2) flags |= CLONE_NEWNET;
  return flags;
}

// Limits beyond what this host's root may raise are set as high as they go.
void set_limits(const Plan& plan, pid_t pid) {
  for (const auto& limit : plan.rlimits) {
    auto resource = static_cast<__rlimit_resource>(limit.resource);
    rlimit64 wanted{limit.soft, limit.hard};
    if (::prlimit64(pid, resource, &wanted, nullptr) == 0) continue;
    rlimit64 current{};
    if (errno != EPERM || ::prlimit64(pid, resource, nullptr, &current) != 0) continue;
    rlimit64 possible{std::min(limit.soft, current.rlim_max), std::min(limit.hard, current.rlim_max)};
    if (::prlimit64(pid, resource, &possible, nullptr) != 0)
      log_line(LogLevel::kWarn, sys_error("set resource limit " + std::to_string(limit.resource)).message);
  }
  if (plan.oom_score_adj == 0) return;
  Status status = write_control(AT_FDCWD, "/proc/" + std::to_string(pid) + "/oom_score_adj",
                                std::to_string(plan.oom_score_adj));
  if (!status.ok()) log_line(LogLevel::kWarn, status.error().message);
}

// Of one run, not of the container: after a quick restart the kernel may still be taking the last run's pair
// apart.
std::string outer_name(const std::string& id, pid_t pid) {
  std::array<char, 16> name{};
  std::snprintf(name.data(), name.size(), "bv%.8s%04x", id.c_str(), static_cast<unsigned>(pid) & 0xffffU);
  return name.data();
}

Status connect_network(const Plan& plan, Launched& launched) {
  if (plan.net_mode == 2) return ok_status();
  launched.netns.reset(
      ::open(("/proc/" + std::to_string(launched.pid) + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
  if (!launched.netns) return sys_error("open the network namespace");
  BERTH_TRY(network::bring_up_loopback(launched.netns.get()));
  if (plan.net_mode == 1) return ok_status();
  network::Endpoint endpoint{plan.bridge, plan.ip, plan.prefix, plan.gateway, plan.mac};
  return network::connect_endpoint(launched.netns.get(), endpoint, outer_name(plan.id, launched.pid));
}

Result<uint64_t> start_ticks(pid_t pid) {
  BERTH_TRY_ASSIGN(std::string stat, read_file_at(AT_FDCWD, "/proc/" + std::to_string(pid) + "/stat", 4096));
  size_t at = stat.rfind(')');  // the name before it may contain anything
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  if (at == std::string::npos) return Error{"EIO", "/proc/PID/stat is cut short", EIO};
  return std::strtoull(stat.c_str() + at, nullptr, 10);
}

void reap(const Launched& launched) {
  if (!launched.pidfd) return;
  pidfd_send_signal(launched.pidfd.get(), SIGKILL);
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(launched.pidfd.get()), &info, WEXITED | __WALL) != 0 &&
         errno == EINTR) {
  }
}

Status clone_container(const Plan& plan, Launched& launched, Prepared& prepared) {
  BERTH_TRY_ASSIGN(auto sync, packet_pair());
  launched.sync = std::move(sync.first);
  prepared.sync = std::move(sync.second);
  clone_args args{};
  int pidfd = -1;
  args.flags = clone_flags(plan);
  args.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  int unified = launched.group.unified_fd();
  if (unified >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<uint64_t>(unified);
  }
  launched.pid = clone3(args);
  if (launched.pid < 0) return sys_error("clone the container's first process");
  if (launched.pid == 0) {
    launched.sync.reset();  // else the monitor's death would not be noticed
    run_container_init(plan, prepared);
  }
  launched.pidfd.reset(pidfd);
  prepared.sync.reset();
  return ok_status();
}

Status set_up(const Plan& plan, const Host& host, Launched& launched) {
  Stopwatch watch(launched.timings);
  Prepared prepared;
  prepared.hierarchies = host.hierarchies;
  begin_migration(*host.hierarchies, 1);
  BERTH_TRY_ASSIGN(prepared.rootfs, open_rootfs(plan, host, launched.directory));
  BERTH_TRY_ASSIGN(prepared.user, resolve_user(prepared.rootfs.get(), plan.user, plan.additional_groups,
                                               plan.has(kUserNamespace) ? plan.id_size : 0));
  launched.user = prepared.user;
  BERTH_TRY(prepare_mounts(plan, host, launched.directory.get(), prepared));
  BERTH_TRY(make_streams(plan, launched, prepared));
  watch.step("layers");
  BERTH_TRY_ASSIGN(launched.group, ControlGroup::create(*host.hierarchies, plan));
  BERTH_TRY(clone_container(plan, launched, prepared));
  if (plan.has(kUserNamespace)) BERTH_TRY(write_id_maps(launched.pid, range_map(plan.id_base, plan.id_size)));
  set_limits(plan, launched.pid);
  BERTH_TRY(send_word(launched.sync.get(), kSyncMapped));
  watch.step("namespaces");
  // While the process builds its root, its network and its place in the control groups are made from here.
  BERTH_TRY(connect_network(plan, launched));
  watch.step("network");
  BERTH_TRY(launched.group.join(launched.pid, false));
  BERTH_TRY(send_word(launched.sync.get(), kSyncJoined));
  watch.step("cgroup");
  BERTH_TRY_ASSIGN(launched.terminal,
                   expect_word(launched.sync.get(), kSyncReady, "the container's first process"));
  watch.step("rootfs");
  BERTH_TRY_ASSIGN(launched.start_ticks, start_ticks(launched.pid));
  return ok_status();
}

}  // namespace

Result<Launched> launch(const Plan& plan, const Host& host) {
  Launched launched;
  BERTH_TRY_ASSIGN(launched.directory, host.root->open_beneath(plan.container_dir, O_RDONLY | O_DIRECTORY));
  Status status = set_up(plan, host, launched);
  if (status.ok()) return launched;
  reap(launched);
  // What the container's process said itself is the cause of whatever went wrong here afterwards.
  while (launched.sync) {
    auto word = receive_word(launched.sync.get());
    if (word.ok() && word->word == kSyncError) status = word->error;
    if (!word.ok() || word->word == 0) launched.sync.reset();
  }
  (void)launched.group.kill();
  (void)launched.group.remove();
  return status.error();
}

}  // namespace berth::runtime
