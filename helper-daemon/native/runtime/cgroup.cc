#include "runtime/cgroup.h"

#include <sys/stat.h>

#include <algorithm>

#include "common/file.h"
#include "common/syscalls.h"
#include "runtime/cgroup_limits.h"
#include "runtime/device_rules.h"

namespace berth::runtime {

namespace {

// How often a launch makes its parents anew when others, who saw them empty, have just removed them.
constexpr int kBuildAttempts = 20;

// "" for a path of one part.
std::string parent_path(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool lists(const std::vector<std::string>& controllers, const std::string& name) {
  return std::find(controllers.begin(), controllers.end(), name) != controllers.end();
}

// A fresh version 1 cpuset has neither processors nor memory nodes and refuses processes until it has.
Status inherit_cpuset(int parent, int dir) {
  for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
    BERTH_TRY_ASSIGN(std::string own, read_file_at(dir, file, 65536));
    if (own.find_first_not_of(" \n") != std::string::npos) continue;
    BERTH_TRY_ASSIGN(std::string inherited, read_file_at(parent, file, 65536));
    BERTH_TRY(write_control(dir, file, inherited));
  }
  return ok_status();
}

bool holds_processes(int dir) {
  auto procs = read_file_at(dir, "cgroup.procs", 4 << 20);
  return procs.ok() && !procs->empty();
}

void enable_controllers(int dir, const std::vector<std::string>& controllers) {
  // Each by itself: one that a threaded or delegated tree refuses must not keep the others off.
  for (const char* name : {"memory", "cpu", "pids", "cpuset", "io"})
    if (lists(controllers, name)) (void)write_control(dir, "cgroup.subtree_control", std::string("+") + name);
}

// Within a user namespace no device can be made and none opened but those mounted, so the program is a second
// lock there.
Status restrict_by_program(const Plan& plan, int dir, const std::vector<DeviceRule>& rules) {
  if (plan.has(kPrivileged)) return ok_status();
  Status attached = allow_devices_v2(dir, rules);
  if (attached.ok() || plan.has(kUserNamespace)) return ok_status();
  return Error{"kernel-missing",
               "this kernel cannot restrict a container's devices: " + attached.error().message,
               attached.error().errnum};
}

}  // namespace

Result<ControlGroup> ControlGroup::create(const Hierarchies& hierarchies, const Plan& plan) {
  ControlGroup group;
  const std::string& path = plan.cgroup_path;
  const Resources& resources = plan.resources;
  BERTH_TRY_ASSIGN(auto rules, device_rules(plan.devices));
  bool by_program = !hierarchies.offers_v1("devices");
  auto build = [&](const Hierarchy& h) -> Status {
    Member member;
    member.v2 = h.v2;
    member.controllers = h.controllers;
    UniqueFd at(::openat(h.fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!at) return sys_error("open " + h.mount_point);
    bool cpuset = !h.v2 && h.offers("cpuset");
    size_t start = 0;
    while (start <= path.size()) {
      size_t end = std::min(path.find('/', start), path.size());
      std::string name = path.substr(start, end - start);
      start = end + 1;
      if (name.empty()) continue;
      bool last = start > path.size();
      if (h.v2) enable_controllers(at.get(), h.controllers);
      bool made = ::mkdirat(at.get(), name.c_str(), 0755) == 0;
      if (!made && errno != EEXIST) return sys_error("mkdir control group " + path);
      UniqueFd next(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
      if (!next) return sys_error("open control group " + path);
      if (cpuset) BERTH_TRY(inherit_cpuset(at.get(), next.get()));
      // Launching into a living container's group would end it when this launch fails.
      if (last && !made && holds_processes(next.get()))
        return Error{"EBUSY", "the container runs already: its control group " + path + " has processes",
                     EBUSY};
      if (last) {
        member.parent = std::move(at);
        member.name = name;
      }
      at = std::move(next);
    }
    member.dir = std::move(at);
    int dir = member.dir.get();
    group.members_.push_back(std::move(member));
    if (h.v2) {
      BERTH_TRY(apply_limits_v2(dir, h.controllers, resources));
      return by_program ? restrict_by_program(plan, dir, rules) : ok_status();
    }
    BERTH_TRY(apply_limits_v1(dir, h.controllers, resources));
    return h.offers("devices") && !plan.has(kPrivileged) ? allow_devices_v1(dir, rules) : ok_status();
  };
  for (const auto& h : hierarchies.all()) {
    size_t made = group.members_.size();
    Status built = build(h);
    auto vanished = [&] {
      return !built.ok() && group.members_.size() == made &&
             (built.error().errnum == ENOENT || built.error().errnum == ENODEV);
    };
    for (int attempt = 1; vanished() && attempt < kBuildAttempts; ++attempt) built = build(h);
    if (built.ok()) continue;
    (void)group.remove();
    return built.error();
  }
  return group;
}

Result<ControlGroup> ControlGroup::open(const Hierarchies& hierarchies, const std::string& path) {
  ControlGroup group;
  size_t slash = path.rfind('/');
  std::string parent = slash == std::string::npos ? "." : path.substr(0, slash);
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  for (const auto& h : hierarchies.all()) {
    Member member;
    member.v2 = h.v2;
    member.controllers = h.controllers;
    member.name = name;
    member.parent = UniqueFd(::openat(h.fd.get(), parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!member.parent) continue;
    member.dir = UniqueFd(
        ::openat(member.parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (member.dir) group.members_.push_back(std::move(member));
  }
  if (group.members_.empty()) return sys_error("open control group " + path, ENOENT);
  return group;
}

void remove_empty_parents(const Hierarchies& hierarchies, const std::string& parent) {
  for (const auto& h : hierarchies.all())
    for (std::string path = parent; !path.empty(); path = parent_path(path))
      if (::unlinkat(h.fd.get(), path.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) break;
}

void ControlGroup::remove_empty_parents(const std::string& path) const {
  for (const auto& m : members_) {
    UniqueFd at(::openat(m.parent.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (std::string up = parent_path(path); at && !up.empty(); up = parent_path(up)) {
      if (::unlinkat(at.get(), up.substr(up.rfind('/') + 1).c_str(), AT_REMOVEDIR) != 0) break;
      at.reset(::openat(at.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
  }
}

int ControlGroup::unified_fd() const {
  for (const auto& m : members_)
    if (m.v2) return m.dir.get();
  return -1;
}

Status ControlGroup::join(pid_t pid, bool unified) const {
  for (const auto& m : members_) {
    if (m.v2 && !unified) continue;
    BERTH_TRY(write_control(m.dir.get(), "cgroup.procs", std::to_string(pid)));
  }
  return ok_status();
}

Status ControlGroup::apply(const Resources& resources) const {
  for (const auto& m : members_) {
    BERTH_TRY(m.v2 ? apply_limits_v2(m.dir.get(), m.controllers, resources)
                   : apply_limits_v1(m.dir.get(), m.controllers, resources));
  }
  return ok_status();
}

int ControlGroup::controller(const std::string& name, bool* v2) const {
  for (const auto& m : members_) {
    if (!lists(m.controllers, name)) continue;
    *v2 = m.v2;
    return m.dir.get();
  }
  return -1;
}

Status ControlGroup::freeze(bool frozen) const {
  int unified = unified_fd();
  if (unified >= 0 && ::faccessat(unified, "cgroup.freeze", W_OK, 0) == 0)
    return write_control(unified, "cgroup.freeze", frozen ? "1" : "0");
  bool v2 = false;
  int dir = controller("freezer", &v2);
  if (dir < 0) return Error{"kernel-missing", "this kernel has no freezer control group", ENOTSUP};
  return write_control(dir, "freezer.state", frozen ? "FROZEN" : "THAWED");
}

bool ControlGroup::empty() const {
  return std::all_of(members_.begin(), members_.end(),
                     [](const Member& m) { return !holds_processes(m.dir.get()); });
}

Status ControlGroup::remove() const {
  Status result = ok_status();
  for (auto m = members_.rbegin(); m != members_.rend(); ++m) {
    if (::unlinkat(m->parent.get(), m->name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
      result = sys_error("remove control group " + m->name);
  }
  return result;
}

}  // namespace berth::runtime
