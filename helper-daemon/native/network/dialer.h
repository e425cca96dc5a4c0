// Connections to a port of the container, made from inside its network namespace.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "network/network.h"
#include "network/socket_address.h"

namespace berth::network {

// Where a server inside may listen, in the order of trying: the container's address, 127.0.0.1, ::1.
std::vector<SocketAddress> addresses_inside(const std::string& container_ip, uint16_t port);

class Dialer {
 public:
  Dialer(EventLoop& loop, int netns_fd, std::string container_ip)
      : loop_(loop), netns_fd_(netns_fd), container_ip_(std::move(container_ip)) {}
  ~Dialer();
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  // `dialed` gets a connected non-blocking TCP socket, or the error of the last address; not called when the
  // dialer is destroyed first.
  void dial(uint16_t port, Dialed dialed);

 private:
  struct Attempt {
    std::vector<SocketAddress> addresses;
    size_t next = 0;
    UniqueFd socket;
    uint64_t timer = 0;
    Dialed dialed;
    int last_error = 0;
  };
  void try_next(uint64_t id);
  void settle(uint64_t id);
  void stop_waiting(Attempt& attempt);
  void end(uint64_t id, Result<UniqueFd> result);

  EventLoop& loop_;
  int netns_fd_;
  std::string container_ip_;
  std::map<uint64_t, Attempt> attempts_;
  uint64_t next_id_ = 1;
};

}  // namespace berth::network
