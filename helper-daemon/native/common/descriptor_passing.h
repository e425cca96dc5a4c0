// Packets with descriptors over unix sockets (SCM_RIGHTS).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/fd.h"
#include "common/result.h"

namespace berth {

struct Packet {
  std::string data;
  std::vector<UniqueFd> fds;
  bool closed = false;  // the peer is gone; data is empty
};

// A close-on-exec socket pair that keeps message boundaries.
Result<std::pair<UniqueFd, UniqueFd>> packet_pair();

// Sends one packet with at most 250 descriptors. EAGAIN is returned as an error on a non-blocking socket.
Status send_packet(int socket, std::string_view data, const std::vector<int>& fds = {});

// Receives one packet of at most `max_bytes`; a longer one is the error EMSGSIZE. Descriptors arrive
// close-on-exec.
Result<Packet> receive_packet(int socket, size_t max_bytes);

}  // namespace berth
