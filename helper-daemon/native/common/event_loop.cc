#include "common/event_loop.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <vector>

namespace berth {

namespace {

uint64_t monotonic_ms() {
  timespec ts{};
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return static_cast<uint64_t>(ts.tv_sec) * 1000 + static_cast<uint64_t>(ts.tv_nsec) / 1000000;
}

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return sys_error("epoll_create1");
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(epoll)));
}

Status EventLoop::add(int fd, uint32_t events, Callback callback) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return sys_error("epoll add");
  callbacks_[fd] = std::make_shared<Callback>(std::move(callback));
  return ok_status();
}

Status EventLoop::modify(int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) return sys_error("epoll modify");
  return ok_status();
}

void EventLoop::remove(int fd) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  callbacks_.erase(fd);
}

uint64_t EventLoop::after(uint64_t delay_ms, std::function<void()> callback) {
  uint64_t id = next_timer_++;
  timers_.emplace(id, Timer{monotonic_ms() + delay_ms, std::move(callback)});
  return id;
}

void EventLoop::cancel(uint64_t timer_id) {
  timers_.erase(timer_id);
}

int EventLoop::next_timeout_ms() const {
  if (timers_.empty()) return -1;
  uint64_t due = UINT64_MAX;
  for (const auto& [id, timer] : timers_) due = std::min(due, timer.due_ms);
  uint64_t now = monotonic_ms();
  return due <= now ? 0 : static_cast<int>(std::min<uint64_t>(due - now, 60000));
}

void EventLoop::fire_due_timers() {
  uint64_t now = monotonic_ms();
  std::vector<uint64_t> due;
  for (const auto& [id, timer] : timers_) {
    if (timer.due_ms <= now) due.push_back(id);
  }
  for (uint64_t id : due) {
    auto it = timers_.find(id);
    if (it == timers_.end()) continue;  // cancelled by an earlier callback
    auto callback = std::move(it->second.callback);
    timers_.erase(it);
    callback();
  }
}

void EventLoop::run() {
  std::array<epoll_event, 64> events{};
  stopped_ = false;
  while (!stopped_) {
    int n = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), next_timeout_ms());
    for (int i = 0; i < n && !stopped_; ++i) {
      auto it = callbacks_.find(events[static_cast<size_t>(i)].data.fd);
      if (it == callbacks_.end()) continue;  // removed by an earlier callback of this round
      auto callback = it->second;            // keeps it alive if it removes itself
      (*callback)(events[static_cast<size_t>(i)].events);
    }
    if (!stopped_) fire_due_timers();
  }
}

}  // namespace berth
