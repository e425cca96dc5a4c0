// Inside a container's namespace: what is sent to 127.0.0.11:53 goes to the name server's own ports.
#pragma once

#include <cstdint>

#include "common/result.h"

namespace berth::network {

// In the calling thread's network namespace. A container may so bind port 53 itself.
Status redirect_dns(uint16_t udp_port, uint16_t tcp_port);

}  // namespace berth::network
