#include "addon/packet.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>

#include "common/wire.h"

namespace berth::addon {

namespace {

constexpr size_t kRequestHeader = 6;
constexpr uint16_t kRequestInMemfd = 0x8000;
constexpr uint32_t kAnswerInMemfd = 0x80000000;

Error broken(const std::string& what) {
  return Error{"EPROTO", "receive: " + what, EPROTO};
}

Result<UniqueFd> memfd_with(std::string_view bytes) {
  UniqueFd fd(memfd_create("berth-message", MFD_CLOEXEC));
  if (!fd) return sys_error("memfd_create");
  for (size_t done = 0; done < bytes.size();) {
    ssize_t n = pwrite(fd.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return sys_error("pwrite memfd");
    done += static_cast<size_t>(n);
  }
  return fd;
}

}  // namespace

Result<Packet> pack_request(std::string_view message, const std::vector<int>& fds) {
  if (message.size() < kRequestHeader)
    return Error{"bad-request", "a message has at least an id and a verb", 0};
  if (message.size() > kMaxPayload) return Error{"bad-request", "the message is larger than 64 MiB", 0};
  if (fds.size() + 1 > kMaxDescriptors) return Error{"bad-request", "too many descriptors in one message", 0};
  Packet packet;
  if (message.size() - kRequestHeader <= kMaxInlinePayload) {
    packet.bytes = std::string(message);
  } else {
    Reader header(message.substr(0, kRequestHeader));
    Writer large;
    large.u32(header.u32());
    large.u16(header.u16() | kRequestInMemfd);
    large.u32(static_cast<uint32_t>(message.size() - kRequestHeader));
    BERTH_TRY_ASSIGN(UniqueFd memfd, memfd_with(message.substr(kRequestHeader)));
    packet.bytes = large.take();
    packet.fds.push_back(std::move(memfd));
  }
  for (int fd : fds) {
    UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!copy) return sys_error("fcntl F_DUPFD_CLOEXEC");
    packet.fds.push_back(std::move(copy));
  }
  return packet;
}

Result<Packet> unpack_answer(Packet packet) {
  Reader reader(packet.bytes);
  uint32_t id = reader.u32();
  if ((id & kAnswerInMemfd) == 0) return packet;
  uint32_t length = reader.u32();
  if (!reader.at_end() || packet.fds.empty()) return broken("a large answer without its memfd");
  struct stat stat {};
  if (fstat(packet.fds[0].get(), &stat) != 0) return sys_error("fstat memfd");
  if (length > kMaxPayload || static_cast<uint64_t>(stat.st_size) < length)
    return broken("a large answer with a wrong length");
  Packet whole;
  Writer header;
  header.u32(id & ~kAnswerInMemfd);
  whole.bytes = header.take();
  const size_t start = whole.bytes.size();
  whole.bytes.resize(start + length);
  for (size_t done = 0; done < length;) {
    ssize_t n = pread(packet.fds[0].get(), whole.bytes.data() + start + done, length - done,
                      static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return sys_error("pread memfd");
    if (n == 0) return broken("a large answer that ends early");
    done += static_cast<size_t>(n);
  }
  for (size_t i = 1; i < packet.fds.size(); ++i) whole.fds.push_back(std::move(packet.fds[i]));
  return whole;
}

Status send_packet(int socket, const Packet& packet) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxDescriptors)> control{};
  iovec part{const_cast<char*>(packet.bytes.data()), packet.bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!packet.fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int) * packet.fds.size());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * packet.fds.size());
    for (size_t i = 0; i < packet.fds.size(); ++i) {
      int fd = packet.fds[i].get();
      std::memcpy(CMSG_DATA(header) + i * sizeof(int), &fd, sizeof(int));
    }
  }
  for (;;) {
    if (sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return ok_status();
    if (errno != EINTR) return sys_error("sendmsg");
  }
}

Result<Packet> receive_packet(int socket) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxDescriptors)> control{};
  Packet packet;
  packet.bytes.resize(kMaxInlinePayload + 64);
  iovec part{packet.bytes.data(), packet.bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t n;
  do {
    n = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return sys_error("recvmsg");
  packet.bytes.resize(static_cast<size_t>(n));
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      packet.fds.emplace_back(fd);
    }
  }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return broken("a message larger than the protocol allows");
  return packet;
}

}  // namespace berth::addon
