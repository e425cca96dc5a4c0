// The system calls that are left to a process which only handles files beneath its root.
#pragma once

#include "common/result.h"

namespace berth::unpack {

// Everything else fails with EPERM. Needs no_new_privs.
Status install_confine_filter();

}  // namespace berth::unpack
