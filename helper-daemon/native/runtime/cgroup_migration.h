// Making moves between version 1 control groups quick.
#pragma once

#include "runtime/cgroup.h"

namespace berth::runtime {

// A move takes a lock whose writer waits for an RCU grace period, 10 to 20 ms, unless another move ended
// shortly before. This forks a child that moves itself `rounds` times, so that the wait goes on beside other
// work. The caller reaps it like any child. Nothing happens where there is no version 1 hierarchy: entering a
// version 2 group at birth needs no move.
void begin_migration(const Hierarchies& hierarchies, int rounds);

}  // namespace berth::runtime
