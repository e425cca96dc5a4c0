#include "network/dns_connection.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>

#include "network/dns_message.h"

namespace berth::network {

namespace {

constexpr uint64_t kIdleMs = 10000;
// One query of the largest size and the beginning of another.
constexpr size_t kMaxIncoming = 70000;

}  // namespace

DnsConnection::~DnsConnection() {
  if (timer_ != 0) loop_.cancel(timer_);
  if (!left_) loop_.remove(socket_.get());
}

Status DnsConnection::start() {
  restart_timer();
  Status added = loop_.add(socket_.get(), EPOLLIN, [this](uint32_t) { ready(); });
  left_ = !added.ok();
  return added;
}

void DnsConnection::restart_timer() {
  if (timer_ != 0) loop_.cancel(timer_);
  timer_ = loop_.after(kIdleMs, [this] {
    timer_ = 0;
    leave();
  });
}

void DnsConnection::leave() {
  if (std::exchange(left_, true)) return;
  loop_.remove(socket_.get());
  // The last thing: the owner destroys this object.
  auto gone = std::move(gone_);
  gone();
}

void DnsConnection::ready() {
  if (!flush()) return leave();
  std::array<char, 4096> piece;
  while (incoming_.size() < kMaxIncoming) {
    const ssize_t n = recv(socket_.get(), piece.data(), piece.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (n <= 0) return leave();
    incoming_.append(piece.data(), static_cast<size_t>(n));
    restart_timer();
  }
  go_on();
}

// A loop, not a recursion through answer(): the container decides how many queries lie in the buffer.
void DnsConnection::go_on() {
  while (!left_ && !busy_ && outgoing_.empty() && incoming_.size() >= 2) {
    const size_t length = message_id(incoming_);
    if (incoming_.size() < length + 2) return;
    std::string query = incoming_.substr(2, length);
    incoming_.erase(0, length + 2);
    busy_ = true;
    // While a query is being answered nothing is read: otherwise a full buffer would be reported without end.
    if (!loop_.modify(socket_.get(), 0).ok()) return leave();
    asking_ = true;
    asked_(std::move(query));
    asking_ = false;
  }
}

void DnsConnection::answer(const std::string& response) {
  busy_ = false;
  if (response.empty() || response.size() > 65535) return leave();
  const auto length = htons(static_cast<uint16_t>(response.size()));
  outgoing_.append(reinterpret_cast<const char*>(&length), sizeof(length));
  outgoing_ += response;
  restart_timer();
  if (!flush()) return leave();
  if (!asking_) go_on();
}

bool DnsConnection::flush() {
  while (!outgoing_.empty()) {
    const ssize_t n = send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return loop_.modify(socket_.get(), EPOLLOUT).ok();
    if (n <= 0) return false;
    outgoing_.erase(0, static_cast<size_t>(n));
  }
  return busy_ || loop_.modify(socket_.get(), EPOLLIN).ok();
}

}  // namespace berth::network
