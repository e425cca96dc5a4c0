// The process 1 of `--init`: starts the payload, forwards signals, reaps orphans.
#pragma once

#include <sys/types.h>

namespace berth::runtime {

// Runs until `payload` has ended, then exits with its code (128+n after signal n). Every descriptor but 0-2
// must be closed.
[[noreturn]] void run_tiny_init(pid_t payload);

}  // namespace berth::runtime
