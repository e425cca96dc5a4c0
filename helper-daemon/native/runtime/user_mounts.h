// Binds, volumes, tmpfs and the engine's files in /etc, attached inside the container's root.
#pragma once

#include "common/result.h"
#include "runtime/prepared.h"

namespace berth::runtime {

Status attach_user_mounts(int root, const Plan& plan, const Prepared& prepared);

}  // namespace berth::runtime
