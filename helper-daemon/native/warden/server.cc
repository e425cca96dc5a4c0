#include "warden/server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>

#include "common/file.h"
#include "common/log.h"
#include "common/syscalls.h"
#include "runtime/monitor.h"
#include "warden/verbs.h"

namespace berth::warden {

namespace {

constexpr size_t kMaxInline = 65536;            // of fields, or of an answer; what is longer goes by memfd
constexpr size_t kMaxPacket = kMaxInline + 64;  // with its header
constexpr size_t kMaxMessage = 16 << 20;        // by memfd
constexpr size_t kMaxQueued = 4096;
constexpr uint16_t kByMemfd = 0x8000;
constexpr uint32_t kReplyByMemfd = 0x80000000;

// Reads a memfd that the peer made; it may change under us, so it is copied once and only then looked at.
Result<std::string> read_memfd(int fd, uint32_t length) {
  if (length > kMaxMessage) return sys_error("receive a message", EMSGSIZE);
  std::string data(length, '\0');
  size_t at = 0;
  while (at < length) {
    ssize_t n = ::pread(fd, data.data() + at, length - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return sys_error("read a message's memfd");
    if (n == 0) return Error{"bad-request", "the message's memfd is shorter than it says", EINVAL};
    at += static_cast<size_t>(n);
  }
  return data;
}

}  // namespace

std::string encode_reply(const Reply& reply) {
  if (reply.ok()) return std::string(1, '\0') + reply.value();
  Writer out;
  out.u8(1);
  out.str(reply.error().code);
  out.str(reply.error().message);
  out.i32(reply.error().errnum);
  return out.take();
}

Reply decode_reply(const std::string& data) {
  Reader in(data);
  if (in.u8() == 0) return data.substr(1);
  std::string code = in.str();
  std::string message = in.str();
  return Error{code, message, in.i32()};
}

Server::~Server() {
  drop_peer();
}

Status Server::serve(UniqueFd peer, std::function<void()> on_gone) {
  int flags = ::fcntl(peer.get(), F_GETFL);
  if (flags < 0 || ::fcntl(peer.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return sys_error("set up the peer's socket");
  (void)::fcntl(peer.get(), F_SETFD, FD_CLOEXEC);
  peer_ = std::move(peer);
  ++generation_;
  on_gone_ = std::move(on_gone);
  return loop_.add(peer_.get(), EPOLLIN, [this](uint32_t events) {
    if ((events & EPOLLOUT) != 0) send_queued();
    if (peer_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) on_packet();
  });
}

void Server::drop_peer() {
  if (!peer_) return;
  loop_.remove(peer_.get());
  peer_.reset();
  queue_.clear();
  auto gone = std::move(on_gone_);
  on_gone_ = nullptr;
  if (gone) gone();
}

void Server::on_packet() {
  auto packet = receive_packet(peer_.get(), kMaxPacket);
  if (!packet.ok()) {
    if (packet.error().errnum == EAGAIN) return;
    log_line(LogLevel::kError, packet.error().message);
    if (packet.error().errnum != EMSGSIZE) drop_peer();
    return;
  }
  if (packet->closed) return drop_peer();
  handle(packet.take());
}

void Server::handle(Packet packet) {
  Reader header(packet.data);
  uint32_t id = header.u32();
  uint16_t verb = header.u16();
  if (!header.ok()) return log_line(LogLevel::kError, "a packet without a header");
  std::string payload;
  if ((verb & kByMemfd) != 0) {
    uint32_t length = header.u32();
    if (!header.at_end() || packet.fds.empty()) return answer(id, incomplete());
    auto data = read_memfd(packet.fds.front().get(), length);
    if (!data.ok()) return answer(id, data.error());
    payload = data.take();
    packet.fds.erase(packet.fds.begin());
  } else {
    payload = packet.data.substr(6);
  }
  // `payload` outlives the dispatch: verbs that go on in a child take copies of what they decoded.
  dispatch(*this, id, verb & 0x7fff, Request{Reader(payload), std::move(packet.fds)});
}

void Server::answer(uint32_t id, const Reply& reply) {
  answer_raw(id, encode_reply(reply));
}

void Server::answer_raw(uint32_t id, std::string body) {
  if (!peer_) return;
  Outgoing out;
  Writer header;
  if (body.size() > kMaxInline) {
    out.payload.reset(::memfd_create("berth-answer", MFD_CLOEXEC));
    if (out.payload && write_all(out.payload.get(), body).ok()) {
      header.u32(id | kReplyByMemfd);
      header.u32(static_cast<uint32_t>(body.size()));
      body.clear();
    } else {
      body = encode_reply(sys_error("make room for an answer"));
      out.payload.reset();
      header.u32(id);
    }
  } else {
    header.u32(id);
  }
  out.data = header.data() + body;
  queue_.push_back(std::move(out));
  if (queue_.size() > kMaxQueued) {
    log_line(LogLevel::kError, "the peer does not read its answers");
    return drop_peer();
  }
  send_queued();
}

void Server::send_queued() {
  size_t sent = 0;
  while (sent < queue_.size()) {
    std::vector<int> fds;
    if (queue_[sent].payload) fds.push_back(queue_[sent].payload.get());
    Status status = send_packet(peer_.get(), queue_[sent].data, fds);
    if (!status.ok() && status.error().errnum == EAGAIN) break;
    if (!status.ok()) return drop_peer();
    ++sent;
  }
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(sent));
  (void)loop_.modify(peer_.get(), EPOLLIN | (queue_.empty() ? 0U : EPOLLOUT));
}

Status Server::watch_child(uint32_t id, UniqueFd result) {
  int fd = result.get();
  children_[fd] = Child{id, generation_, std::move(result)};
  return loop_.add(fd, EPOLLIN, [this, fd](uint32_t) {
    auto it = children_.find(fd);
    if (it == children_.end()) return;
    auto packet = receive_packet(fd, kMaxPacket);
    Child child = std::move(it->second);
    children_.erase(it);
    loop_.remove(fd);
    if (child.generation != generation_) return;
    if (!packet.ok()) return answer(child.id, packet.error());
    if (packet->closed)
      return answer(child.id,
                    Error{"EIO", "the process that did this died; the kernel's log may say why", EIO});
    answer_raw(child.id, std::move(packet->data));
  });
}

void Server::in_child(uint32_t id, const std::vector<UniqueFd>& fds,
                      const std::function<Reply(const std::vector<UniqueFd>&)>& work) {
  auto pair = packet_pair();
  if (!pair.ok()) return answer(id, pair.error());
  clone_args args{};
  args.exit_signal = SIGCHLD;
  pid_t pid = clone3(args);
  if (pid < 0) return answer(id, sys_error("fork"));
  if (pid == 0) {
    std::vector<int> keep{0, 1, 2, pair->second.get(), environment_.root.fd(), environment_.run.fd()};
    for (const auto& h : environment_.hierarchies.all()) keep.push_back(h.fd.get());
    for (const auto& fd : fds) keep.push_back(fd.get());
    close_except(std::move(keep));
    ::signal(SIGPIPE, SIG_IGN);
    ::_exit(send_packet(pair->second.get(), encode_reply(work(fds))).ok() ? 0 : 1);
  }
  Status watched = watch_child(id, std::move(pair->first));
  if (!watched.ok()) answer(id, watched.error());
}

void Server::fork_monitor(uint32_t id, runtime::Plan plan) {
  runtime::Host host{&environment_.root, &environment_.run, &environment_.hierarchies, -1};
  if (plan.has(runtime::kUserNamespace)) {
    auto holder = environment_.map_holders.for_range(plan.id_base, plan.id_size);
    if (!holder.ok()) return answer(id, holder.error());
    host.map_holder = *holder;
  }
  auto pair = packet_pair();
  if (!pair.ok()) return answer(id, pair.error());
  clone_args args{};
  args.exit_signal = SIGCHLD;
  pid_t pid = clone3(args);
  if (pid < 0) return answer(id, sys_error("fork"));
  if (pid == 0) runtime::run_monitor(std::move(plan), host, std::move(pair->second));
  monitors_[pid] = plan.cgroup_path;
  Status watched = watch_child(id, std::move(pair->first));
  if (!watched.ok()) answer(id, watched.error());
}

bool Server::has_monitor(const std::string& cgroup_path) const {
  return std::any_of(monitors_.begin(), monitors_.end(),
                     [&](const auto& monitor) { return monitor.second == cgroup_path; });
}

void Server::reap() {
  for (;;) {
    int status = 0;
    pid_t pid = ::waitpid(-1, &status, WNOHANG | __WALL);
    if (pid <= 0) return;
    auto it = monitors_.find(pid);
    if (it == monitors_.end()) continue;
    std::string path = std::move(it->second);
    monitors_.erase(it);
    if (WIFEXITED(status)) continue;
    // A monitor that was killed could not put its container away; a payload that changed its user has lost
    // the death signal.
    log_line(LogLevel::kWarn, "a monitor was killed; ending what is left of its container in " + path);
    auto group = runtime::ControlGroup::open(environment_.hierarchies, path);
    if (group.ok()) (void)group->kill();
  }
}

}  // namespace berth::warden
