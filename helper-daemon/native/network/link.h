// Single steps of rtnetlink on links, addresses and routes of one namespace.
#pragma once

#include <string>

#include "network/netlink.h"
#include "network/network.h"

namespace berth::network {

// ENODEV if there is none.
Result<int> link_index(NetlinkSocket& socket, const std::string& name);
Status set_link_up(NetlinkSocket& socket, int index);
Status delete_link(NetlinkSocket& socket, int index);
// There already: no error.
Status add_address(NetlinkSocket& socket, int index, const std::string& ip, uint8_t prefix);
Status add_default_route(NetlinkSocket& socket, int index, const std::string& gateway);
// A bridge that exists already is left as it is. `mac` keeps the address from changing with the bridge's
// ports.
Status add_bridge(NetlinkSocket& socket, const std::string& name, const std::string& mac);
Status turn_ipv6_off(NetlinkSocket& socket, const std::string& name);
// The outer end `outer` joins the bridge; the inner end appears as eth0 in the namespace. Both are up,
// without IPv6.
Status add_veth(NetlinkSocket& socket, const std::string& outer, int bridge_index, int netns_fd,
                const std::string& inner_mac);
Result<std::vector<Route>> read_routes(NetlinkSocket& socket);

}  // namespace berth::network
