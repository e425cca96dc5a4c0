// A container's first process, from clone3 to execve.
#pragma once

#include "runtime/plan.h"
#include "runtime/prepared.h"

namespace berth::runtime {

// Runs in the cloned child, whose namespaces are new: waits for its ids and control groups, builds the root,
// tells that it is ready, waits for the start and executes. Errors go to the sync socket. Never returns.
[[noreturn]] void run_container_init(const Plan& plan, Prepared& prepared);

}  // namespace berth::runtime
