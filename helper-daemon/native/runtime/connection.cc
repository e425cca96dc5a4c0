#include "runtime/connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "common/wire.h"

namespace berth::runtime {

namespace {
constexpr size_t kMaxRequest = 1 << 20;
constexpr size_t kMaxInputFrame = 1 << 20;
constexpr uint8_t kError = 1;
// Beyond what a pausing source can still add (what an ended process left), a client is disconnected.
constexpr size_t kHardLimit = 8 << 20;
}  // namespace

std::shared_ptr<Connection> Connection::create(EventLoop& loop, UniqueFd socket) {
  auto connection = std::shared_ptr<Connection>(new Connection(loop, std::move(socket)));
  // The loop keeps it alive until it is closed.
  Status added = loop.add(connection->socket_.get(), EPOLLIN,
                          [connection](uint32_t events) { connection->handle(events); });
  if (!added.ok()) connection->socket_.reset();
  return connection;
}

Connection::~Connection() {
  if (socket_) loop_.remove(socket_.get());
}

void Connection::watch() {
  if (!socket_) return;
  uint32_t events = 0;
  if ((!held_ || finishing_) && !input_ended_) events |= EPOLLIN;
  if (!drained()) events |= EPOLLOUT;
  (void)loop_.modify(socket_.get(), events);
}

void Connection::handle(uint32_t events) {
  auto self = shared_from_this();
  if ((events & EPOLLOUT) != 0) flush();
  if (socket_ && (events & EPOLLIN) != 0) read_some();
  if (socket_ && (events & (EPOLLHUP | EPOLLERR)) != 0) close();
}

void Connection::read_some() {
  std::array<char, 65536> buffer;
  ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return close();
  if (n == 0) input_ended_ = true;
  if (finishing_) return n == 0 && drained() ? close() : watch();
  if (n == 0) {
    if (!streaming_) return close();
    watch();
    if (handlers.on_input_end) handlers.on_input_end();
    return;
  }
  in_.append(buffer.data(), static_cast<size_t>(n));
  parse();
}

void Connection::parse() {
  if (parsing_) return;
  parsing_ = true;
  while (socket_ && !finishing_ && !held_ && (streaming_ ? parse_stream() : parse_request())) {
  }
  parsing_ = false;
}

bool Connection::parse_request() {
  Reader in(in_);
  uint32_t length = in.u32();
  if (!in.ok()) return false;
  if (length == 0 || length > kMaxRequest) {
    send_error(Error{"bad-request", "a request of this length is not accepted", EMSGSIZE});
    finish();
    return false;
  }
  if (in_.size() < size_t{4} + length) return false;
  std::string frame = in_.substr(4, length);
  in_.erase(0, size_t{4} + length);
  if (handlers.on_request)
    handlers.on_request(static_cast<uint8_t>(frame[0]), std::string_view(frame).substr(1));
  return true;
}

bool Connection::parse_stream() {
  if (in_.size() < 8) return false;
  auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(in_[i])); };
  size_t length = byte(4) << 24 | byte(5) << 16 | byte(6) << 8 | byte(7);
  if (byte(0) != 0 || length > kMaxInputFrame) {
    close();
    return false;
  }
  if (in_.size() < 8 + length) return false;
  std::string data = in_.substr(8, length);
  in_.erase(0, 8 + length);
  if (handlers.on_input) handlers.on_input(data);
  return true;
}

void Connection::send(std::string_view header, std::string_view body) {
  if (!socket_ || finishing_) return;
  if (pending() > kHardLimit) return close();
  out_.append(header);
  out_.append(body);
  flush();
}

void Connection::flush() {
  while (socket_ && !drained()) {
    ssize_t n = ::send(socket_.get(), out_.data() + sent_, out_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return close();
    sent_ += static_cast<size_t>(n);
    sent_total_ += static_cast<uint64_t>(n);
  }
  if (drained()) {
    if (out_.capacity() > 65536) out_ = std::string();
    out_.clear();
    sent_ = 0;
    if (finishing_) return end_output();
  } else if (sent_ > kMaxPending / 2) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
  watch();
  auto room = handlers.on_room;  // it may end this connection, and its handlers with it
  if (socket_ && pending() < kMaxPending / 2 && room) room();
}

void Connection::send_frame(uint8_t type, std::string_view fields) {
  Writer header;
  header.u32(static_cast<uint32_t>(fields.size() + 1));
  header.u8(type);
  send(header.data(), fields);
}

void Connection::send_error(const Error& error) {
  Writer out;
  out.str(error.code);
  out.str(error.message);
  out.i32(error.errnum);
  send_frame(kError, out.data());
}

void Connection::send_stream(uint8_t stream, std::string_view data) {
  auto n = static_cast<uint32_t>(data.size());
  const char header[8] = {static_cast<char>(stream),
                          0,
                          0,
                          0,
                          static_cast<char>(n >> 24),
                          static_cast<char>(n >> 16),
                          static_cast<char>(n >> 8),
                          static_cast<char>(n)};
  send(std::string_view(header, sizeof(header)), data);
}

void Connection::hold_input(bool held) {
  if (held_ == held) return;
  held_ = held;
  watch();
  if (!held) parse();
}

void Connection::finish() {
  finishing_ = true;
  in_.clear();
  if (drained()) return end_output();
  watch();
}

// A stream's client may be writing stdin at this moment: with the socket closed that would fail, and take
// with it what the client has not read yet. So its end comes first.
void Connection::end_output() {
  if (!streaming_ || input_ended_) return close();
  if (::shutdown(socket_.get(), SHUT_WR) != 0) return close();
  watch();
}

void Connection::close() {
  if (!socket_) return;
  auto self = shared_from_this();
  loop_.remove(socket_.get());
  socket_.reset();
  auto closed = std::move(handlers.on_closed);
  handlers = Handlers{};
  if (closed) closed();
}

uint64_t Connection::taken() const {
  // What lies in the socket has been sent and not taken.
  int queued = 0;
  if (!socket_ || ::ioctl(socket_.get(), SIOCOUTQ, &queued) != 0) queued = 0;
  return sent_total_ - std::min<uint64_t>(sent_total_, static_cast<uint64_t>(queued));
}

UniqueFd Connection::release() {
  auto self = shared_from_this();
  loop_.remove(socket_.get());
  handlers = Handlers{};
  return std::move(socket_);
}

}  // namespace berth::runtime
