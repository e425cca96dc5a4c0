// Sends a query on to the host's name servers, from the host's namespace, and hands back the answer.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/event_loop.h"
#include "network/socket_address.h"

namespace berth::network {

class Forwarder {
 public:
  // The whole response with the query's own id; "" when no server gave one in time.
  using Answered = std::function<void(std::string response)>;

  explicit Forwarder(EventLoop& loop) : loop_(loop) {}
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // Tries the servers one after the other, by TCP if `tcp`, else by UDP. False if too many queries wait
  // already.
  bool forward(const std::string& query, const std::vector<SocketAddress>& servers, bool tcp,
               Answered answered);

 private:
  struct Pending {
    std::string query;  // with an id of its own
    uint16_t client_id = 0;
    std::vector<SocketAddress> servers;
    size_t attempt = 0;
    bool tcp = false;
    UniqueFd socket;
    uint64_t timer = 0;
    std::string outgoing;  // TCP: what is still to be sent
    std::string incoming;  // TCP: what has come
    Answered answered;
  };
  void try_next(uint64_t id);
  void ready(uint64_t id, uint32_t events);
  // True when the attempt has failed.
  bool read_udp(uint64_t id, Pending& pending);
  bool exchange_tcp(uint64_t id, Pending& pending, uint32_t events);
  void stop_waiting(Pending& pending);
  void end(uint64_t id, std::string response);

  EventLoop& loop_;
  std::map<uint64_t, Pending> pending_;
  uint64_t next_id_ = 1;
};

}  // namespace berth::network
