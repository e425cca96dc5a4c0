// Doing something inside another network namespace and coming back. Sockets made there stay there.
#pragma once

#include <fcntl.h>
#include <sched.h>

#include <cstdlib>
#include <type_traits>

#include "common/fd.h"
#include "common/result.h"

namespace berth::network {

// Runs `action` (which returns a Result) with the thread in the namespace of `netns_fd`. Coming back cannot
// be allowed to fail: a process in the wrong namespace would open the host's doors into a container, so it
// ends instead.
template <typename Action>
std::invoke_result_t<Action> in_namespace(int netns_fd, Action action) {
  UniqueFd own(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!own) return sys_error("open /proc/thread-self/ns/net");
  if (setns(netns_fd, CLONE_NEWNET) != 0) return sys_error("setns network");
  auto result = action();
  if (setns(own.get(), CLONE_NEWNET) != 0) std::abort();
  return result;
}

}  // namespace berth::network
