// The last steps before execve: who the process is and what it may do.
#pragma once

#include <cstdint>
#include <string>

#include "common/result.h"
#include "runtime/user.h"

namespace berth::runtime {

struct Privileges {
  User user;
  uint64_t capabilities = 0;  // bounding; for uid 0 permitted and effective as well
  bool no_new_privileges = false;
  const std::string* seccomp = nullptr;  // array of struct sock_filter; empty = none
};

// Drops to them in the calling process. Call with all capabilities of its user namespace.
Status drop_to(const Privileges& privileges);

}  // namespace berth::runtime
