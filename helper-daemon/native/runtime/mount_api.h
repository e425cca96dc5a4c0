// The kernel's descriptor-based mount API (Linux 5.2 and later) with errors that say what was tried.
#pragma once

#include <linux/mount.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/fd.h"
#include "common/result.h"

namespace berth::runtime {

// A detached copy of the mount at `fd` (an O_PATH descriptor); with `recursive`, of everything mounted
// beneath it too.
Result<UniqueFd> clone_mount(int fd, bool recursive, const std::string& what);

// The same by path relative to `dir`, for trees that are ours or already checked.
Result<UniqueFd> clone_mount_at(int dir, const std::string& path, const std::string& what);

// Sets MOUNT_ATTR_* on a detached or own mount; `user_namespace` >= 0 idmaps it (detached mounts only).
Status set_mount(int fd, uint64_t attributes, int user_namespace, bool recursive, const std::string& what);

struct FsOption {
  std::string key;
  std::string value;  // "" = a flag
};

// A new detached mount of a file system without a source ("proc", "tmpfs", "devpts", …).
Result<UniqueFd> make_filesystem(const std::string& type, const std::vector<FsOption>& options,
                                 uint64_t attributes);

// Attaches a detached mount to the place that `target` (O_PATH) names.
Status attach_mount(int mount, int target, const std::string& what);

// The messages that a file-system context has gathered, joined; "" when none.
std::string context_messages(int context);

}  // namespace berth::runtime
