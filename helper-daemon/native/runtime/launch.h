// Launching a container: from a plan to a first process that is fully set up and waits for START.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base_directory.h"
#include "common/fd.h"
#include "common/result.h"
#include "runtime/cgroup.h"
#include "runtime/plan.h"
#include "runtime/user.h"

namespace berth::runtime {

// What of the host a launch uses; all belongs to the warden.
struct Host {
  const BaseDirectory* root = nullptr;
  const BaseDirectory* run = nullptr;
  const Hierarchies* hierarchies = nullptr;
  int map_holder = -1;  // for the plan's range; -1 without a user namespace
};

struct Timing {
  std::string step;
  uint64_t nanoseconds = 0;
};

// A created container, held by its monitor. The process dies with the monitor.
struct Launched {
  UniqueFd pidfd;
  pid_t pid = -1;
  uint64_t start_ticks = 0;  // field 22 of /proc/<pid>/stat
  User user;
  ControlGroup group;
  UniqueFd netns;     // none with the host's network
  UniqueFd sync;      // the monitor's end of the launch socket
  UniqueFd terminal;  // master, with a tty
  UniqueFd input;     // write end of its stdin, without a tty and with openStdin
  UniqueFd output;    // read ends, without a tty
  UniqueFd error;
  UniqueFd directory;  // containerDir
  std::vector<Timing> timings;
};

// Runs in the process that becomes the monitor: the container's process is its child. On error nothing is
// left behind.
Result<Launched> launch(const Plan& plan, const Host& host);

}  // namespace berth::runtime
