// A container's root: an overlay of image layers and the writable layer, made detached, never attached to the
// host's tree.
#pragma once

#include <string>
#include <vector>

#include "common/fd.h"
#include "common/result.h"

namespace berth::runtime {

struct RootfsSources {
  std::vector<UniqueFd> layers;  // O_PATH directories, top first
  UniqueFd writable;             // O_PATH directory that holds "u" and "w"
  int map_holder = -1;           // idmaps all of them; -1 = container ids are host ids
  uint32_t id_base = 0;          // the host id of container root
};

// The mount's descriptor. Fails rather than giving a root that is silently read-only.
// "kernel-missing" when this kernel's overlayfs takes no layers by descriptor or cannot idmap them.
Result<UniqueFd> make_rootfs(const RootfsSources& sources);

}  // namespace berth::runtime
