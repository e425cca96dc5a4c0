// Paths inside a container's root: found and made by descriptor, so that no symlink leads out of it.
#pragma once

#include <sys/types.h>

#include <string>

#include "common/fd.h"
#include "common/result.h"

namespace berth::runtime {

enum class TargetKind { kDirectory, kFile };

// Opens an existing path (O_PATH) with symlinks resolved within `root`.
Result<UniqueFd> open_in_root(int root, const std::string& path, int flags = 0);

// Opens a mount target, making missing directories (0755) and, for kFile, an empty file.
// "EINVAL" when what exists is of the other kind.
Result<UniqueFd> ensure_target(int root, const std::string& path, TargetKind kind);

// Opens a top directory of the runtime's own ("proc", "dev"), making it; a symlink in its place is refused.
Result<UniqueFd> ensure_plain_directory(int root, const std::string& name);

}  // namespace berth::runtime
