// Who a container's process is: Docker's "user" strings, read from the image's own passwd and group files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/result.h"

namespace berth::runtime {

struct User {
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<uint32_t> groups;  // supplementary, without duplicates
  std::string home = "/";
};

// Resolves "", "name", "uid", each also ":group", inside `root` (the container's root directory).
// A number is always an id, never a name. `additional_groups` are names or ids. "user-unknown" when a name
// does not exist or an id lies beyond `id_limit` (exclusive; 0 = 2^31).
Result<User> resolve_user(int root, const std::string& spec,
                          const std::vector<std::string>& additional_groups, uint32_t id_limit);

}  // namespace berth::runtime
