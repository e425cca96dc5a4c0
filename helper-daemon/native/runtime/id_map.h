// Maps between ids, as user namespaces hold them: for containers, and for idmapped mounts of layers and
// binds.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/fd.h"
#include "common/result.h"

namespace berth::runtime {

// `count` ids from `inside` (container or disk) are `outside` (the kernel's) and up.
struct IdLine {
  uint32_t inside = 0;
  uint32_t outside = 0;
  uint32_t count = 0;
};
using IdLines = std::vector<IdLine>;

struct IdMap {
  IdLines uids;
  IdLines gids;
};

// Container ids 0…size-1 are host ids base and up: layers, volumes, and the container itself.
IdMap range_map(uint32_t base, uint32_t size);

// For one id kind of a developer's bind mount: disk id `disk` is the container's id `inside` (kernel:
// base+inside); every other container id i is disk id base+i. Bijective, so that nothing which the container
// makes fails. Without a user namespace base is 0 and size covers all ids; then `disk` and `inside` change
// places. Error bad-request when `disk` lies in the container's range or `inside` beyond it.
Result<IdLines> developer_lines(uint32_t base, uint32_t size, uint32_t disk, uint32_t inside);

// Writes /proc/<pid>/uid_map and gid_map.
Status write_id_maps(pid_t pid, const IdMap& map);

// A user namespace that holds a map, as mount_setattr(MOUNT_ATTR_IDMAP) wants it. It lives as long as the
// descriptor.
Result<UniqueFd> make_map_holder(const IdMap& map);

}  // namespace berth::runtime
