// Control groups of one container, in version 1, version 2 or both (hybrid).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/fd.h"
#include "common/result.h"
#include "runtime/plan.h"

namespace berth::runtime {

// One mounted hierarchy. Version 2 lists the controllers that it offers; on a hybrid host it has only a leaf
// per container.
struct Hierarchy {
  std::string mount_point;
  std::vector<std::string> controllers;
  bool v2 = false;
  UniqueFd fd;
  bool offers(const std::string& controller) const;
};

// All hierarchies of the host, found in /proc/self/mountinfo.
class Hierarchies {
 public:
  static Result<Hierarchies> discover();
  const std::vector<Hierarchy>& all() const { return all_; }
  const Hierarchy* unified() const;
  bool offers_v1(const std::string& controller) const;

 private:
  std::vector<Hierarchy> all_;
};

struct Usage {
  uint64_t memory_bytes = 0;
  uint64_t memory_limit = 0;
  uint64_t cpu_nanoseconds = 0;
  uint32_t pids = 0;
  uint64_t oom_kills = 0;
};

// Removes an instance's parent ("berth/<instance>") and what is above it, where they are empty. A launch that
// runs into this makes them again.
void remove_empty_parents(const Hierarchies& hierarchies, const std::string& parent);

// A container's group in every hierarchy. It is not removed by the destructor: the monitor does that after
// the exit.
class ControlGroup {
 public:
  // Makes Plan::cgroup_path in each hierarchy, with its limits and devices; on failure nothing is left.
  static Result<ControlGroup> create(const Hierarchies& hierarchies, const Plan& plan);
  // Opens what exists; ENOENT when there is none in any hierarchy.
  static Result<ControlGroup> open(const Hierarchies& hierarchies, const std::string& path);

  // The version 2 directory for CLONE_INTO_CGROUP, or -1.
  int unified_fd() const;
  // Puts a process into the version 1 groups, and into version 2 too with `unified`. 0 = the calling process.
  Status join(pid_t pid, bool unified) const;
  Status apply(const Resources& resources) const;
  Status freeze(bool frozen) const;
  // SIGKILL to every process in it. A frozen group is thawed.
  Status kill() const;
  bool empty() const;
  // Removes the directories; EBUSY while a process is still leaving.
  Status remove() const;
  // As remove_empty_parents(), for a monitor that has outlived its warden. `path`: Plan::cgroup_path.
  void remove_empty_parents(const std::string& path) const;
  Result<Usage> usage() const;
  uint64_t oom_kills() const;
  // The directory of a controller ("memory"), or -1; `v2` says which dialect its files speak.
  int controller(const std::string& name, bool* v2) const;

 private:
  struct Member {
    std::vector<std::string> controllers;
    bool v2 = false;
    UniqueFd parent;
    std::string name;
    UniqueFd dir;
  };
  std::vector<Member> members_;
};

}  // namespace berth::runtime
