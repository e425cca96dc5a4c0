// One published TCP port: connections on the host, each carried to the port inside.
#pragma once

#include <memory>
#include <vector>

#include "network/dialer.h"
#include "network/listener.h"

namespace berth::network {

class TcpPublication {
 public:
  static Result<std::unique_ptr<TcpPublication>> start(EventLoop& loop, std::shared_ptr<Dialer> dialer,
                                                       Listeners listeners, uint16_t container_port);
  // New connections end here; those that are established live on.
  ~TcpPublication();

 private:
  TcpPublication(EventLoop& loop, std::shared_ptr<Dialer> dialer, Listeners listeners,
                 uint16_t container_port)
      : loop_(loop),
        dialer_(std::move(dialer)),
        listeners_(std::move(listeners)),
        container_port_(container_port) {}
  Status watch();
  void accept_from(int listener);
  void carry(UniqueFd client);
  void pause();

  EventLoop& loop_;
  std::shared_ptr<Dialer> dialer_;
  Listeners listeners_;
  uint16_t container_port_;
  uint64_t resume_timer_ = 0;
};

}  // namespace berth::network
