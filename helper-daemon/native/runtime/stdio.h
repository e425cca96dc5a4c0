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

// As with a pipe, output pauses while more than kMaxPending waits for a client that reads; a client that
// takes nothing for kStallMs is disconnected, so that nobody who has stopped reading stops the process.
inline constexpr uint64_t kStallMs = 2000;

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

  Stdio(EventLoop& loop, Ends ends, Observe observe);
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
  // Ends all clients once they have everything.
  void finish_clients();
  const std::vector<std::shared_ptr<Connection>>& clients() const { return clients_; }

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
  void drop_stalled();
  UniqueFd& input_fd() { return ends_.terminal ? ends_.terminal : ends_.input; }

  EventLoop& loop_;
  Ends ends_;
  Observe observe_;
  struct Client {
    std::shared_ptr<Connection> connection;
    uint8_t streams;
    uint64_t taken = 0;  // when output paused
  };
  std::vector<std::shared_ptr<Connection>> clients_;
  std::vector<Client> readers_;
  std::string pending_input_;
  bool input_ending_ = false;
  bool input_watched_ = false;
  bool paused_ = false;
  uint64_t stall_timer_ = 0;
};

}  // namespace berth::runtime
