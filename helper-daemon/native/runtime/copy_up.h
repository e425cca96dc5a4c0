// What an image has at a volume's target is copied into the volume when it is new (Docker's behaviour).
#pragma once

#include <string>

#include "common/result.h"

namespace berth::runtime {

// Copies the tree of directory `from` into directory `to` if `to` is empty: directories, files, symlinks,
// FIFOs, with owner, mode, times and extended attributes; hard links within the tree become copies, devices
// and sockets are left out. Runs as the container's root. `what` names the target in errors.
Status copy_up(int from, int to, const std::string& what);

}  // namespace berth::runtime
