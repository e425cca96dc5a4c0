// The launch's part: what a container sees in its own namespace.
#include <fcntl.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "network/link.h"
#include "network/namespace_switch.h"
#include "network/network.h"

namespace berth::network {

namespace {

constexpr int kLoopback = 1;  // every namespace's first link

// For links yet to come; lo keeps its ::1. Where the kernel has no IPv6 there is nothing to turn off.
Status without_ipv6_by_default() {
  constexpr const char* kPath = "/proc/sys/net/ipv6/conf/default/disable_ipv6";
  UniqueFd file(open(kPath, O_WRONLY | O_CLOEXEC));
  if (!file) return errno == ENOENT ? ok_status() : Status(sys_error(std::string("open ") + kPath));
  if (write(file.get(), "1", 1) != 1) return sys_error(std::string("write ") + kPath);
  return ok_status();
}

}  // namespace

Status bring_up_loopback(int netns_fd) {
  BERTH_TRY_ASSIGN(NetlinkSocket inner,
                   in_namespace(netns_fd, [] { return NetlinkSocket::open(NETLINK_ROUTE); }));
  return set_link_up(inner, kLoopback);
}

Status connect_endpoint(int netns_fd, const Endpoint& endpoint, const std::string& host_name) {
  BERTH_TRY_ASSIGN(NetlinkSocket outer, NetlinkSocket::open(NETLINK_ROUTE));
  BERTH_TRY_ASSIGN(NetlinkSocket inner, in_namespace(netns_fd, []() -> Result<NetlinkSocket> {
                     BERTH_TRY(without_ipv6_by_default());
                     return NetlinkSocket::open(NETLINK_ROUTE);
                   }));
  BERTH_TRY_ASSIGN(int bridge, link_index(outer, endpoint.bridge));
  BERTH_TRY(add_veth(outer, host_name, bridge, netns_fd, endpoint.mac));
  BERTH_TRY_ASSIGN(int eth0, link_index(inner, "eth0"));
  BERTH_TRY(add_address(inner, eth0, endpoint.ip, endpoint.prefix));
  BERTH_TRY(set_link_up(inner, eth0));
  return add_default_route(inner, eth0, endpoint.gateway);
}

}  // namespace berth::network
