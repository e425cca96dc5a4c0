// The host's side of binds, volumes, devices and /etc files: opened, judged, cloned and mapped.
#pragma once

#include "common/result.h"
#include "runtime/launch.h"
#include "runtime/prepared.h"

namespace berth::runtime {

// Fills Prepared::mounts, ::devices and the files of /etc. Needs Prepared::rootfs (to look up the bind user)
// and ::user.
Status prepare_mounts(const Plan& plan, const Host& host, int container_dir, Prepared& prepared);

}  // namespace berth::runtime
