#include "runtime/oom_watch.h"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <array>

#include "common/file.h"

namespace berth::runtime {

Result<std::unique_ptr<OomWatch>> OomWatch::create(EventLoop& loop, const ControlGroup& group,
                                                   std::function<void()> on_oom) {
  std::unique_ptr<OomWatch> watch(new OomWatch(loop, group, std::move(on_oom)));
  bool v2 = false;
  int dir = group.controller("memory", &v2);
  if (dir >= 0) BERTH_TRY(v2 ? watch->watch_v2(dir) : watch->watch_v1(dir));
  return watch;
}

OomWatch::~OomWatch() {
  if (event_) loop_.remove(event_.get());
}

Status OomWatch::watch_v1(int dir) {
  control_.reset(::openat(dir, "memory.oom_control", O_RDONLY | O_CLOEXEC));
  if (!control_) return sys_error("open memory.oom_control");
  UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) return sys_error("eventfd");
  std::string line = std::to_string(event.get()) + " " + std::to_string(control_.get());
  BERTH_TRY(write_control(dir, "cgroup.event_control", line));
  event_ = std::move(event);
  return loop_.add(event_.get(), EPOLLIN, [this](uint32_t) {
    uint64_t count = 0;
    // The kernel notifies before it kills; also once when the group goes.
    if (::read(event_.get(), &count, sizeof(count)) == sizeof(count)) loop_.after(10, [this] { check(); });
  });
}

Status OomWatch::watch_v2(int dir) {
  event_.reset(::openat(dir, "memory.events", O_RDONLY | O_CLOEXEC));
  if (!event_) return sys_error("open memory.events");
  return loop_.add(event_.get(), EPOLLPRI, [this](uint32_t) {
    std::array<char, 512> content;
    // Reading re-arms the notification.
    if (::pread(event_.get(), content.data(), content.size(), 0) >= 0) check();
  });
}

void OomWatch::check() {
  uint64_t kills = group_.oom_kills();
  if (kills > seen_) on_oom_();
  seen_ = std::max(seen_, kills);
}

}  // namespace berth::runtime
