// The network room's door for warden, launch and monitor. Everything by netlink; no tool is spawned.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/event_loop.h"
#include "common/fd.h"
#include "common/result.h"

namespace berth::network {

struct Route {
  std::string destination;  // dotted IPv4
  uint8_t prefix = 0;
  std::string device;
};

struct Endpoint {
  std::string bridge;  // host bridge that the veth's outer end joins
  std::string ip;      // dotted IPv4 of eth0
  uint8_t prefix = 24;
  std::string gateway;
  std::string mac;  // "02:42:…"
};

// ---- warden side (host namespace) ----
// Makes or repairs a bridge with its gateway address, IPv4 forwarding and its masquerade/isolation elements
// in table `inet berth`. Idempotent; never touches another table.
Status ensure_bridge(const std::string& name, const std::string& gateway_ip, uint8_t prefix);
Status remove_bridge(const std::string& name, const std::string& gateway_ip, uint8_t prefix);
Result<std::vector<Route>> routes();

// ---- launch side: a fresh namespace given by descriptor; the caller stays in its own namespace ----
// lo up.
Status bring_up_loopback(int netns_fd);
// A veth pair: outer end `host_name` on the bridge, inner end eth0 with address and default route.
Status connect_endpoint(int netns_fd, const Endpoint& endpoint, const std::string& host_name);

// ---- monitor side ----
// The process ignores SIGPIPE (splice(2) cannot be told not to raise it). `netns_fd` stays the caller's and
// open.
struct DnsConfig {
  std::vector<std::string>
      servers;             // empty: the nameservers of the host's /etc/resolv.conf, re-read when it changes
  std::string names_file;  // lines "ip name name…"; may be absent; re-read when its mtime changes
};
// A resolver at 127.0.0.11:53 inside the namespace (random ports, redirected by a small nft table in there;
// UDP and TCP). Forwards from the monitor's own (host) namespace.
class NameServer {
 public:
  static Result<std::unique_ptr<NameServer>> create(EventLoop& loop, int netns_fd, DnsConfig config);
  virtual ~NameServer() = default;
};

// Dials from inside the namespace: `container_ip`:port first, then 127.0.0.1 and ::1 there. Non-blocking
// connected socket by callback.
using Dialed = std::function<void(Result<UniqueFd>)>;

// Carries bytes between two connected stream sockets both ways with bounded buffers and half-close; `done` is
// called once. The relay owns both descriptors and itself; it is destroyed after `done`.
void start_relay(EventLoop& loop, UniqueFd a, UniqueFd b, std::function<void()> done);

class PortPublisher {
 public:
  // `container_ip` may be empty (a namespace with lo only).
  static std::unique_ptr<PortPublisher> create(EventLoop& loop, int netns_fd, std::string container_ip);
  virtual ~PortPublisher() = default;
  // proto 6 or 17; host_port 0 = any free one. host_ip "" = 127.0.0.1 and, where there is IPv6, ::1 on the
  // same port. Returns the bound port; error code "port-in-use" when taken.
  virtual Result<uint16_t> publish(uint8_t proto, const std::string& host_ip, uint16_t host_port,
                                   uint16_t container_port) = 0;
  virtual Status unpublish(uint8_t proto, const std::string& host_ip, uint16_t host_port) = 0;
  // Dials a TCP port inside (as published connections do).
  virtual void dial(uint16_t container_port, Dialed dialed) = 0;
};

}  // namespace berth::network
