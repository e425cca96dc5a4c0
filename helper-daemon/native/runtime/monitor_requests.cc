// The monitor's socket: one handler a request.
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <sstream>

#include "common/file.h"
#include "common/syscalls.h"
#include "common/wire.h"
#include "runtime/exec_session.h"
#include "runtime/in_root.h"
#include "runtime/monitor.h"

namespace berth::runtime {

namespace {

constexpr uint8_t kOk = 0;

Error bad_request(const char* what) {
  return Error{"bad-request", what, EINVAL};
}

Result<UniqueFd> dial_unix(pid_t pid, const std::string& path) {
  UniqueFd root(::open(("/proc/" + std::to_string(pid) + "/root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return sys_error("open the container's root");
  BERTH_TRY_ASSIGN(UniqueFd target, open_in_root(root.get(), path));
  struct stat st {};
  if (::fstat(target.get(), &st) != 0) return sys_error("stat " + path);
  if (!S_ISSOCK(st.st_mode)) return Error{"bad-request", path + " is not a socket", ENOTSOCK};
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return sys_error("socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string name = "/proc/self/fd/" + std::to_string(target.get());
  std::memcpy(address.sun_path, name.data(), name.size());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return sys_error("connect to " + path);
  return socket;
}

Port decode_port(Reader& in, bool with_container_port) {
  Port port;
  port.proto = in.u8();
  port.host_ip = in.str();
  port.host_port = in.u16();
  if (with_container_port) port.container_port = in.u16();
  return port;
}

}  // namespace

void Monitor::dispatch(const std::shared_ptr<Connection>& client, uint8_t type, std::string_view fields) {
  Reader in(fields);
  auto complete = [&] {
    if (in.at_end()) return true;
    client->send_error(bad_request("the request is cut short or has trailing bytes"));
    return false;
  };
  switch (type) {
    case 10:
      if (complete()) start(client);
      return;
    case 11: {
      uint8_t streams = in.u8();
      if (complete()) attach(client, streams);
      return;
    }
    case 12: {
      uint16_t height = in.u16();
      uint16_t width = in.u16();
      if (!complete()) return;
      stdio_->resize(height, width);
      return client->send_frame(kOk);
    }
    case 13: {
      uint32_t signal = in.u32();
      bool all = in.u8() != 0;
      if (complete()) kill(client, signal, all);
      return;
    }
    case 14:
      if (complete()) watch(client);
      return;
    case 15:
      return exec(client, fields);
    case 16: {
      std::string id = in.str();
      uint16_t height = in.u16();
      uint16_t width = in.u16();
      if (complete()) exec_resize(client, id, height, width);
      return;
    }
    case 17: {
      Port port = decode_port(in, true);
      if (complete()) publish(client, port);
      return;
    }
    case 18: {
      Port port = decode_port(in, false);
      if (complete()) unpublish(client, port);
      return;
    }
    case 19: {
      uint8_t kind = in.u8();
      uint16_t port = in.u16();
      std::string path = in.str();
      if (complete()) connect(client, kind, port, path);
      return;
    }
    case 24:
      if (complete()) processes(client);
      return;
    case 25: {
      std::string id = in.str();
      uint32_t signal = in.u32();
      if (complete()) exec_kill(client, id, signal);
      return;
    }
    default:
      client->send_error(bad_request("unknown request"));
  }
}

void Monitor::attach(const std::shared_ptr<Connection>& client, uint8_t streams) {
  if (state_ == State::kExited)
    return client->send_error(Error{"not-running", "the container has ended", ESRCH});
  client->send_frame(kOk);
  stdio_->attach(client, streams, plan_.has(kStdinOnce));
}

void Monitor::kill(const std::shared_ptr<Connection>& client, uint32_t signal, bool all) {
  if (signal > 64) return client->send_error(bad_request("there is no such signal"));
  if (state_ == State::kExited)
    return client->send_error(Error{"not-running", "the container has ended", ESRCH});
  Status status = ok_status();
  if (all && signal == SIGKILL) {
    status = launched_.group.kill();
  } else if (pidfd_send_signal(launched_.pidfd.get(), static_cast<int>(signal)) != 0) {
    status = errno == ESRCH ? Status(Error{"not-running", "the container has ended", ESRCH})
                            : Status(sys_error("signal the container"));
  }
  if (!status.ok()) return client->send_error(status.error());
  client->send_frame(kOk);
}

void Monitor::watch(const std::shared_ptr<Connection>& client) {
  Writer out;
  out.u8(static_cast<uint8_t>(state_));
  out.u32(static_cast<uint32_t>(launched_.pid));
  client->send_frame(kOk, out.data());
  if (client->closed()) return;
  watchers_.push_back(client);
  Connection* raw = client.get();
  client->handlers.on_closed = [this, raw] {
    std::erase_if(watchers_, [raw](const auto& w) { return w.get() == raw; });
  };
}

void Monitor::publish(const std::shared_ptr<Connection>& client, const Port& port) {
  if (!ports_)
    return client->send_error(
        Error{"not-running", "the container has ended, or has the host's network", ENOTCONN});
  auto bound = ports_->publish(port.proto, port.host_ip, port.host_port, port.container_port);
  if (!bound.ok()) return client->send_error(bound.error());
  Writer out;
  out.u16(*bound);
  client->send_frame(kOk, out.data());
}

void Monitor::unpublish(const std::shared_ptr<Connection>& client, const Port& port) {
  if (!ports_)
    return client->send_error(
        Error{"not-running", "the container has ended, or has the host's network", ENOTCONN});
  Status status = ports_->unpublish(port.proto, port.host_ip, port.host_port);
  if (!status.ok()) return client->send_error(status.error());
  client->send_frame(kOk);
}

void Monitor::connect(const std::shared_ptr<Connection>& client, uint8_t kind, uint16_t port,
                      const std::string& path) {
  if (state_ != State::kRunning)
    return client->send_error(Error{"not-running", "the container is not running", ESRCH});
  auto join = [this, client](Result<UniqueFd> dialed) {
    if (!dialed.ok()) return client->send_error(dialed.error());
    if (client->closed()) return;
    client->send_frame(kOk);
    if (client->closed()) return;
    network::start_relay(*loop_, client->release(), dialed.take(), [] {});
  };
  if (kind == 1) return join(dial_unix(launched_.pid, path));
  if (kind != 0 || !ports_)
    return client->send_error(bad_request("the container has no network of its own to connect to"));
  ports_->dial(port, join);
}

void Monitor::processes(const std::shared_ptr<Connection>& client) {
  bool v2 = false;
  int dir = launched_.group.unified_fd();
  if (dir < 0) dir = launched_.group.controller("pids", &v2);
  if (dir < 0) dir = launched_.group.controller("memory", &v2);
  if (dir < 0)
    return client->send_error(Error{"kernel-missing", "this kernel has no control groups", ENOTSUP});
  auto text = read_file_at(dir, "cgroup.procs", 4 << 20);
  if (!text.ok()) return client->send_error(text.error());
  std::vector<uint32_t> pids;
  std::istringstream in(*text);
  uint32_t pid = 0;
  while (in >> pid) pids.push_back(pid);
  Writer out;
  out.u32(static_cast<uint32_t>(pids.size()));
  for (uint32_t p : pids) out.u32(p);
  client->send_frame(kOk, out.data());
}

}  // namespace berth::runtime
