// One client of a monitor: first a request, then perhaps a stream. Nothing here ever waits for the client.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/event_loop.h"
#include "common/fd.h"
#include "common/result.h"

namespace berth::runtime {

// What may wait for a client before its source pauses.
inline constexpr size_t kMaxPending = 1 << 20;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Handlers {
    std::function<void(uint8_t type, std::string_view fields)> on_request;
    std::function<void(std::string_view data)> on_input;  // stdin of a stream; empty = its end
    std::function<void()> on_input_end;                   // the client has stopped sending
    std::function<void()> on_room;                        // less than half of kMaxPending waits again
    std::function<void()> on_closed;                      // called once, last
  };

  static std::shared_ptr<Connection> create(EventLoop& loop, UniqueFd socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Handlers handlers;

  // Replies and events: `u32 length, u8 type, fields`.
  void send_frame(uint8_t type, std::string_view fields = {});
  void send_error(const Error& error);
  // A stdcopy frame; `stream` 1, 2, or 4 for an exec's exit code.
  void send_stream(uint8_t stream, std::string_view data);
  // After this the client's bytes are stdcopy frames.
  void become_stream() { streaming_ = true; }
  // Stops and resumes reading, for as long as the container does not take its input.
  void hold_input(bool held);
  // Closes once everything is sent, and a stream's client has ended its side; what it says until then is
  // thrown away.
  void finish();
  // Closes at once.
  void close();
  bool closed() const { return !socket_; }
  // Nothing is to be waited for before this process may end.
  bool done() const { return closed() || (drained() && !finishing_); }
  bool drained() const { return out_.size() == sent_; }
  size_t pending() const { return out_.size() - sent_; }
  // Grows whenever the client takes something.
  uint64_t taken() const;
  // Gives the socket away, for a raw connection; valid once everything is sent.
  UniqueFd release();

 private:
  Connection(EventLoop& loop, UniqueFd socket) : loop_(loop), socket_(std::move(socket)) {}
  void watch();
  void handle(uint32_t events);
  void read_some();
  void parse();
  bool parse_request();
  bool parse_stream();
  void send(std::string_view header, std::string_view body);
  void flush();
  void end_output();

  EventLoop& loop_;
  UniqueFd socket_;
  std::string in_;
  std::string out_;
  size_t sent_ = 0;
  uint64_t sent_total_ = 0;
  bool streaming_ = false;
  bool held_ = false;
  bool input_ended_ = false;
  bool finishing_ = false;
  bool parsing_ = false;
};

}  // namespace berth::runtime
