// A container's first process, from clone3 to execve.
#pragma once

#include "runtime/plan.h"
#include "runtime/prepared.h"

namespace berth::runtime {

// Runs in the cloned child, whose namespaces are new: waits for its ids, builds the root, with its control
// groups when it is in them, tells that it is ready, waits for the start and executes. Errors go to the sync
// socket. Never returns.
[[noreturn]] void run_container_init(const Plan& plan, Prepared& prepared);

}  // namespace berth::runtime
