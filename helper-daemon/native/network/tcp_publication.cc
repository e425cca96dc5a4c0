#include "network/tcp_publication.h"

#include <sys/socket.h>

namespace berth::network {

namespace {

constexpr int kAcceptsPerTurn = 32;
// Out of descriptors or memory: those who want in wait in the kernel's queue, and a little later it is tried
// again.
constexpr uint64_t kPauseMs = 100;

// The client learns at once that nobody serves the port, as it would from the kernel.
void reset_connection(const UniqueFd& client) {
  const linger at_once{1, 0};
  setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

}  // namespace

Result<std::unique_ptr<TcpPublication>> TcpPublication::start(EventLoop& loop, std::shared_ptr<Dialer> dialer,
                                                              Listeners listeners, uint16_t container_port) {
  std::unique_ptr<TcpPublication> publication(
      new TcpPublication(loop, std::move(dialer), std::move(listeners), container_port));
  BERTH_TRY(publication->watch());
  return publication;
}

TcpPublication::~TcpPublication() {
  if (resume_timer_ != 0) loop_.cancel(resume_timer_);
  for (const UniqueFd& listener : listeners_.sockets) loop_.remove(listener.get());
}

Status TcpPublication::watch() {
  for (const UniqueFd& listener : listeners_.sockets) {
    const int fd = listener.get();
    BERTH_TRY(loop_.add(fd, EPOLLIN, [this, fd](uint32_t) { accept_from(fd); }));
  }
  return ok_status();
}

void TcpPublication::pause() {
  if (resume_timer_ != 0) return;
  for (const UniqueFd& listener : listeners_.sockets) loop_.remove(listener.get());
  resume_timer_ = loop_.after(kPauseMs, [this] {
    resume_timer_ = 0;
    if (!watch().ok()) pause();
  });
}

void TcpPublication::accept_from(int listener) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    UniqueFd client(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client) {
      carry(std::move(client));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return pause();
    } else if (errno != ECONNABORTED && errno != EINTR) {
      return;
    }
  }
}

void TcpPublication::carry(UniqueFd client) {
  // The callback must be copyable, a descriptor is not.
  auto shared = std::make_shared<UniqueFd>(std::move(client));
  EventLoop& loop = loop_;
  dialer_->dial(container_port_, [&loop, shared](Result<UniqueFd> server) {
    if (server.ok()) {
      start_relay(loop, std::move(*shared), server.take(), [] {});
    } else {
      reset_connection(*shared);
    }
  });
}

}  // namespace berth::network
