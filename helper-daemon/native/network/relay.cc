#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>

#include "network/network.h"

namespace berth::network {

namespace {

// One way of a connection. Bytes go through a pipe inside the kernel; while it holds any, nothing more is
// read: that is the bound.
struct Direction {
  int from = -1;
  int to = -1;
  UniqueFd pipe_in;
  UniqueFd pipe_out;
  size_t held = 0;
  bool ended = false;  // `from` has no more
  bool shut = false;   // and `to` has been told
  bool wants_input() const { return !ended && held == 0; }
  bool wants_output() const { return held > 0; }
};

class Relay {
 public:
  Relay(EventLoop& loop, UniqueFd a, UniqueFd b, std::function<void()> done)
      : loop_(loop), a_(std::move(a)), b_(std::move(b)), done_(std::move(done)) {}

  void start() {
    for (Direction& way : ways_) {
      int ends[2];
      if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return finish();
      way.pipe_out.reset(ends[0]);
      way.pipe_in.reset(ends[1]);
    }
    for (const UniqueFd* fd : {&a_, &b_}) {
      const int flags = fcntl(fd->get(), F_GETFL);
      fcntl(fd->get(), F_SETFL, flags | O_NONBLOCK);
      // What comes in one piece goes on in one piece; no waiting for more. Not for unix sockets, which never
      // wait.
      const int one = 1;
      setsockopt(fd->get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    }
    ways_[0].from = ways_[1].to = a_.get();
    ways_[0].to = ways_[1].from = b_.get();
    pump();
  }

 private:
  // False when the connection is broken.
  static bool move(Direction& way) {
    constexpr size_t kMost = 1 << 20;
    constexpr int kRounds = 16;  // then others have their turn
    for (int round = 0; round < kRounds; ++round) {
      if (way.wants_input()) {
        const ssize_t n =
            splice(way.from, nullptr, way.pipe_in.get(), nullptr, kMost, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
        if (n < 0) return errno == EAGAIN || errno == EINTR;
        if (n == 0) way.ended = true;
        way.held += static_cast<size_t>(n);
      }
      while (way.held > 0) {
        const ssize_t n =
            splice(way.pipe_out.get(), nullptr, way.to, nullptr, way.held, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
        if (n < 0) return errno == EAGAIN || errno == EINTR;
        if (n == 0) return false;
        way.held -= static_cast<size_t>(n);
      }
      if (way.ended && way.held == 0) {
        if (!std::exchange(way.shut, true)) shutdown(way.to, SHUT_WR);
        return true;
      }
    }
    return true;
  }

  void pump() {
    if (!move(ways_[0]) || !move(ways_[1]) || (ways_[0].shut && ways_[1].shut)) return finish();
    if (!watch(a_.get(), ways_[0], ways_[1], watched_[0]) ||
        !watch(b_.get(), ways_[1], ways_[0], watched_[1]))
      finish();
  }

  // A descriptor with nothing to wait for leaves the loop: otherwise its hang-up would be reported without
  // end.
  bool watch(int fd, const Direction& out_of, const Direction& into, uint32_t& current) {
    const uint32_t wanted = (out_of.wants_input() ? EPOLLIN : 0U) | (into.wants_output() ? EPOLLOUT : 0U);
    if (wanted == current) return true;
    const uint32_t before = std::exchange(current, wanted);
    if (wanted == 0) {
      loop_.remove(fd);
      return true;
    }
    if (before != 0) return loop_.modify(fd, wanted).ok();
    return loop_.add(fd, wanted, [this](uint32_t) { pump(); }).ok();
  }

  void finish() {
    if (watched_[0] != 0) loop_.remove(a_.get());
    if (watched_[1] != 0) loop_.remove(b_.get());
    auto done = std::move(done_);
    delete this;
    if (done) done();
  }

  EventLoop& loop_;
  UniqueFd a_;
  UniqueFd b_;
  std::function<void()> done_;
  std::array<Direction, 2> ways_;
  std::array<uint32_t, 2> watched_{};
};

}  // namespace

void start_relay(EventLoop& loop, UniqueFd a, UniqueFd b, std::function<void()> done) {
  // It owns itself and goes when both ways have ended.
  (new Relay(loop, std::move(a), std::move(b), std::move(done)))->start();
}

}  // namespace berth::network
