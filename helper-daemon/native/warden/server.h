// The warden's one connection: packets in, answers out, in any order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base_directory.h"
#include "common/descriptor_passing.h"
#include "common/event_loop.h"
#include "common/result.h"
#include "common/wire.h"
#include "runtime/cgroup.h"
#include "runtime/launch.h"
#include "warden/map_holders.h"

namespace berth::warden {

struct Request {
  Reader in;
  std::vector<UniqueFd> fds;
};

// The fields of a successful answer, without its status byte.
using Reply = Result<std::string>;

// An answer as it travels: a status byte, then the fields or the error.
std::string encode_reply(const Reply& reply);
Reply decode_reply(const std::string& data);

struct Environment {
  BaseDirectory root;
  BaseDirectory run;
  runtime::Hierarchies hierarchies;
  MapHolders map_holders;
  // Of this instance's control groups, relative: "berth/<instance>" (PROTOCOL.md, Instances).
  std::string group_parent;
};

class Server {
 public:
  Server(EventLoop& loop, Environment environment) : loop_(loop), environment_(std::move(environment)) {}
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves `peer` until it is gone; then calls `on_gone`. Children that still work finish on their own.
  Status serve(UniqueFd peer, std::function<void()> on_gone);
  Environment& environment() { return environment_; }

  // Answers request `id` now.
  void answer(uint32_t id, const Reply& reply);
  // Runs `work` in a forked child that answers request `id`; only `fds`, ROOT, RUN and the
  // control group mounts
  // stay open in it. A child that dies without an answer is answered for.
  void in_child(uint32_t id, const std::vector<UniqueFd>& fds,
                const std::function<Reply(const std::vector<UniqueFd>&)>& work);
  // The same for work on a new directory `name` in `fds[0]` with stream `fds[1]`: `work(stream, directory)`
  // runs with the directory as its root and nothing else. On an error the directory is removed.
  void in_confined_child(uint32_t id, const std::vector<UniqueFd>& fds, std::string name,
                         std::function<Reply(int, int)> work);
  // Forks a monitor, which answers by itself and lives on.
  void fork_monitor(uint32_t id, runtime::Plan plan);
  // Whether a monitor that this warden forked is alive and has this control group.
  bool has_monitor(const std::string& cgroup_path) const;
  // Reaps what has ended; the loop calls it on SIGCHLD.
  void reap();

 private:
  void on_packet();
  void handle(Packet packet);
  void answer_raw(uint32_t id, std::string body);
  void send_queued();
  void drop_peer();
  Status watch_child(uint32_t id, UniqueFd result);

  EventLoop& loop_;
  Environment environment_;
  UniqueFd peer_;
  uint64_t generation_ = 0;  // of the peer: a late answer must not reach another one
  std::function<void()> on_gone_;
  struct Outgoing {
    std::string data;
    UniqueFd payload;
  };
  std::vector<Outgoing> queue_;
  struct Child {
    uint32_t id = 0;
    uint64_t generation = 0;
    UniqueFd result;
  };
  std::map<int, Child> children_;          // by result socket
  std::map<pid_t, std::string> monitors_;  // and their control group paths
};

}  // namespace berth::warden
