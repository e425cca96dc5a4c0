// Tells when the kernel kills a process of a container for want of memory.
#pragma once

#include <functional>
#include <memory>

#include "common/event_loop.h"
#include "common/fd.h"
#include "common/result.h"
#include "runtime/cgroup.h"

namespace berth::runtime {

class OomWatch {
 public:
  // Without a memory controller it never calls.
  static Result<std::unique_ptr<OomWatch>> create(EventLoop& loop, const ControlGroup& group,
                                                  std::function<void()> on_oom);
  ~OomWatch();
  OomWatch(const OomWatch&) = delete;
  OomWatch& operator=(const OomWatch&) = delete;

 private:
  OomWatch(EventLoop& loop, const ControlGroup& group, std::function<void()> on_oom)
      : loop_(loop), group_(group), on_oom_(std::move(on_oom)) {}
  Status watch_v1(int dir);
  Status watch_v2(int dir);
  void check();

  EventLoop& loop_;
  const ControlGroup& group_;
  std::function<void()> on_oom_;
  UniqueFd event_;  // v1: an eventfd; v2: memory.events
  UniqueFd control_;
  uint64_t seen_ = 0;
};

}  // namespace berth::runtime
