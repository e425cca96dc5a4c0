// One exec: a further process in a running container, with its own streams.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/result.h"
#include "common/wire.h"
#include "runtime/connection.h"
#include "runtime/stdio.h"
#include "runtime/user.h"

namespace berth::runtime {

class Monitor;

enum ExecFlag : uint32_t { kExecTty = 1, kExecStdin = 2, kExecPrivileged = 4, kExecNoNewPrivileges = 8 };

struct ExecRequest {
  std::string id;
  uint32_t flags = 0;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd;
  std::string user;
  uint16_t height = 0;
  uint16_t width = 0;
  uint64_t capabilities = 0;
};

// "bad-request" when incomplete, empty or overlong.
Result<ExecRequest> decode_exec(std::string_view fields);

class ExecSession : public std::enable_shared_from_this<ExecSession> {
 public:
  ExecSession(Monitor& monitor, ExecRequest request, std::shared_ptr<Connection> client)
      : monitor_(monitor), request_(std::move(request)), client_(std::move(client)) {}
  ~ExecSession();
  ExecSession(const ExecSession&) = delete;
  ExecSession& operator=(const ExecSession&) = delete;

  // Forks; what comes of it is told to the client.
  Status start();
  void resize(uint16_t height, uint16_t width);
  // "no-such-exec" when it has no process (yet, or any more).
  Status kill(int signal);

 private:
  void on_sync();
  void give_streams(uint32_t uid);
  void executed();
  void failed(const Error& error);
  void on_exit(int wait_status);
  void end();

  Monitor& monitor_;
  ExecRequest request_;
  std::shared_ptr<Connection> client_;
  UniqueFd sync_;
  UniqueFd pidfd_;
  pid_t pid_ = -1;
  Stdio::Ends ends_;
  std::unique_ptr<Stdio> stdio_;
  bool executing_ = false;
  bool joined_ = false;
  bool ended_ = false;
};

}  // namespace berth::runtime
