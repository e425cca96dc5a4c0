// How a container ended, durably.
#pragma once

#include <cstdint>
#include <string>

#include "common/result.h"

namespace berth::runtime {

struct ExitStatus {
  int32_t code = 0;     // 128+n after signal n
  uint32_t signal = 0;  // 0 = it exited by itself
  bool oom_killed = false;
  uint64_t finished_at = 0;  // nanoseconds since 1970
};

// From wait(2)'s status; `finished_at` is now.
ExitStatus exit_status(int wait_status);

// The encoding of the exit file and of frame EXIT.
std::string encode(const ExitStatus& status);

// Writes containerDir/exit by way of exit.new, synced before and after the rename.
Status write_exit_file(int directory, const ExitStatus& status);

}  // namespace berth::runtime
