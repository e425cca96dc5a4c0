// Sockets on the host that published ports listen on.
#pragma once

#include <string>
#include <vector>

#include "common/fd.h"
#include "common/result.h"

namespace berth::network {

struct Listeners {
  std::vector<UniqueFd> sockets;
  uint16_t port = 0;
};

// `type` is SOCK_STREAM (listening) or SOCK_DGRAM (bound). `host_ip` "" stands for 127.0.0.1 and, where there
// is IPv6, ::1 with the same port; port 0 for any free one. Error "port-in-use" names address and port.
Result<Listeners> listen_on_host(int type, const std::string& host_ip, uint16_t port);

}  // namespace berth::network
