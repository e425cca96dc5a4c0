// One message of the warden's protocol on a seqpacket socket: its bytes, its descriptors, and the rule that a
// payload over 64 KiB travels in a memfd (PROTOCOL.md, "Warden").
#pragma once

#include <string>
#include <vector>

#include "common/fd.h"
#include "common/result.h"

namespace berth::addon {

// More than any verb needs; the kernel allows 253.
constexpr size_t kMaxDescriptors = 32;
constexpr size_t kMaxInlinePayload = size_t{64} * 1024;
// A launch plan or an answer larger than this is a mistake.
constexpr size_t kMaxPayload = size_t{64} * 1024 * 1024;

struct Packet {
  std::string bytes;
  std::vector<UniqueFd> fds;
};

// Turns a whole request (u32 id, u16 verb, fields) into what goes over the socket. Descriptors are
// duplicated: the caller keeps its own.
Result<Packet> pack_request(std::string_view message, const std::vector<int>& fds);

// Turns what came over the socket into a whole answer (u32 id, u8 status, …).
Result<Packet> unpack_answer(Packet packet);

// One sendmsg. EAGAIN comes back as an Error with that errno; the packet is then untouched.
Status send_packet(int socket, const Packet& packet);

// One recvmsg. An empty packet without descriptors is the end of the connection.
Result<Packet> receive_packet(int socket);

}  // namespace berth::addon
