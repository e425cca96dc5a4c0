#include "runtime/monitor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "common/descriptor_passing.h"
#include "common/log.h"
#include "common/syscalls.h"
#include "common/wire.h"
#include "runtime/exec_session.h"

namespace berth::runtime {

Monitor::~Monitor() = default;

Result<std::unique_ptr<Monitor>> Monitor::create(Plan plan, const Host& host) {
  std::unique_ptr<Monitor> monitor(new Monitor(std::move(plan)));
  Status status = monitor->set_up(host);
  if (status.ok()) return monitor;
  if (monitor->launched_.pidfd) {
    pidfd_send_signal(monitor->launched_.pidfd.get(), SIGKILL);
    (void)monitor->launched_.group.kill();
    siginfo_t info{};
    while (::waitid(P_PIDFD, static_cast<id_t>(monitor->launched_.pidfd.get()), &info, WEXITED | __WALL) !=
               0 &&
           errno == EINTR) {
    }
    (void)monitor->launched_.group.remove();
  }
  if (monitor->listener_) ::unlinkat(monitor->socket_directory_.get(), monitor->socket_name_.c_str(), 0);
  return status.error();
}

Status Monitor::set_up(const Host& host) {
  BERTH_TRY_ASSIGN(loop_, EventLoop::create());
  BERTH_TRY_ASSIGN(reaper_, Reaper::create(*loop_));
  BERTH_TRY_ASSIGN(launched_, launch(plan_, host));
  BERTH_TRY_ASSIGN(socket_directory_, host.run->open_parent(plan_.monitor_socket, &socket_name_));
  BERTH_TRY(listen());
  // An earlier life's end must not be taken for this one's.
  if (::unlinkat(launched_.directory.get(), "exit", 0) != 0 && errno != ENOENT)
    return sys_error("remove the exit file of the last run");
  BERTH_TRY_ASSIGN(LogFile log,
                   LogFile::open(launched_.directory.get(), plan_.log_max_size, plan_.log_max_files));
  log_ = std::make_unique<LogFile>(std::move(log));
  Stdio::Ends ends{std::move(launched_.terminal), std::move(launched_.input), std::move(launched_.output),
                   std::move(launched_.error)};
  LagRule lag{"berth: this client took no output for " + std::to_string(kStallMs / 1000) +
                  " seconds, so the container went on without it; output was skipped here" +
                  (plan_.log_max_files > 0 ? ", `berth logs` has it" : ""),
              true};
  stdio_ =
      std::make_unique<Stdio>(*loop_, std::move(ends), std::move(lag),
                              [this](uint8_t stream, std::string_view data) { log_->append(stream, data); });
  BERTH_TRY(stdio_->start());
  BERTH_TRY_ASSIGN(oom_, OomWatch::create(*loop_, launched_.group, [this] { tell(21, {}); }));
  BERTH_TRY(set_up_network());
  BERTH_TRY(loop_->add(launched_.sync.get(), EPOLLIN, [this](uint32_t) { on_sync(); }));
  reaper_->on_exit(launched_.pid, [this](int status) { on_exit(status); });
  return ok_status();
}

Status Monitor::set_up_network() {
  if (!launched_.netns) return ok_status();
  if (plan_.net_mode == 0) {
    network::DnsConfig config{plan_.dns_servers, plan_.names_file};
    BERTH_TRY_ASSIGN(names_, network::NameServer::create(*loop_, launched_.netns.get(), std::move(config)));
  }
  ports_ = network::PortPublisher::create(*loop_, launched_.netns.get(), plan_.ip);
  for (const auto& port : plan_.ports) {
    Port bound = port;
    BERTH_TRY_ASSIGN(bound.host_port,
                     ports_->publish(port.proto, port.host_ip, port.host_port, port.container_port));
    bound_.push_back(std::move(bound));
  }
  return ok_status();
}

Status Monitor::listen() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return sys_error("make the monitor's socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, plan_.monitor_socket.data(),
              std::min(plan_.monitor_socket.size(), sizeof(address.sun_path) - 1));
  if (::unlinkat(socket_directory_.get(), socket_name_.c_str(), 0) != 0 && errno != ENOENT)
    return sys_error("remove an old monitor socket");
  mode_t old = ::umask(0177);
  int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  int errnum = errno;
  ::umask(old);
  if (bound != 0) return sys_error("bind " + plan_.monitor_socket, errnum);
  if (::listen(socket.get(), 128) != 0) return sys_error("listen on " + plan_.monitor_socket);
  listener_ = std::move(socket);
  return loop_->add(listener_.get(), EPOLLIN, [this](uint32_t) { accept_clients(); });
}

void Monitor::accept_clients() {
  for (;;) {
    UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    auto client = Connection::create(*loop_, std::move(socket));
    std::erase_if(clients_, [](const auto& c) { return c.expired(); });
    clients_.push_back(client);
    std::weak_ptr<Connection> weak = client;
    client->handlers.on_request = [this, weak](uint8_t type, std::string_view fields) {
      if (auto self = weak.lock()) dispatch(self, type, fields);
    };
  }
}

std::string Monitor::launch_reply() const {
  Writer out;
  out.u32(static_cast<uint32_t>(::getpid()));
  out.u32(static_cast<uint32_t>(launched_.pid));
  out.u64(launched_.start_ticks);
  out.u32(launched_.user.uid);
  out.u32(launched_.user.gid);
  out.str(launched_.user.home);
  out.u32(static_cast<uint32_t>(bound_.size()));
  for (const auto& port : bound_) {
    out.u8(port.proto);
    out.str(port.host_ip);
    out.u16(port.host_port);
    out.u16(port.container_port);
  }
  out.u32(static_cast<uint32_t>(launched_.timings.size()));
  for (const auto& timing : launched_.timings) {
    out.str(timing.step);
    out.u64(timing.nanoseconds);
  }
  return out.take();
}

void Monitor::tell(uint8_t type, std::string_view fields) {
  auto watchers = watchers_;
  for (const auto& watcher : watchers) watcher->send_frame(type, fields);
}

void Monitor::forget_exec(const std::string& id) {
  execs_.erase(id);
}

void Monitor::run() {
  loop_->run();
  // The warden may have ended since it was last looked at.
  remove_groups_parents();
}

namespace {

// From here on the monitor's own messages go to a file beside the container's log: whoever reads the warden's
// must not wait for a container's end to see theirs.
void leave_the_wardens_streams(int directory) {
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  UniqueFd log(::openat(directory, "monitor.log",
                        O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (null && (::dup2(null.get(), 0) < 0 || ::dup2(null.get(), 1) < 0))
    log_line(LogLevel::kWarn, sys_error("leave the streams").message);
  if (::dup2(log ? log.get() : null.get(), 2) < 0)
    log_line(LogLevel::kWarn, sys_error("leave the log").message);
}

}  // namespace

void run_monitor(Plan plan, const Host& host, UniqueFd result) {
  std::vector<int> keep{0, 1, 2, result.get(), host.root->fd(), host.run->fd(), host.map_holder};
  for (const auto& h : host.hierarchies->all()) keep.push_back(h.fd.get());
  close_except(std::move(keep));
  log_as("monitor", plan.id);
  ::prctl(PR_SET_NAME, "berth-monitor");
  if (::setsid() < 0 || ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) ::_exit(1);
  ::signal(SIGPIPE, SIG_IGN);
  auto monitor = Monitor::create(std::move(plan), host);
  Writer reply;
  if (!monitor.ok()) {
    reply.u8(1);
    reply.str(monitor.error().code);
    reply.str(monitor.error().message);
    reply.i32(monitor.error().errnum);
    ::_exit(send_packet(result.get(), reply.data()).ok() ? 1 : 2);
  }
  reply.u8(0);
  std::string answer = reply.take() + (*monitor)->launch_reply();
  leave_the_wardens_streams((*monitor)->container().directory.get());
  // Nobody knows of this container if the warden is gone already.
  if (!send_packet(result.get(), answer).ok()) ::kill((*monitor)->container().pid, SIGKILL);
  result.reset();
  // The warden's own, of no more use here; their owners are never destroyed in this process.
  for (const auto& h : host.hierarchies->all()) ::close(h.fd.get());
  for (int fd : {host.root->fd(), host.run->fd(), host.map_holder})
    if (fd >= 0) ::close(fd);
  (*monitor)->run();
  ::_exit(0);
}

}  // namespace berth::runtime
