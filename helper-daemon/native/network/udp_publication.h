// One published UDP port: every sender on the host has a socket of its own inside, until it has been silent
// for a while.
#pragma once

#include <map>
#include <memory>

#include "network/dialer.h"
#include "network/listener.h"

namespace berth::network {

class UdpPublication {
 public:
  static Result<std::unique_ptr<UdpPublication>> start(EventLoop& loop, int netns_fd,
                                                       const std::string& container_ip, Listeners listeners,
                                                       uint16_t container_port);
  ~UdpPublication();

 private:
  struct Session {
    int listener = -1;
    SocketAddress client;
    UniqueFd inside;
    size_t address = 0;  // which of addresses_ is in use
    bool answered = false;
    std::string first;  // the first datagram, sent again if an address refuses it
    uint64_t last_used_ms = 0;
  };
  UdpPublication(EventLoop& loop, int netns_fd, std::vector<SocketAddress> addresses, Listeners listeners)
      : loop_(loop),
        netns_fd_(netns_fd),
        addresses_(std::move(addresses)),
        listeners_(std::move(listeners)) {}
  void from_host(int listener);
  void from_inside(const std::string& key);
  Session* session_of(int listener, const SocketAddress& client, std::string_view first);
  bool connect_inside(const std::string& key, Session& session);
  // The address in use refuses: on to the next one. False when there is none.
  bool fall_back(const std::string& key, Session& session);
  void drop(const std::string& key);
  void make_room();
  void sweep();

  EventLoop& loop_;
  int netns_fd_;
  std::vector<SocketAddress> addresses_;
  Listeners listeners_;
  std::map<std::string, Session> sessions_;
  uint64_t sweep_timer_ = 0;
};

}  // namespace berth::network
