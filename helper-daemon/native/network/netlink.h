// Netlink messages and sockets: building, sending, waiting for the kernel's answers.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/fd.h"
#include "common/result.h"

namespace berth::network {

// One or several messages one behind the other. Attributes nest by begin() and end().
class NetlinkMessage {
 public:
  // Starts a message; the family's own header follows by put().
  void start(uint16_t type, uint16_t flags);
  template <typename T>
  void put(const T& header) {
    append(&header, sizeof(header));
  }
  void attribute(uint16_t type, const void* data, size_t size);
  void text(uint16_t type, std::string_view value);  // with its final NUL
  template <typename T>
  void number(uint16_t type, T value) {
    attribute(type, &value, sizeof(value));
  }
  // nftables' numbers are big-endian.
  void big_endian(uint16_t type, uint32_t value);
  size_t begin(uint16_t type);
  void end(size_t nest);

  const std::string& bytes();
  // How many messages asked for an acknowledgement.
  uint32_t acknowledged() const { return acknowledged_; }

 private:
  void append(const void* data, size_t size);
  void close_message();

  std::string bytes_;
  size_t message_at_ = 0;
  bool open_ = false;
  uint32_t sequence_ = 0;
  uint32_t acknowledged_ = 0;
};

class NetlinkSocket {
 public:
  // In the calling thread's network namespace; the socket stays in it.
  static Result<NetlinkSocket> open(int protocol);

  // Sends all messages and waits for each acknowledgement. The first error is returned, as "`what`:
  // <reason>".
  Status transact(NetlinkMessage& message, const std::string& what);
  // Sends one NLM_F_DUMP request; `each` gets type and payload of every answer.
  Status dump(NetlinkMessage& message, const std::string& what,
              const std::function<void(uint16_t type, std::string_view payload)>& each);

 private:
  explicit NetlinkSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  Status send(NetlinkMessage& message, const std::string& what);
  Result<std::string> receive(const std::string& what);

  UniqueFd fd_;
};

// Calls `each` with type and content of every attribute in `bytes`.
void for_each_attribute(std::string_view bytes, const std::function<void(uint16_t, std::string_view)>& each);

}  // namespace berth::network
