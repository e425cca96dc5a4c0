// IPv4 addresses as text, as the kernel's bytes, and as networks.
#pragma once

#include <arpa/inet.h>

#include <cstdint>
#include <string>

#include "common/result.h"

namespace berth::network {

inline Result<in_addr> parse_ipv4(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1)
    return Error{"bad-request", "not an IPv4 address: " + text, 0};
  return address;
}

inline std::string ipv4_text(in_addr address) {
  char text[INET_ADDRSTRLEN] = {};
  inet_ntop(AF_INET, &address, text, sizeof(text));
  return text;
}

inline uint32_t prefix_mask(uint8_t prefix) {
  return htonl(prefix == 0 ? 0 : ~uint32_t{0} << (32 - prefix));
}

// "02:42:0a:00:00:02" as bytes.
inline Result<std::string> parse_mac(const std::string& text) {
  std::string bytes;
  for (size_t at = 0; at + 2 <= text.size(); at += 3) {
    char* end = nullptr;
    const std::string pair = text.substr(at, 2);
    bytes.push_back(static_cast<char>(std::strtoul(pair.c_str(), &end, 16)));
    if (*end != '\0' || (at + 2 < text.size() && text[at + 2] != ':')) break;
  }
  if (bytes.size() != 6 || text.size() != 17) return Error{"bad-request", "not a MAC address: " + text, 0};
  return bytes;
}

}  // namespace berth::network
