#include "network/udp_publication.h"

#include <time.h>

#include <algorithm>
#include <array>

#include "network/namespace_switch.h"

namespace berth::network {

namespace {

constexpr size_t kMaxSessions = 512;
// As Docker's proxy.
constexpr uint64_t kIdleMs = 90000;
constexpr uint64_t kSweepMs = 30000;
constexpr int kDatagramsPerTurn = 64;
constexpr size_t kMaxDatagram = 65535;

uint64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
}

// One process, one thread, one datagram at a time.
std::array<char, kMaxDatagram>& datagram_buffer() {
  static std::array<char, kMaxDatagram> buffer;
  return buffer;
}

}  // namespace

Result<std::unique_ptr<UdpPublication>> UdpPublication::start(EventLoop& loop, int netns_fd,
                                                              const std::string& container_ip,
                                                              Listeners listeners, uint16_t container_port) {
  std::unique_ptr<UdpPublication> publication(new UdpPublication(
      loop, netns_fd, addresses_inside(container_ip, container_port), std::move(listeners)));
  for (const UniqueFd& listener : publication->listeners_.sockets) {
    const int fd = listener.get();
    auto* self = publication.get();
    BERTH_TRY(loop.add(fd, EPOLLIN, [self, fd](uint32_t) { self->from_host(fd); }));
  }
  return publication;
}

UdpPublication::~UdpPublication() {
  if (sweep_timer_ != 0) loop_.cancel(sweep_timer_);
  for (auto& [key, session] : sessions_) {
    if (session.inside) loop_.remove(session.inside.get());
  }
  for (const UniqueFd& listener : listeners_.sockets) loop_.remove(listener.get());
}

void UdpPublication::drop(const std::string& key) {
  auto found = sessions_.find(key);
  if (found == sessions_.end()) return;
  if (found->second.inside) loop_.remove(found->second.inside.get());
  sessions_.erase(found);
}

void UdpPublication::make_room() {
  if (sessions_.size() < kMaxSessions) return;
  auto oldest = std::min_element(sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
    return a.second.last_used_ms < b.second.last_used_ms;
  });
  drop(std::string(oldest->first));
}

void UdpPublication::sweep() {
  sweep_timer_ = 0;
  const uint64_t now = now_ms();
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    const std::string key = at->first;
    const bool idle = now - at->second.last_used_ms >= kIdleMs;
    ++at;
    if (idle) drop(key);
  }
  if (!sessions_.empty()) sweep_timer_ = loop_.after(kSweepMs, [this] { sweep(); });
}

bool UdpPublication::connect_inside(const std::string& key, Session& session) {
  for (; session.address < addresses_.size(); ++session.address) {
    const SocketAddress& address = addresses_[session.address];
    auto made = in_namespace(netns_fd_, [&]() -> Result<UniqueFd> {
      UniqueFd fd(socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      if (!fd || connect(fd.get(), address.get(), address.length) != 0) return sys_error("connect udp");
      return fd;
    });
    if (!made.ok()) continue;
    session.inside = made.take();
    if (loop_.add(session.inside.get(), EPOLLIN, [this, key](uint32_t) { from_inside(key); }).ok())
      return true;
    session.inside.reset();
  }
  return false;
}

bool UdpPublication::fall_back(const std::string& key, Session& session) {
  if (session.answered) return true;  // the server was there and is gone for now; it may come back
  loop_.remove(session.inside.get());
  session.inside.reset();
  ++session.address;
  if (!connect_inside(key, session)) return false;
  send(session.inside.get(), session.first.data(), session.first.size(), MSG_NOSIGNAL);
  return true;
}

UdpPublication::Session* UdpPublication::session_of(int listener, const SocketAddress& client,
                                                    std::string_view first) {
  const std::string key = std::to_string(listener) + ":" + client.key();
  auto found = sessions_.find(key);
  if (found != sessions_.end()) return &found->second;
  make_room();
  Session& session = sessions_[key];
  session.listener = listener;
  session.client = client;
  session.first = first;
  if (!connect_inside(key, session)) {
    sessions_.erase(key);
    return nullptr;
  }
  if (sweep_timer_ == 0) sweep_timer_ = loop_.after(kSweepMs, [this] { sweep(); });
  return &session;
}

void UdpPublication::from_host(int listener) {
  auto& buffer = datagram_buffer();
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    SocketAddress client;
    client.length = sizeof(client.storage);
    const ssize_t n = recvfrom(listener, buffer.data(), buffer.size(), 0, client.get(), &client.length);
    if (n < 0) return;
    const std::string_view datagram(buffer.data(), static_cast<size_t>(n));
    Session* session = session_of(listener, client, datagram);
    if (session == nullptr) continue;
    session->last_used_ms = now_ms();
    // A lost datagram is what UDP promises; only a refusal says something.
    if (send(session->inside.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) < 0 &&
        errno == ECONNREFUSED) {
      const std::string key = std::to_string(listener) + ":" + client.key();
      if (!fall_back(key, *session)) drop(key);
    }
  }
}

void UdpPublication::from_inside(const std::string& key) {
  auto& buffer = datagram_buffer();
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    auto found = sessions_.find(key);
    if (found == sessions_.end()) return;
    Session& session = found->second;
    const ssize_t n = recv(session.inside.get(), buffer.data(), buffer.size(), 0);
    if (n < 0) {
      if (errno == ECONNREFUSED && !fall_back(key, session)) drop(key);
      return;
    }
    session.answered = true;
    session.first.clear();
    session.last_used_ms = now_ms();
    sendto(session.listener, buffer.data(), static_cast<size_t>(n), MSG_NOSIGNAL, session.client.get(),
           session.client.length);
  }
}

}  // namespace berth::network
