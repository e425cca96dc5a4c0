#include "network/listener.h"

#include "network/socket_address.h"

namespace berth::network {

namespace {

constexpr int kBacklog = 1024;
// A free port for 127.0.0.1 may be taken for ::1; then another one is asked for.
constexpr int kPortAttempts = 32;

Error bind_error(const std::string& ip, uint16_t port, int type) {
  if (errno != EADDRINUSE) return sys_error("bind " + ip + " port " + std::to_string(port));
  const char* proto = type == SOCK_STREAM ? "tcp" : "udp";
  return Error{"port-in-use",
               "port " + std::to_string(port) + "/" + proto + " on " + ip +
                   " is already in use on this host; stop what uses it, or publish to another port",
               EADDRINUSE};
}

Result<UniqueFd> open_listener(int type, const std::string& ip, uint16_t port) {
  auto address = socket_address(ip, port);
  if (!address.has_value()) return Error{"bad-request", "not an address to listen on: " + ip, 0};
  UniqueFd fd(socket(address->family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return sys_error("socket");
  const int one = 1;
  // Connections of a previous listener that still linger do not hold up a new one; another live listener
  // does.
  if (type == SOCK_STREAM && setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0) {
    return sys_error("setsockopt SO_REUSEADDR");
  }
  if (address->family() == AF_INET6 &&
      setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) != 0) {
    return sys_error("setsockopt IPV6_V6ONLY");
  }
  if (bind(fd.get(), address->get(), address->length) != 0) return bind_error(ip, port, type);
  if (type == SOCK_STREAM && listen(fd.get(), kBacklog) != 0) return bind_error(ip, port, type);
  return fd;
}

Result<uint16_t> bound_port(const UniqueFd& fd) {
  SocketAddress address;
  address.length = sizeof(address.storage);
  if (getsockname(fd.get(), address.get(), &address.length) != 0) return sys_error("getsockname");
  return port_of(address);
}

bool no_ipv6(const Error& error) {
  return error.errnum == EADDRNOTAVAIL || error.errnum == EAFNOSUPPORT;
}

}  // namespace

Result<Listeners> listen_on_host(int type, const std::string& host_ip, uint16_t port) {
  for (int attempt = 1;; ++attempt) {
    Listeners listeners;
    BERTH_TRY_ASSIGN(UniqueFd first, open_listener(type, host_ip.empty() ? "127.0.0.1" : host_ip, port));
    BERTH_TRY_ASSIGN(listeners.port, bound_port(first));
    listeners.sockets.push_back(std::move(first));
    if (!host_ip.empty()) return listeners;
    auto second = open_listener(type, "::1", listeners.port);
    if (second.ok()) {
      listeners.sockets.push_back(second.take());
      return listeners;
    }
    if (no_ipv6(second.error())) return listeners;
    if (port != 0 || second.error().errnum != EADDRINUSE || attempt == kPortAttempts) return second.error();
  }
}

}  // namespace berth::network
