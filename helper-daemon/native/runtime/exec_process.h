// The child's side of an exec: joining a container's namespaces and becoming the program.
#pragma once

#include "runtime/exec_session.h"
#include "runtime/launch.h"
#include "runtime/plan.h"

namespace berth::runtime {

// helper → monitor: the process exists; its pidfd comes along, and its pid is found through it.
inline constexpr char kSyncPid = 'p';

struct ExecStreams {
  int input = -1;
  int output = -1;
  int error = -1;
};

// Runs in a freshly forked child of the monitor: joins control groups and namespaces, clones the process as
// the monitor's own child, tells its pidfd, and exits. Never returns.
[[noreturn]] void run_exec_helper(const Plan& plan, const Launched& container, const ExecRequest& request,
                                  ExecStreams streams, int sync);

}  // namespace berth::runtime
