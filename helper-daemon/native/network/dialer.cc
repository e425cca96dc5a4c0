#include "network/dialer.h"

#include "network/namespace_switch.h"

namespace berth::network {

namespace {

// All addresses are this namespace's own: no answer at all means that a filter in there drops the packets.
constexpr uint64_t kConnectTimeoutMs = 3000;

}  // namespace

std::vector<SocketAddress> addresses_inside(const std::string& container_ip, uint16_t port) {
  std::vector<SocketAddress> addresses;
  for (const std::string& text : {container_ip, std::string("127.0.0.1"), std::string("::1")}) {
    auto address = socket_address(text, port);
    if (address.has_value()) addresses.push_back(*address);
  }
  return addresses;
}

Dialer::~Dialer() {
  for (auto& [id, attempt] : attempts_) stop_waiting(attempt);
}

void Dialer::dial(uint16_t port, Dialed dialed) {
  const uint64_t id = next_id_++;
  Attempt attempt;
  attempt.addresses = addresses_inside(container_ip_, port);
  attempt.dialed = std::move(dialed);
  attempts_.emplace(id, std::move(attempt));
  try_next(id);
}

void Dialer::stop_waiting(Attempt& attempt) {
  if (attempt.timer != 0) loop_.cancel(std::exchange(attempt.timer, 0));
  if (attempt.socket) loop_.remove(attempt.socket.get());
}

void Dialer::end(uint64_t id, Result<UniqueFd> result) {
  auto found = attempts_.find(id);
  Dialed dialed = std::move(found->second.dialed);
  attempts_.erase(found);
  dialed(std::move(result));
}

void Dialer::try_next(uint64_t id) {
  Attempt& attempt = attempts_.at(id);
  while (attempt.next < attempt.addresses.size()) {
    const SocketAddress& address = attempt.addresses[attempt.next++];
    auto made = in_namespace(netns_fd_, [&]() -> Result<UniqueFd> {
      UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      if (!fd) return sys_error("socket");
      return fd;
    });
    if (!made.ok()) {
      attempt.last_error = made.error().errnum;
      continue;
    }
    attempt.socket = made.take();
    if (connect(attempt.socket.get(), address.get(), address.length) == 0) {
      return end(id, Result<UniqueFd>(std::move(attempt.socket)));
    }
    attempt.last_error = errno;
    if (errno != EINPROGRESS) continue;
    if (!loop_.add(attempt.socket.get(), EPOLLOUT, [this, id](uint32_t) { settle(id); }).ok()) continue;
    attempt.timer = loop_.after(kConnectTimeoutMs, [this, id] {
      Attempt& slow = attempts_.at(id);
      slow.timer = 0;
      stop_waiting(slow);
      slow.last_error = ETIMEDOUT;
      try_next(id);
    });
    return;
  }
  end(id, sys_error("connect to the container's port",
                    attempt.last_error == 0 ? ECONNREFUSED : attempt.last_error));
}

void Dialer::settle(uint64_t id) {
  Attempt& attempt = attempts_.at(id);
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(attempt.socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  // The loop may report what an earlier socket with the same number had: then this one is still on its way.
  SocketAddress peer;
  peer.length = sizeof(peer.storage);
  if (error == 0 && getpeername(attempt.socket.get(), peer.get(), &peer.length) != 0 && errno == ENOTCONN)
    return;
  stop_waiting(attempt);
  if (error == 0) return end(id, Result<UniqueFd>(std::move(attempt.socket)));
  attempt.last_error = error;
  try_next(id);
}

}  // namespace berth::network
