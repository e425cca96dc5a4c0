// Running from a sealed copy, so that no container can write to the executable on the host (CVE-2019-5736).
#pragma once

#include "common/result.h"

namespace berth {

// Executes this program again from a sealed memfd, with the same arguments, unless it runs from one already.
// Returns only when it does, or with an error.
Status run_sealed(char** argv, char** environment);

}  // namespace berth
