// The monitor: one process per container. It launches it, holds its streams, log, ports and name server,
// answers its socket, and writes down how it ended. It lives on when warden and daemon die.
#pragma once

#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/event_loop.h"
#include "network/network.h"
#include "runtime/connection.h"
#include "runtime/exit_file.h"
#include "runtime/launch.h"
#include "runtime/log_file.h"
#include "runtime/oom_watch.h"
#include "runtime/plan.h"
#include "runtime/reaper.h"
#include "runtime/stdio.h"

namespace berth::runtime {

class ExecSession;

enum class State : uint8_t { kCreated = 0, kRunning = 1, kExited = 2 };

class Monitor {
 public:
  // Launches and opens the socket. On error everything is undone.
  static Result<std::unique_ptr<Monitor>> create(Plan plan, const Host& host);
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // LAUNCH's reply of PROTOCOL.md, without its status byte.
  std::string launch_reply() const;
  // Returns when the container is gone and everybody has been told.
  void run();

  // What execs need of it.
  const Plan& plan() const { return plan_; }
  const Launched& container() const { return launched_; }
  EventLoop& loop() { return *loop_; }
  Reaper& reaper() { return *reaper_; }
  State state() const { return state_; }
  void forget_exec(const std::string& id);

 private:
  explicit Monitor(Plan plan) : plan_(std::move(plan)) {}
  Status set_up(const Host& host);
  Status set_up_network();
  Status listen();
  void accept_clients();
  void dispatch(const std::shared_ptr<Connection>& client, uint8_t type, std::string_view fields);
  void start(const std::shared_ptr<Connection>& client);
  void on_sync();
  void attach(const std::shared_ptr<Connection>& client, uint8_t streams);
  void kill(const std::shared_ptr<Connection>& client, uint32_t signal, bool all);
  void watch(const std::shared_ptr<Connection>& client);
  void exec(const std::shared_ptr<Connection>& client, std::string_view fields);
  void exec_resize(const std::shared_ptr<Connection>& client, const std::string& id, uint16_t height,
                   uint16_t width);
  void exec_kill(const std::shared_ptr<Connection>& client, const std::string& id, uint32_t signal);
  void publish(const std::shared_ptr<Connection>& client, const Port& port);
  void unpublish(const std::shared_ptr<Connection>& client, const Port& port);
  void connect(const std::shared_ptr<Connection>& client, uint8_t kind, uint16_t port,
               const std::string& path);
  void processes(const std::shared_ptr<Connection>& client);
  void on_exit(int wait_status);
  void settle();
  void remove_group(int attempt);
  void end_when_told(uint64_t wait_ms);
  void remove_groups_parents();
  void tell(uint8_t type, std::string_view fields);

  Plan plan_;
  Launched launched_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<Reaper> reaper_;
  std::unique_ptr<LogFile> log_;
  std::unique_ptr<Stdio> stdio_;
  std::unique_ptr<OomWatch> oom_;
  std::unique_ptr<network::NameServer> names_;
  std::unique_ptr<network::PortPublisher> ports_;
  std::vector<Port> bound_;
  UniqueFd socket_directory_;
  std::string socket_name_;
  UniqueFd listener_;
  std::map<std::string, std::shared_ptr<ExecSession>> execs_;
  std::vector<std::shared_ptr<Connection>> watchers_;
  std::vector<std::weak_ptr<Connection>> clients_;
  std::shared_ptr<Connection> starter_;
  State state_ = State::kCreated;
  bool executing_ = false;
  bool start_requested_ = false;
  Error start_error_;
  ExitStatus exit_;
  pid_t warden_ = ::getppid();
};

// For a freshly forked child of the warden: becomes the monitor. Sends the answer (status byte, then the
// reply or the error) as one packet on `result`. Never returns.
[[noreturn]] void run_monitor(Plan plan, const Host& host, UniqueFd result);

}  // namespace berth::runtime
