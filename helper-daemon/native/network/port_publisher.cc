#include <map>
#include <tuple>

#include "network/dialer.h"
#include "network/network.h"
#include "network/tcp_publication.h"
#include "network/udp_publication.h"

namespace berth::network {

namespace {

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;

class Publisher : public PortPublisher {
 public:
  Publisher(EventLoop& loop, int netns_fd, std::string container_ip)
      : loop_(loop),
        netns_fd_(netns_fd),
        container_ip_(container_ip),
        dialer_(std::make_shared<Dialer>(loop, netns_fd, std::move(container_ip))) {}

  Result<uint16_t> publish(uint8_t proto, const std::string& host_ip, uint16_t host_port,
                           uint16_t container_port) override {
    if (proto != kTcp && proto != kUdp)
      return Error{"bad-request", "only TCP and UDP ports can be published", 0};
    if (container_port == 0) return Error{"bad-request", "port 0 of a container cannot be published", 0};
    BERTH_TRY_ASSIGN(Listeners listeners,
                     listen_on_host(proto == kTcp ? SOCK_STREAM : SOCK_DGRAM, host_ip, host_port));
    const uint16_t bound = listeners.port;
    if (proto == kTcp) {
      BERTH_TRY_ASSIGN(tcp_[Key(host_ip, bound)],
                       TcpPublication::start(loop_, dialer_, std::move(listeners), container_port));
    } else {
      BERTH_TRY_ASSIGN(
          udp_[Key(host_ip, bound)],
          UdpPublication::start(loop_, netns_fd_, container_ip_, std::move(listeners), container_port));
    }
    return bound;
  }

  Status unpublish(uint8_t proto, const std::string& host_ip, uint16_t host_port) override {
    const Key key(host_ip, host_port);
    const size_t ended = proto == kTcp ? tcp_.erase(key) : udp_.erase(key);
    if (ended == 0)
      return Error{"ENOENT", "port " + std::to_string(host_port) + " is not published by this container",
                   ENOENT};
    return ok_status();
  }

  void dial(uint16_t container_port, Dialed dialed) override {
    dialer_->dial(container_port, std::move(dialed));
  }

 private:
  using Key = std::pair<std::string, uint16_t>;
  EventLoop& loop_;
  int netns_fd_;
  std::string container_ip_;
  std::shared_ptr<Dialer> dialer_;
  std::map<Key, std::unique_ptr<TcpPublication>> tcp_;
  std::map<Key, std::unique_ptr<UdpPublication>> udp_;
};

}  // namespace

std::unique_ptr<PortPublisher> PortPublisher::create(EventLoop& loop, int netns_fd,
                                                     std::string container_ip) {
  return std::make_unique<Publisher>(loop, netns_fd, std::move(container_ip));
}

}  // namespace berth::network
