// The standard streams of one process (a container's first, or an exec's): a terminal or three pipes, and who
// listens.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/event_loop.h"
#include "common/fd.h"
#include "runtime/connection.h"

namespace berth::runtime {

inline constexpr uint8_t kStdin = 1;  // bits of ATTACH
inline constexpr uint8_t kStdout = 2;
inline constexpr uint8_t kStderr = 4;

// As with a pipe, output pauses while more than kMaxPending waits for a client. One that takes nothing for
// kStallMs lags from then on: the process runs without it, and when it has read what waits it is told.
inline constexpr uint64_t kStallMs = 60000;

// What is done about a client that lags.
struct LagRule {
  std::string notice;  // one line for the user, without its end
  bool disconnects;    // after the notice; else the connection stays until the process ends
  uint64_t stall_ms = kStallMs;
};

class Stdio {
 public:
  // With `terminal` (a pty's master) the pipes are unused. `observe` sees all output, whoever is attached.
  struct Ends {
    UniqueFd terminal;
    UniqueFd input;
    UniqueFd output;
    UniqueFd error;
  };
  using Observe = std::function<void(uint8_t stream, std::string_view data)>;

  Stdio(EventLoop& loop, Ends ends, LagRule lag, Observe observe);
  ~Stdio();
  Stdio(const Stdio&) = delete;
  Stdio& operator=(const Stdio&) = delete;

  Status start();
  // Makes `client` a stream of these bits; with `close_input_after` its leaving ends the process's stdin.
  void attach(const std::shared_ptr<Connection>& client, uint8_t streams, bool close_input_after);
  // 0×0 is ignored, as is a process without a terminal.
  void resize(uint16_t height, uint16_t width);
  // Reads what the ended process has left, without waiting for others that hold its output.
  void drain();
  // Ends all clients once they have everything; with `last`, that is a last frame of this stream.
  void finish_clients(uint8_t stream = 0, std::string_view last = {});

 private:
  bool read_output(UniqueFd& fd, uint8_t stream);
  void watch_output(UniqueFd& fd, uint8_t stream);
  void deliver(uint8_t stream, std::string_view data);
  void write_input(std::string_view data);
  void end_input();
  void flush_input();
  void hold_clients(bool held);
  void pause();
  void resume();
  void watch_outputs(bool watched);
  void watch_stalls();
  void leave_behind_stalled();
  void tell_lagging();
  void send_notice(Connection& client);
  UniqueFd& input_fd() { return ends_.terminal ? ends_.terminal : ends_.input; }

  EventLoop& loop_;
  Ends ends_;
  LagRule lag_;
  Observe observe_;
  struct Client {
    std::shared_ptr<Connection> connection;
    uint8_t streams;
    uint64_t taken = 0;  // when stalls were last looked for
    bool lags = false;
    bool told = false;
    bool blocks(size_t limit) const { return !lags && connection->pending() > limit; }
  };
  std::vector<std::shared_ptr<Connection>> clients_;
  std::vector<Client> readers_;
  std::string pending_input_;
  bool input_ending_ = false;
  bool input_watched_ = false;
  bool paused_ = false;
  bool terminal_ = false;
  uint64_t stall_timer_ = 0;
};

}  // namespace berth::runtime
