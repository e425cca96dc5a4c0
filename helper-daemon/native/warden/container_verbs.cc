// UPDATE_RESOURCES, SWEEP, FREEZE, STATS: control groups of containers, by id.
#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <memory>
#include <set>

#include "common/file.h"
#include "common/log.h"
#include "runtime/cgroup.h"
#include "runtime/plan.h"
#include "warden/verbs.h"

namespace berth::warden {

namespace {

// A killed group empties within moments; what does not is found by the next sweep.
constexpr int kEmptyAttempts = 100;
constexpr useconds_t kEmptyInterval = 10000;
constexpr size_t kSocketName = 16;  // digits of the id

Result<runtime::ControlGroup> group_of(Environment& environment, const std::string& id) {
  if (!runtime::valid_id(id)) return incomplete();
  auto group = runtime::ControlGroup::open(environment.hierarchies, environment.group_parent + "/" + id);
  if (!group.ok() && group.error().errnum == ENOENT)
    return Error{"not-running", "the container is not running", ESRCH};
  return group;
}

struct CloseDirectory {
  void operator()(DIR* d) const { ::closedir(d); }
};

std::set<std::string> groups_present(const runtime::Hierarchies& hierarchies, const std::string& parent) {
  std::set<std::string> ids;
  for (const auto& h : hierarchies.all()) {
    int fd = ::openat(h.fd.get(), parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) continue;  // no container yet
    std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(fd));
    if (!directory) continue;
    while (dirent* entry = ::readdir(directory.get()))
      if (runtime::valid_id(entry->d_name)) ids.insert(entry->d_name);
  }
  return ids;
}

struct Swept {
  uint32_t groups = 0;
  uint32_t killed = 0;
};

Swept sweep_one(const runtime::Hierarchies& hierarchies, const std::string& parent, const std::string& id) {
  Swept swept;
  auto group = runtime::ControlGroup::open(hierarchies, parent + "/" + id);
  if (!group.ok()) return swept;
  if (!group->empty()) {
    auto usage = group->usage();
    swept.killed = usage.ok() ? std::max<uint32_t>(usage->pids, 1) : 1;
    Status killed = group->kill();
    if (!killed.ok()) log_line(LogLevel::kWarn, "sweep " + id + ": " + killed.error().message);
  }
  // Version 1 offers no event for an empty group.
  for (int attempt = 0; attempt < kEmptyAttempts; ++attempt) {
    Status removed = group->remove();
    if (removed.ok()) {
      swept.groups = 1;
      return swept;
    }
    ::usleep(kEmptyInterval);
  }
  log_line(LogLevel::kWarn, "sweep: control group " + id + " does not empty");
  return swept;
}

// A socket that nobody listens on is a killed monitor's.
bool deserted(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return false;
  int connected = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return connected != 0 && errno == ECONNREFUSED;
}

void sweep_sockets(const BaseDirectory& run) {
  int fd = ::openat(run.fd(), "m", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return log_line(LogLevel::kWarn, sys_error("open the monitors' sockets").message);
  std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(fd));
  if (!directory) return;
  while (dirent* entry = ::readdir(directory.get())) {
    std::string name = entry->d_name;
    if (name.size() == kSocketName && deserted(run.path() + "/m/" + name)) ::unlinkat(fd, name.c_str(), 0);
  }
}

}  // namespace

Reply update_resources(Environment& environment, Request& request) {
  std::string id = request.in.str();
  runtime::Resources resources = runtime::decode_resources(request.in);
  if (!request.in.at_end()) return incomplete();
  BERTH_TRY_ASSIGN(auto group, group_of(environment, id));
  BERTH_TRY(group.apply(resources));
  return std::string();
}

Reply freeze(Environment& environment, Request& request) {
  std::string id = request.in.str();
  bool frozen = request.in.u8() != 0;
  if (!request.in.at_end()) return incomplete();
  BERTH_TRY_ASSIGN(auto group, group_of(environment, id));
  BERTH_TRY(group.freeze(frozen));
  return std::string();
}

Reply stats(Environment& environment, Request& request) {
  std::string id = request.in.str();
  if (!request.in.at_end()) return incomplete();
  BERTH_TRY_ASSIGN(auto group, group_of(environment, id));
  BERTH_TRY_ASSIGN(auto usage, group.usage());
  Writer out;
  out.u64(usage.memory_bytes);
  out.u64(usage.memory_limit);
  out.u64(usage.cpu_nanoseconds);
  out.u32(usage.pids);
  out.u64(usage.oom_kills);
  return out.take();
}

void sweep(Server& server, uint32_t id, Request request) {
  std::string parent = request.in.str();
  std::vector<std::string> live = request.in.strs();
  // Another instance's groups are none of this one's business.
  if (!request.in.at_end() || parent != server.environment().group_parent)
    return server.answer(id, incomplete());
  runtime::Hierarchies* hierarchies = &server.environment().hierarchies;
  // The list is taken now: a container that is launched while the child works is not in it.
  std::set<std::string> stale = groups_present(*hierarchies, parent);
  for (const auto& keep : live) stale.erase(keep);
  // One that is being launched may not be in the peer's list yet.
  std::erase_if(stale, [&](const std::string& gone) { return server.has_monitor(parent + "/" + gone); });
  sweep_sockets(server.environment().run);
  server.in_child(id, {}, [hierarchies, parent, stale](const std::vector<UniqueFd>&) -> Reply {
    Swept total;
    for (const auto& gone : stale) {
      Swept one = sweep_one(*hierarchies, parent, gone);
      total.groups += one.groups;
      total.killed += one.killed;
    }
    runtime::remove_empty_parents(*hierarchies, parent);
    Writer out;
    out.u32(total.groups);
    out.u32(total.killed);
    return out.take();
  });
}

}  // namespace berth::warden
