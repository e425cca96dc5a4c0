// Limits in the two dialects of control groups.
#pragma once

#include <string>
#include <vector>

#include "common/result.h"
#include "runtime/plan.h"

namespace berth::runtime {

// Writes those of `resources` that belong to `controllers` into the version 1 directory `dir`.
Status apply_limits_v1(int dir, const std::vector<std::string>& controllers, const Resources& resources);

// The same for version 2.
Status apply_limits_v2(int dir, const std::vector<std::string>& controllers, const Resources& resources);

}  // namespace berth::runtime
