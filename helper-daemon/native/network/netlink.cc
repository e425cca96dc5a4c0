#include "network/netlink.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>

namespace berth::network {

namespace {

// The kernel answers at once; a silence this long means a lost answer.
constexpr timeval kAnswerTimeout{5, 0};

size_t aligned(size_t size) {
  return (size + 3) & ~size_t{3};
}

}  // namespace

void NetlinkMessage::append(const void* data, size_t size) {
  bytes_.append(static_cast<const char*>(data), size);
  bytes_.resize(aligned(bytes_.size()), '\0');
}

void NetlinkMessage::close_message() {
  if (!std::exchange(open_, false)) return;
  const auto length = static_cast<uint32_t>(bytes_.size() - message_at_);
  std::memcpy(bytes_.data() + message_at_, &length, sizeof(length));
}

void NetlinkMessage::start(uint16_t type, uint16_t flags) {
  close_message();
  message_at_ = bytes_.size();
  open_ = true;
  if ((flags & NLM_F_ACK) != 0) ++acknowledged_;
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<uint16_t>(flags | NLM_F_REQUEST);
  header.nlmsg_seq = ++sequence_;
  append(&header, sizeof(header));
}

void NetlinkMessage::attribute(uint16_t type, const void* data, size_t size) {
  nlattr header{static_cast<uint16_t>(sizeof(nlattr) + size), type};
  append(&header, sizeof(header));
  append(data, size);
}

void NetlinkMessage::text(uint16_t type, std::string_view value) {
  std::string terminated(value);
  attribute(type, terminated.c_str(), terminated.size() + 1);
}

void NetlinkMessage::big_endian(uint16_t type, uint32_t value) {
  number(type, htonl(value));
}

size_t NetlinkMessage::begin(uint16_t type) {
  const size_t nest = bytes_.size();
  attribute(type | NLA_F_NESTED, nullptr, 0);
  return nest;
}

void NetlinkMessage::end(size_t nest) {
  const auto length = static_cast<uint16_t>(bytes_.size() - nest);
  std::memcpy(bytes_.data() + nest, &length, sizeof(length));
}

const std::string& NetlinkMessage::bytes() {
  close_message();
  return bytes_;
}

Result<NetlinkSocket> NetlinkSocket::open(int protocol) {
  UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!fd) return sys_error("socket netlink");
  if (setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kAnswerTimeout, sizeof(kAnswerTimeout)) != 0) {
    return sys_error("setsockopt SO_RCVTIMEO");
  }
  const int one = 1;
  // Acknowledgements without a copy of the request; older kernels send the copy, which is skipped.
  setsockopt(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
  return NetlinkSocket(std::move(fd));
}

Status NetlinkSocket::send(NetlinkMessage& message, const std::string& what) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const std::string& bytes = message.bytes();
  const ssize_t n =
      sendto(fd_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&kernel), sizeof(kernel));
  if (n < 0) return sys_error(what);
  return ok_status();
}

Result<std::string> NetlinkSocket::receive(const std::string& what) {
  std::string bytes(65536, '\0');
  for (;;) {
    sockaddr_nl from{};
    socklen_t length = sizeof(from);
    const ssize_t n =
        recvfrom(fd_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return sys_error(what);
    if (from.nl_pid != 0) continue;  // not from the kernel
    bytes.resize(static_cast<size_t>(n));
    return bytes;
  }
}

Status NetlinkSocket::transact(NetlinkMessage& message, const std::string& what) {
  BERTH_TRY(send(message, what));
  for (uint32_t left = message.acknowledged(); left > 0;) {
    BERTH_TRY_ASSIGN(std::string received, receive(what));
    std::string_view rest(received);
    while (rest.size() >= sizeof(nlmsghdr)) {
      nlmsghdr header;
      std::memcpy(&header, rest.data(), sizeof(header));
      if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > rest.size()) break;
      if (header.nlmsg_type == NLMSG_ERROR && header.nlmsg_len >= sizeof(header) + sizeof(int)) {
        int error;
        std::memcpy(&error, rest.data() + sizeof(header), sizeof(error));
        if (error != 0) return sys_error(what, -error);
        if (left > 0) --left;
      }
      rest.remove_prefix(std::min(aligned(header.nlmsg_len), rest.size()));
    }
  }
  return ok_status();
}

Status NetlinkSocket::dump(NetlinkMessage& message, const std::string& what,
                           const std::function<void(uint16_t, std::string_view)>& each) {
  BERTH_TRY(send(message, what));
  for (;;) {
    BERTH_TRY_ASSIGN(std::string received, receive(what));
    std::string_view rest(received);
    while (rest.size() >= sizeof(nlmsghdr)) {
      nlmsghdr header;
      std::memcpy(&header, rest.data(), sizeof(header));
      if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > rest.size()) break;
      if (header.nlmsg_type == NLMSG_DONE) return ok_status();
      if (header.nlmsg_type == NLMSG_ERROR) {
        int error = 0;
        if (header.nlmsg_len >= sizeof(header) + sizeof(int))
          std::memcpy(&error, rest.data() + sizeof(header), sizeof(error));
        return error == 0 ? ok_status() : Status(sys_error(what, -error));
      }
      each(header.nlmsg_type, rest.substr(sizeof(header), header.nlmsg_len - sizeof(header)));
      rest.remove_prefix(std::min(aligned(header.nlmsg_len), rest.size()));
    }
  }
}

void for_each_attribute(std::string_view bytes, const std::function<void(uint16_t, std::string_view)>& each) {
  while (bytes.size() >= sizeof(nlattr)) {
    nlattr header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    if (header.nla_len < sizeof(header) || header.nla_len > bytes.size()) return;
    each(header.nla_type & NLA_TYPE_MASK, bytes.substr(sizeof(header), header.nla_len - sizeof(header)));
    bytes.remove_prefix(std::min(aligned(header.nla_len), bytes.size()));
  }
}

}  // namespace berth::network
