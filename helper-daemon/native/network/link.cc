#include "network/link.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <map>

#include "network/ipv4.h"

namespace berth::network {

namespace {

constexpr uint16_t kCreate = NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;

bool valid_name(const std::string& name) {
  return !name.empty() && name.size() < IFNAMSIZ && name.find('/') == std::string::npos;
}

Error bad_name(const std::string& name) {
  return Error{"bad-request", "not an interface name: " + name, 0};
}

template <typename T>
T value_of(std::string_view bytes) {
  T value{};
  if (bytes.size() >= sizeof(T)) std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

}  // namespace

Result<int> link_index(NetlinkSocket& socket, const std::string& name) {
  if (!valid_name(name)) return bad_name(name);
  NetlinkMessage message;
  message.start(RTM_GETLINK, NLM_F_ACK);
  message.put(ifinfomsg{});
  message.text(IFLA_IFNAME, name);
  int index = 0;
  BERTH_TRY(socket.dump(message, "look up link " + name, [&](uint16_t type, std::string_view payload) {
    if (type == RTM_NEWLINK) index = value_of<ifinfomsg>(payload).ifi_index;
  }));
  if (index == 0) return sys_error("look up link " + name, ENODEV);
  return index;
}

Status set_link_up(NetlinkSocket& socket, int index) {
  NetlinkMessage message;
  message.start(RTM_NEWLINK, NLM_F_ACK);
  ifinfomsg link{};
  link.ifi_index = index;
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  message.put(link);
  return socket.transact(message, "set link up");
}

Status delete_link(NetlinkSocket& socket, int index) {
  NetlinkMessage message;
  message.start(RTM_DELLINK, NLM_F_ACK);
  ifinfomsg link{};
  link.ifi_index = index;
  message.put(link);
  return socket.transact(message, "delete link");
}

Status add_address(NetlinkSocket& socket, int index, const std::string& ip, uint8_t prefix) {
  if (prefix == 0 || prefix > 32)
    return Error{"bad-request", "not a prefix length: " + std::to_string(prefix), 0};
  BERTH_TRY_ASSIGN(in_addr address, parse_ipv4(ip));
  NetlinkMessage message;
  message.start(RTM_NEWADDR, kCreate);
  ifaddrmsg header{};
  header.ifa_family = AF_INET;
  header.ifa_prefixlen = prefix;
  header.ifa_index = static_cast<uint32_t>(index);
  message.put(header);
  message.number(IFA_LOCAL, address);
  message.number(IFA_ADDRESS, address);
  message.number(IFA_BROADCAST, address.s_addr | ~prefix_mask(prefix));
  Status added = socket.transact(message, "add address " + ip);
  if (!added.ok() && added.error().errnum == EEXIST) return ok_status();
  return added;
}

Status add_default_route(NetlinkSocket& socket, int index, const std::string& gateway) {
  BERTH_TRY_ASSIGN(in_addr address, parse_ipv4(gateway));
  NetlinkMessage message;
  message.start(RTM_NEWROUTE, kCreate);
  rtmsg route{};
  route.rtm_family = AF_INET;
  route.rtm_table = RT_TABLE_MAIN;
  route.rtm_protocol = RTPROT_BOOT;
  route.rtm_scope = RT_SCOPE_UNIVERSE;
  route.rtm_type = RTN_UNICAST;
  message.put(route);
  message.number(RTA_GATEWAY, address);
  message.number(RTA_OIF, index);
  return socket.transact(message, "add default route by " + gateway);
}

// No link-local address, no neighbour discovery: containers speak IPv4 on the bridge. Only a link that exists
// takes this setting.
Status turn_ipv6_off(NetlinkSocket& socket, const std::string& name) {
  NetlinkMessage message;
  message.start(RTM_NEWLINK, NLM_F_ACK);
  message.put(ifinfomsg{});
  message.text(IFLA_IFNAME, name);
  const size_t families = message.begin(IFLA_AF_SPEC);
  const size_t inet6 = message.begin(AF_INET6);
  message.number<uint8_t>(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
  message.end(inet6);
  message.end(families);
  Status done = socket.transact(message, "turn IPv6 off on " + name);
  // A host without IPv6 has nothing to turn off.
  if (!done.ok() && done.error().errnum == EAFNOSUPPORT) return ok_status();
  return done;
}

Status add_bridge(NetlinkSocket& socket, const std::string& name, const std::string& mac) {
  if (!valid_name(name)) return bad_name(name);
  BERTH_TRY_ASSIGN(std::string hardware, parse_mac(mac));
  NetlinkMessage message;
  message.start(RTM_NEWLINK, kCreate);
  message.put(ifinfomsg{});
  message.text(IFLA_IFNAME, name);
  message.attribute(IFLA_ADDRESS, hardware.data(), hardware.size());
  const size_t info = message.begin(IFLA_LINKINFO);
  message.text(IFLA_INFO_KIND, "bridge");
  message.end(info);
  Status added = socket.transact(message, "make bridge " + name);
  if (!added.ok() && added.error().errnum != EEXIST) return added;
  return turn_ipv6_off(socket, name);
}

Status add_veth(NetlinkSocket& socket, const std::string& outer, int bridge_index, int netns_fd,
                const std::string& inner_mac) {
  if (!valid_name(outer)) return bad_name(outer);
  BERTH_TRY_ASSIGN(std::string hardware, parse_mac(inner_mac));
  NetlinkMessage message;
  message.start(RTM_NEWLINK, kCreate);
  message.put(ifinfomsg{});
  message.text(IFLA_IFNAME, outer);
  message.number(IFLA_MASTER, bridge_index);
  const size_t info = message.begin(IFLA_LINKINFO);
  message.text(IFLA_INFO_KIND, "veth");
  const size_t data = message.begin(IFLA_INFO_DATA);
  const size_t peer = message.begin(VETH_INFO_PEER);
  message.put(ifinfomsg{});
  message.text(IFLA_IFNAME, "eth0");
  message.attribute(IFLA_ADDRESS, hardware.data(), hardware.size());
  message.number(IFLA_NET_NS_FD, netns_fd);
  message.end(peer);
  message.end(data);
  message.end(info);
  BERTH_TRY(socket.transact(message, "make veth pair " + outer));
  BERTH_TRY(turn_ipv6_off(socket, outer));
  ifinfomsg up{};
  up.ifi_flags = IFF_UP;
  up.ifi_change = IFF_UP;
  NetlinkMessage raise;
  raise.start(RTM_NEWLINK, NLM_F_ACK);
  raise.put(up);
  raise.text(IFLA_IFNAME, outer);
  return socket.transact(raise, "set link up " + outer);
}

Result<std::vector<Route>> read_routes(NetlinkSocket& socket) {
  NetlinkMessage request;
  request.start(RTM_GETLINK, NLM_F_DUMP);
  request.put(ifinfomsg{});
  std::map<int, std::string> names;
  BERTH_TRY(socket.dump(request, "list links", [&](uint16_t, std::string_view payload) {
    if (payload.size() < sizeof(ifinfomsg)) return;
    const int index = value_of<ifinfomsg>(payload).ifi_index;
    for_each_attribute(payload.substr(sizeof(ifinfomsg)), [&](uint16_t type, std::string_view value) {
      if (type == IFLA_IFNAME) names[index] = std::string(value.substr(0, value.find('\0')));
    });
  }));
  NetlinkMessage message;
  message.start(RTM_GETROUTE, NLM_F_DUMP);
  rtmsg wanted{};
  wanted.rtm_family = AF_INET;
  message.put(wanted);
  std::vector<Route> routes;
  BERTH_TRY(socket.dump(message, "list routes", [&](uint16_t, std::string_view payload) {
    if (payload.size() < sizeof(rtmsg)) return;
    const auto header = value_of<rtmsg>(payload);
    // The local table repeats what the others say; the default route is everywhere and says nothing about a
    // subnet's use.
    if (header.rtm_family != AF_INET || header.rtm_table == RT_TABLE_LOCAL || header.rtm_dst_len == 0) return;
    Route route;
    route.prefix = header.rtm_dst_len;
    for_each_attribute(payload.substr(sizeof(rtmsg)), [&](uint16_t type, std::string_view value) {
      if (type == RTA_DST) route.destination = ipv4_text(value_of<in_addr>(value));
      if (type == RTA_OIF) route.device = names[value_of<int>(value)];
    });
    if (!route.destination.empty()) routes.push_back(std::move(route));
  }));
  return routes;
}

}  // namespace berth::network
