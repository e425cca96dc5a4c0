// The mounts that every container has: /proc, /sys, /dev with its nodes, control groups; and the paths masked
// in them.
#pragma once

#include "common/result.h"
#include "runtime/prepared.h"

namespace berth::runtime {

// Mounts /proc and /sys in the attached root `root`. `proc` receives the private procfs' descriptor.
Status mount_kernel_views(int root, const Plan& plan, UniqueFd* proc);

// Mounts /dev (tmpfs) with nodes, links, pts, shm and mqueue. With a tty, `console` receives its master and
// `slave` its slave.
Status mount_devices(int root, const Plan& plan, const Prepared& prepared, UniqueFd* console,
                     UniqueFd* slave);

// Mounts the container's own view of its control groups, read-only unless privileged.
Status mount_control_groups(int root, const Plan& plan, const Hierarchies& hierarchies);

// Covers Plan::masked_paths and makes Plan::readonly_paths read-only; absent ones are skipped.
Status mask_paths(int root, const Plan& plan);

// Writes Plan::sysctls through the container's own procfs. "bad-request" for one that is not the container's.
Status write_sysctls(int proc, const Plan& plan);

}  // namespace berth::runtime
