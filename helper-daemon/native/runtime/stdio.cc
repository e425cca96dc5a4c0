#include "runtime/stdio.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <algorithm>
#include <array>
#include <utility>

namespace berth::runtime {

namespace {

constexpr size_t kReadSize = 65536;
constexpr uint8_t kErrorStream = 3;   // Docker's name for it: "error from daemon in stream"
constexpr size_t kMaxInput = 262144;  // waiting for the process; then clients are not read any more

void set_nonblocking(int fd) {
  int flags = ::fcntl(fd, F_GETFL);
  if (flags >= 0) (void)::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

}  // namespace

Stdio::Stdio(EventLoop& loop, Ends ends, LagRule lag, Observe observe)
    : loop_(loop), ends_(std::move(ends)), lag_(std::move(lag)), observe_(std::move(observe)) {}

Stdio::~Stdio() {
  // They may still be fetching their last output.
  for (const auto& client : clients_) client->handlers = {};
  if (stall_timer_ != 0) loop_.cancel(stall_timer_);
  for (UniqueFd* fd : {&ends_.terminal, &ends_.output, &ends_.error})
    if (*fd) loop_.remove(fd->get());
  if (input_watched_ && ends_.input) loop_.remove(ends_.input.get());
}

Status Stdio::start() {
  terminal_ = static_cast<bool>(ends_.terminal);
  for (UniqueFd* fd : {&ends_.terminal, &ends_.input, &ends_.output, &ends_.error})
    if (*fd) set_nonblocking(fd->get());
  if (ends_.terminal) {
    return loop_.add(ends_.terminal.get(), EPOLLIN, [this](uint32_t events) {
      if ((events & EPOLLOUT) != 0) flush_input();
      if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) watch_output(ends_.terminal, 1);
    });
  }
  if (ends_.output)
    BERTH_TRY(loop_.add(ends_.output.get(), EPOLLIN, [this](uint32_t) { watch_output(ends_.output, 1); }));
  if (ends_.error)
    BERTH_TRY(loop_.add(ends_.error.get(), EPOLLIN, [this](uint32_t) { watch_output(ends_.error, 2); }));
  return ok_status();
}

// One read; false when there is nothing (more) to read now. At the end the descriptor is closed.
bool Stdio::read_output(UniqueFd& fd, uint8_t stream) {
  std::array<char, kReadSize> buffer;
  ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  if (n > 0) {
    deliver(stream, std::string_view(buffer.data(), static_cast<size_t>(n)));
    return true;
  }
  if (n < 0 && errno == EINTR) return true;
  if (n < 0 && errno == EAGAIN) return false;
  // End of file, or EIO of a terminal that nobody has open. A terminal may be opened again; what ends it is
  // its process.
  loop_.remove(fd.get());
  fd.reset();
  return false;
}

void Stdio::watch_output(UniqueFd& fd, uint8_t stream) {
  if (fd) read_output(fd, stream);
}

void Stdio::drain() {
  // A flooding survivor of the process must not keep this going: a pipe or pty holds no more than this.
  constexpr size_t kRounds = (2 << 20) / kReadSize;
  for (size_t i = 0; i < kRounds && ends_.terminal && read_output(ends_.terminal, 1); ++i) {
  }
  for (size_t i = 0; i < kRounds && ends_.output && read_output(ends_.output, 1); ++i) {
  }
  for (size_t i = 0; i < kRounds && ends_.error && read_output(ends_.error, 2); ++i) {
  }
}

void Stdio::deliver(uint8_t stream, std::string_view data) {
  if (observe_) observe_(stream, data);
  uint8_t bit = stream == 1 ? kStdout : kStderr;
  auto readers = readers_;  // a client that is dropped changes the list
  for (const auto& client : readers)
    if ((client.streams & bit) != 0 && !client.lags) client.connection->send_stream(stream, data);
  bool behind =
      std::any_of(readers_.begin(), readers_.end(), [](const auto& c) { return c.blocks(kMaxPending); });
  if (behind) pause();
}

void Stdio::watch_outputs(bool watched) {
  uint32_t events = watched ? EPOLLIN : 0U;
  if (ends_.terminal)
    (void)loop_.modify(ends_.terminal.get(), events | (pending_input_.empty() ? 0U : EPOLLOUT));
  if (ends_.output) (void)loop_.modify(ends_.output.get(), events);
  if (ends_.error) (void)loop_.modify(ends_.error.get(), events);
}

void Stdio::pause() {
  if (paused_) return;
  paused_ = true;
  watch_outputs(false);
  watch_stalls();
}

void Stdio::watch_stalls() {
  for (auto& client : readers_) client.taken = client.connection->taken();
  stall_timer_ = loop_.after(lag_.stall_ms, [this] { leave_behind_stalled(); });
}

void Stdio::resume() {
  bool behind =
      std::any_of(readers_.begin(), readers_.end(), [](const auto& c) { return c.blocks(kMaxPending / 2); });
  if (!paused_ || behind) return;
  paused_ = false;
  loop_.cancel(stall_timer_);
  stall_timer_ = 0;
  watch_outputs(true);
}

void Stdio::leave_behind_stalled() {
  stall_timer_ = 0;
  for (auto& client : readers_)
    if (client.blocks(kMaxPending / 2) && client.connection->taken() == client.taken) client.lags = true;
  resume();
  if (paused_) watch_stalls();  // whoever is left reads, slowly
}

void Stdio::tell_lagging() {
  auto readers = readers_;
  for (const auto& client : readers) {
    if (!client.lags || client.told || !client.connection->drained()) continue;
    send_notice(*client.connection);
    if (lag_.disconnects) client.connection->finish();
  }
}

void Stdio::send_notice(Connection& client) {
  for (auto& reader : readers_) {
    if (reader.connection.get() != &client || !reader.lags || std::exchange(reader.told, true)) continue;
    // A terminal's client knows no other streams than the one.
    if (terminal_)
      client.send_stream(1, "\r\n" + lag_.notice + "\r\n");
    else
      client.send_stream(kErrorStream, lag_.notice);
    return;
  }
}

void Stdio::attach(const std::shared_ptr<Connection>& client, uint8_t streams, bool close_input_after) {
  clients_.push_back(client);
  readers_.push_back({client, streams});
  client->become_stream();
  bool input = (streams & kStdin) != 0;
  client->handlers.on_input = [this, input](std::string_view data) {
    if (!input) return;
    if (data.empty()) {
      if (!ends_.terminal) end_input();
    } else {
      write_input(data);
    }
  };
  auto leave = [this, input, close_input_after] {
    if (input && close_input_after && !ends_.terminal) end_input();
  };
  client->handlers.on_input_end = leave;
  Connection* raw = client.get();
  client->handlers.on_closed = [this, raw, leave] {
    std::erase_if(clients_, [raw](const auto& c) { return c.get() == raw; });
    std::erase_if(readers_, [raw](const auto& c) { return c.connection.get() == raw; });
    resume();
    leave();
  };
  client->handlers.on_room = [this] {
    tell_lagging();
    resume();
  };
  if (pending_input_.size() >= kMaxInput) client->hold_input(true);
}

void Stdio::finish_clients(uint8_t stream, std::string_view last) {
  auto clients = clients_;
  for (const auto& client : clients) {
    send_notice(*client);
    if (!last.empty()) client->send_stream(stream, last);
    client->finish();
  }
}

void Stdio::resize(uint16_t height, uint16_t width) {
  if (!ends_.terminal || height == 0 || width == 0) return;
  winsize size{};
  size.ws_row = height;
  size.ws_col = width;
  (void)::ioctl(ends_.terminal.get(), TIOCSWINSZ, &size);
}

void Stdio::write_input(std::string_view data) {
  if (!input_fd() || input_ending_) return;
  pending_input_.append(data);
  flush_input();
  if (pending_input_.size() >= kMaxInput) hold_clients(true);
}

void Stdio::end_input() {
  input_ending_ = true;
  flush_input();
}

void Stdio::flush_input() {
  UniqueFd& fd = input_fd();
  if (!fd) return;
  size_t done = 0;
  bool broken = false;
  while (done < pending_input_.size()) {
    ssize_t n = ::write(fd.get(), pending_input_.data() + done, pending_input_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    broken = n < 0 && errno != EAGAIN;
    if (n < 0) break;
    done += static_cast<size_t>(n);
  }
  pending_input_.erase(0, done);
  if (broken) pending_input_.clear();
  bool waiting = !pending_input_.empty();
  if (ends_.terminal) {
    (void)loop_.modify(fd.get(), (paused_ ? 0U : EPOLLIN) | (waiting ? EPOLLOUT : 0U));
  } else if (waiting && !input_watched_) {
    input_watched_ = loop_.add(fd.get(), EPOLLOUT, [this](uint32_t) { flush_input(); }).ok();
  } else if (!waiting && input_watched_) {
    loop_.remove(fd.get());
    input_watched_ = false;
  }
  if (!ends_.terminal && (broken || (!waiting && input_ending_))) fd.reset();
  if (pending_input_.size() < kMaxInput / 2) hold_clients(false);
}

void Stdio::hold_clients(bool held) {
  auto clients = clients_;
  for (const auto& client : clients) client->hold_input(held);
}

}  // namespace berth::runtime
