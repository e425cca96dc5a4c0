// The warden's part: bridges of the host.
#include <fcntl.h>
#include <linux/netlink.h>

#include <array>

#include "network/host_table.h"
#include "network/ipv4.h"
#include "network/link.h"
#include "network/network.h"

namespace berth::network {

namespace {

constexpr const char* kForwarding = "/proc/sys/net/ipv4/ip_forward";

Status enable_forwarding() {
  UniqueFd file(open(kForwarding, O_RDWR | O_CLOEXEC));
  if (!file) return sys_error(std::string("open ") + kForwarding);
  char value = '0';
  if (read(file.get(), &value, 1) == 1 && value == '1') return ok_status();
  if (pwrite(file.get(), "1", 1, 0) != 1) return sys_error(std::string("write ") + kForwarding);
  return ok_status();
}

// As Docker forms them: 02:42 and the address.
std::string mac_of(in_addr address) {
  std::array<unsigned char, 4> bytes;
  std::memcpy(bytes.data(), &address, bytes.size());
  std::array<char, 18> text;
  std::snprintf(text.data(), text.size(), "02:42:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2],
                bytes[3]);
  return text.data();
}

}  // namespace

Status ensure_bridge(const std::string& name, const std::string& gateway_ip, uint8_t prefix) {
  BERTH_TRY_ASSIGN(in_addr gateway, parse_ipv4(gateway_ip));
  BERTH_TRY_ASSIGN(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE));
  BERTH_TRY(add_bridge(socket, name, mac_of(gateway)));
  BERTH_TRY_ASSIGN(int index, link_index(socket, name));
  BERTH_TRY(add_address(socket, index, gateway_ip, prefix));
  // The rules before the first packet can pass.
  BERTH_TRY(add_bridge_to_table(name));
  BERTH_TRY(enable_forwarding());
  return set_link_up(socket, index);
}

Status remove_bridge(const std::string& name, const std::string&, uint8_t) {
  BERTH_TRY_ASSIGN(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE));
  auto index = link_index(socket, name);
  if (index.ok()) {
    Status removed = delete_link(socket, *index);
    if (!removed.ok() && removed.error().errnum != ENODEV) return removed;
  } else if (index.error().errnum != ENODEV) {
    return index.error();
  }
  return remove_bridge_from_table(name);
}

Result<std::vector<Route>> routes() {
  BERTH_TRY_ASSIGN(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE));
  return read_routes(socket);
}

}  // namespace berth::network
