#include "network/forwarder.h"

#include <sys/random.h>

#include <array>

#include "network/dns_message.h"

namespace berth::network {

namespace {

constexpr size_t kMaxPending = 256;
// A resolver in the container waits 5 s (resolv.conf(5)); within that, each server gets its chance.
constexpr uint64_t kAttemptTimeoutMs = 1500;
constexpr size_t kAttempts = 3;
constexpr size_t kMaxMessage = 65535;

// Together with a fresh source port for every query: what is guessed blindly does not match (RFC 5452).
uint16_t random_id() {
  uint16_t id = 0;
  // Two bytes are never cut short.
  if (getrandom(&id, sizeof(id), 0) != sizeof(id)) return 0;
  return id;
}

}  // namespace

Forwarder::~Forwarder() {
  for (auto& [id, pending] : pending_) stop_waiting(pending);
}

bool Forwarder::forward(const std::string& query, const std::vector<SocketAddress>& servers, bool tcp,
                        Answered answered) {
  if (pending_.size() >= kMaxPending) return false;
  const uint64_t id = next_id_++;
  Pending& pending = pending_[id];
  pending.query = query;
  pending.client_id = message_id(query);
  set_message_id(pending.query, random_id());
  pending.servers = servers;
  pending.tcp = tcp;
  pending.answered = std::move(answered);
  try_next(id);
  return true;
}

void Forwarder::stop_waiting(Pending& pending) {
  if (pending.timer != 0) loop_.cancel(std::exchange(pending.timer, 0));
  if (pending.socket) loop_.remove(pending.socket.get());
  pending.socket.reset();
}

void Forwarder::end(uint64_t id, std::string response) {
  auto found = pending_.find(id);
  stop_waiting(found->second);
  if (!response.empty()) set_message_id(response, found->second.client_id);
  Answered answered = std::move(found->second.answered);
  pending_.erase(found);
  answered(std::move(response));
}

void Forwarder::try_next(uint64_t id) {
  Pending& pending = pending_.at(id);
  stop_waiting(pending);
  while (!pending.servers.empty() && pending.attempt < kAttempts) {
    const SocketAddress& server = pending.servers[pending.attempt++ % pending.servers.size()];
    pending.socket.reset(
        socket(server.family(), (pending.tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!pending.socket) continue;
    if (connect(pending.socket.get(), server.get(), server.length) != 0 && errno != EINPROGRESS) continue;
    if (pending.tcp) {
      const auto length = htons(static_cast<uint16_t>(pending.query.size()));
      pending.outgoing.assign(reinterpret_cast<const char*>(&length), sizeof(length));
      pending.outgoing += pending.query;
      pending.incoming.clear();
    } else if (send(pending.socket.get(), pending.query.data(), pending.query.size(), MSG_NOSIGNAL) < 0) {
      continue;
    }
    const uint32_t events = pending.tcp ? EPOLLIN | EPOLLOUT : EPOLLIN;
    if (!loop_.add(pending.socket.get(), events, [this, id](uint32_t got) { ready(id, got); }).ok()) continue;
    pending.timer = loop_.after(kAttemptTimeoutMs, [this, id] {
      pending_.at(id).timer = 0;
      try_next(id);
    });
    return;
  }
  end(id, {});
}

void Forwarder::ready(uint64_t id, uint32_t events) {
  Pending& pending = pending_.at(id);
  const bool failed = pending.tcp ? exchange_tcp(id, pending, events) : read_udp(id, pending);
  if (failed) try_next(id);
}

bool Forwarder::read_udp(uint64_t id, Pending& pending) {
  std::string response(kMaxMessage, '\0');
  for (;;) {
    const ssize_t n = recv(pending.socket.get(), response.data(), response.size(), 0);
    if (n < 0) return errno != EAGAIN && errno != EINTR;
    const std::string_view got(response.data(), static_cast<size_t>(n));
    if (!answers(got, pending.query)) continue;  // not for this query: somebody guesses
    end(id, std::string(got));
    return false;
  }
}

bool Forwarder::exchange_tcp(uint64_t id, Pending& pending, uint32_t) {
  while (!pending.outgoing.empty()) {
    const ssize_t n =
        send(pending.socket.get(), pending.outgoing.data(), pending.outgoing.size(), MSG_NOSIGNAL);
    if (n < 0) return errno != EAGAIN && errno != EINTR;
    pending.outgoing.erase(0, static_cast<size_t>(n));
    if (pending.outgoing.empty() && !loop_.modify(pending.socket.get(), EPOLLIN).ok()) return true;
  }
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t n = recv(pending.socket.get(), piece.data(), piece.size(), 0);
    if (n < 0) return errno != EAGAIN && errno != EINTR;
    if (n == 0) return true;
    pending.incoming.append(piece.data(), static_cast<size_t>(n));
    if (pending.incoming.size() < 2) continue;
    const size_t length = message_id(pending.incoming);  // two bytes, big-endian, like an id
    if (pending.incoming.size() < length + 2) continue;
    std::string response = pending.incoming.substr(2, length);
    if (!answers(response, pending.query)) return true;
    end(id, std::move(response));
    return false;
  }
}

}  // namespace berth::network
