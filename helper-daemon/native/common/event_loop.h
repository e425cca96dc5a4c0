// One epoll loop for a single-threaded process: descriptors and deadlines, each with a callback.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

#include "common/fd.h"
#include "common/result.h"

namespace berth {

class EventLoop {
 public:
  using Callback = std::function<void(uint32_t epoll_events)>;

  static Result<std::unique_ptr<EventLoop>> create();

  // Watches `fd`, which stays the caller's; it must be removed before it is closed.
  Status add(int fd, uint32_t events, Callback callback);
  Status modify(int fd, uint32_t events);
  void remove(int fd);

  // Runs `callback` once, `delay_ms` milliseconds from now (CLOCK_MONOTONIC). Returns an id for cancel().
  uint64_t after(uint64_t delay_ms, std::function<void()> callback);
  void cancel(uint64_t timer_id);

  // Runs until stop(). Removing or adding descriptors from within callbacks is fine.
  void run();
  void stop() { stopped_ = true; }

 private:
  explicit EventLoop(UniqueFd epoll) : epoll_(std::move(epoll)) {}
  int next_timeout_ms() const;
  void fire_due_timers();

  struct Timer {
    uint64_t due_ms;
    std::function<void()> callback;
  };
  UniqueFd epoll_;
  std::unordered_map<int, std::shared_ptr<Callback>> callbacks_;
  std::map<uint64_t, Timer> timers_;
  uint64_t next_timer_ = 1;
  bool stopped_ = false;
};

}  // namespace berth
