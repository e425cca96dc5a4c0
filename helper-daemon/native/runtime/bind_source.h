// Bind sources, opened as the one who asks for them (security.md, "bind mounts").
#pragma once

#include <string>
#include <vector>

#include "common/base_directory.h"
#include "common/fd.h"
#include "common/result.h"
#include "runtime/plan.h"

namespace berth::runtime {

struct BindRequest {
  std::string path;
  bool create_missing = false;
};

// Opens each path (O_PATH) in a child that has fully become the caller: its uid, groups, and no capability;
// an administrator's are opened as root. Errors: bind-missing, bind-denied.
Result<std::vector<UniqueFd>> open_as_caller(const Caller& caller, const std::vector<BindRequest>& requests);

struct HelperDirectories {
  const BaseDirectory* root = nullptr;
  const BaseDirectory* run = nullptr;
};

// Judges the opened object, not its name: bind-forbidden for a confined caller's /proc, /sys, /dev, the
// helper's own directories (and what holds them), and engines' sockets. Administrators may bind anything.
Status judge_bind(const Caller& caller, int fd, const std::string& path, const HelperDirectories& own);

}  // namespace berth::runtime
