// What the host's side makes ready, with its rights, for a container's first process to put in place with its
// own.
#pragma once

#include <vector>

#include "common/fd.h"
#include "runtime/cgroup.h"
#include "runtime/plan.h"
#include "runtime/user.h"

namespace berth::runtime {

struct PreparedMount {
  size_t index = 0;  // into Plan::mounts
  UniqueFd tree;     // detached, mapped, with its attributes; none for tmpfs
  bool directory = true;
};

struct Prepared {
  UniqueFd rootfs;  // detached
  std::vector<PreparedMount> mounts;
  UniqueFd hosts;  // detached single-file mounts
  UniqueFd hostname;
  UniqueFd resolv_conf;
  std::vector<UniqueFd> devices;  // detached clones of the host's nodes, as Plan::devices
  const Hierarchies* hierarchies = nullptr;
  User user;
  UniqueFd sync;   // the container's end of the launch socket
  UniqueFd input;  // 0-2 without a tty
  UniqueFd output;
  UniqueFd error;
};

}  // namespace berth::runtime
