// Reaping: every child of a monitor, and every orphan that it adopts as a subreaper.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>

#include "common/event_loop.h"
#include "common/fd.h"
#include "common/result.h"

namespace berth::runtime {

class Reaper {
 public:
  using Handler = std::function<void(int wait_status)>;

  // Blocks SIGCHLD and takes it by descriptor.
  static Result<std::unique_ptr<Reaper>> create(EventLoop& loop);
  ~Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  // Calls `handler` once when the child has ended; at once if it already has.
  void on_exit(pid_t pid, Handler handler);

 private:
  Reaper(EventLoop& loop, UniqueFd signals) : loop_(loop), signals_(std::move(signals)) {}
  void reap();

  EventLoop& loop_;
  UniqueFd signals_;
  std::map<pid_t, Handler> handlers_;
  std::map<pid_t, int> early_;  // ended before their pid was told
};

}  // namespace berth::runtime
