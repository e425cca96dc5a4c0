#include "runtime/mount_sources.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "common/file.h"
#include "common/log.h"
#include "runtime/bind_source.h"
#include "runtime/etc_files.h"
#include "runtime/id_map.h"
#include "runtime/mount_api.h"

namespace berth::runtime {

namespace {

constexpr uint32_t kAllIds = UINT32_MAX;  // ids 0…2^32-2

struct DeveloperMap {
  uint32_t uid = 0;
  uint32_t gid = 0;
  UniqueFd holder;
};

class Sources {
 public:
  Sources(const Plan& plan, const Host& host, Prepared& prepared)
      : plan_(plan), host_(host), prepared_(prepared) {}

  Status binds() {
    std::vector<BindRequest> requests;
    for (const auto& m : plan_.mounts)
      if (m.type == MountType::kBind) requests.push_back({m.source, (m.flags & kMountCreateSource) != 0});
    BERTH_TRY_ASSIGN(auto opened, open_as_caller(plan_.caller, requests));
    size_t next = 0;
    for (size_t i = 0; i < plan_.mounts.size(); ++i) {
      const Mount& m = plan_.mounts[i];
      if (m.type == MountType::kBind) BERTH_TRY(bind(i, m, opened[next++].get()));
      if (m.type == MountType::kVolume) BERTH_TRY(volume(i, m));
    }
    return ok_status();
  }

 private:
  Status bind(size_t index, const Mount& m, int source) {
    BERTH_TRY(judge_bind(plan_.caller, source, m.source, HelperDirectories{host_.root, host_.run}));
    struct stat st {};
    if (::fstat(source, &st) != 0) return sys_error("stat " + m.source);
    bool recursive = (m.flags & kMountRecursive) != 0 && S_ISDIR(st.st_mode);
    BERTH_TRY_ASSIGN(UniqueFd tree, clone_mount(source, recursive, m.source));
    BERTH_TRY_ASSIGN(int map, map_for(m, st));
    if (map >= 0) BERTH_TRY(map_bind(tree, source, recursive, map, m.source));
    if (!plan_.caller.admin)
      BERTH_TRY(set_mount(tree.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, -1, recursive, m.source));
    prepared_.mounts.push_back(PreparedMount{index, std::move(tree), S_ISDIR(st.st_mode)});
    return ok_status();
  }

  // Which map a bind gets; -1 = none.
  Result<int> map_for(const Mount& m, const struct stat& st) {
    if (m.ownership == Ownership::kAsOnDisk) return host_.map_holder;
    uint32_t uid = plan_.caller.admin ? st.st_uid : plan_.caller.uid;
    uint32_t gid = plan_.caller.admin ? st.st_gid : plan_.caller.gid;
    for (const auto& known : developer_maps_)
      if (known.uid == uid && known.gid == gid) return known.holder.get();
    User user = prepared_.user;
    if (!plan_.bind_user.empty()) {
      BERTH_TRY_ASSIGN(user, resolve_user(prepared_.rootfs.get(), plan_.bind_user, {},
                                          plan_.has(kUserNamespace) ? plan_.id_size : 0));
    }
    bool own = plan_.has(kUserNamespace);
    uint32_t base = own ? plan_.id_base : 0;
    uint32_t size = own ? plan_.id_size : kAllIds;
    if (!own && uid == user.uid && gid == user.gid) return -1;
    IdMap map;
    BERTH_TRY_ASSIGN(map.uids, developer_lines(base, size, uid, user.uid));
    BERTH_TRY_ASSIGN(map.gids, developer_lines(base, size, gid, user.gid));
    BERTH_TRY_ASSIGN(UniqueFd holder, make_map_holder(map));
    developer_maps_.push_back(DeveloperMap{uid, gid, std::move(holder)});
    return developer_maps_.back().holder.get();
  }

  // A tree may hold mounts of file systems that know no maps; then those, or the bind as a whole, go
  // unmapped.
  Status map_bind(UniqueFd& tree, int source, bool recursive, int map, const std::string& what) {
    Status mapped = set_mount(tree.get(), 0, map, recursive, what);
    if (mapped.ok()) return mapped;
    if (mapped.error().errnum != EINVAL && mapped.error().errnum != EPERM) return mapped;
    if (recursive && set_mount(tree.get(), 0, map, false, what).ok()) {
      log_line(LogLevel::kWarn, "some file systems mounted beneath " + what +
                                    " cannot be id-mapped; they are mounted as they are");
      return ok_status();
    }
    log_line(LogLevel::kWarn,
             "the file system of " + what +
                 " cannot be id-mapped; it is mounted as it is, and its files may belong to nobody inside");
    // The failed attempt may have left the clone half changed.
    BERTH_TRY_ASSIGN(tree, clone_mount(source, recursive, what));
    return ok_status();
  }

  Status volume(size_t index, const Mount& m) {
    BERTH_TRY_ASSIGN(UniqueFd source, host_.root->open_beneath(m.source, O_PATH | O_DIRECTORY));
    BERTH_TRY_ASSIGN(UniqueFd tree, clone_mount(source.get(), false, m.source));
    BERTH_TRY(set_mount(tree.get(), 0, host_.map_holder, false, m.source));
    prepared_.mounts.push_back(PreparedMount{index, std::move(tree), true});
    return ok_status();
  }

  const Plan& plan_;
  const Host& host_;
  Prepared& prepared_;
  std::vector<DeveloperMap> developer_maps_;
};

Result<UniqueFd> etc_file(int directory, const char* name, const std::string& text, int map_holder) {
  BERTH_TRY(write_file_at(directory, name, text, 0644));
  BERTH_TRY_ASSIGN(UniqueFd tree, clone_mount_at(directory, name, name));
  BERTH_TRY(set_mount(tree.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, map_holder, false,
                      name));
  return tree;
}

}  // namespace

Status prepare_mounts(const Plan& plan, const Host& host, int container_dir, Prepared& prepared) {
  BERTH_TRY(Sources(plan, host, prepared).binds());
  for (const auto& d : plan.devices) {
    BERTH_TRY_ASSIGN(UniqueFd node, clone_mount_at(AT_FDCWD, d.host_path, "device " + d.host_path));
    struct stat st {};
    if (::fstat(node.get(), &st) != 0) return sys_error("stat " + d.host_path);
    if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
      return Error{"bad-request", d.host_path + " is not a device", EINVAL};
    prepared.devices.push_back(std::move(node));
  }
  BERTH_TRY_ASSIGN(prepared.hosts, etc_file(container_dir, "hosts", hosts_file(plan), host.map_holder));
  BERTH_TRY_ASSIGN(prepared.hostname,
                   etc_file(container_dir, "hostname", hostname_file(plan), host.map_holder));
  BERTH_TRY_ASSIGN(prepared.resolv_conf,
                   etc_file(container_dir, "resolv.conf", resolv_conf_file(plan), host.map_holder));
  return ok_status();
}

}  // namespace berth::runtime
