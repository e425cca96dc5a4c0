// HELLO: what this kernel can do, found out by trying.
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/syscalls.h"
#include "runtime/id_map.h"
#include "runtime/mount_api.h"
#include "runtime/rootfs.h"
#include "unpack/unpack.h"
#include "warden/verbs.h"

namespace berth::warden {

namespace {

constexpr uint32_t kVersion = 1;
constexpr uint32_t kProbeBase = 100000;
constexpr uint32_t kProbeSize = 65536;
constexpr int kProbeAttempts = 5;
const char kProbeName[] = ".probe";

// A real overlay of a mapped layer and a mapped upper in a directory of ROOT's file system: just what
// launches do.
Status try_overlay(int root, int map_holder) {
  (void)unpack::remove_tree(root, kProbeName);
  for (const char* path : {".probe", ".probe/layer", ".probe/rw", ".probe/rw/u", ".probe/rw/w"})
    if (::mkdirat(root, path, 0755) != 0) return sys_error(std::string("make ") + path);
  runtime::RootfsSources sources;
  sources.layers.emplace_back(::openat(root, ".probe/layer", O_PATH | O_DIRECTORY | O_CLOEXEC));
  sources.writable.reset(::openat(root, ".probe/rw", O_PATH | O_DIRECTORY | O_CLOEXEC));
  sources.map_holder = map_holder;
  sources.id_base = kProbeBase;
  auto rootfs = runtime::make_rootfs(sources);
  Status status = rootfs.ok() ? ok_status() : Status(rootfs.error());
  if (rootfs.ok()) rootfs->reset();
  (void)unpack::remove_tree(root, kProbeName);
  return status;
}

bool has_nftables() {
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  return static_cast<bool>(socket);
}

void probe_groups(const Environment& environment, std::vector<std::string>& features,
                  std::vector<std::string>& missing) {
  bool v1 = false;
  for (const auto& h : environment.hierarchies.all()) v1 = v1 || !h.v2;
  const runtime::Hierarchy* unified = environment.hierarchies.unified();
  if (v1) features.push_back("cgroup-v1");
  if (unified != nullptr) features.push_back("cgroup-v2");
  if (!v1 && unified == nullptr)
    missing.push_back(
        "No control groups are mounted: limits on memory, processors and processes are not enforced.");
  if (unified == nullptr) return;
  // The file exists in every group but the root. Another helper may remove the empty group at its end.
  bool kill = false;
  for (int attempt = 0; attempt < kProbeAttempts && !kill; ++attempt) {
    bool made = ::mkdirat(unified->fd.get(), "berth", 0755) == 0 || errno == EEXIST;
    kill = made && ::faccessat(unified->fd.get(), "berth/cgroup.kill", W_OK, 0) == 0;
  }
  if (kill) features.push_back("cgroup-kill");
}

}  // namespace

Reply hello(Environment& environment, Request& request) {
  uint32_t version = request.in.u32();
  if (!request.in.at_end()) return incomplete();
  if (version != kVersion)
    return Error{"bad-request",
                 "berthd speaks version " + std::to_string(version) +
                     " of the warden's protocol, this warden version " + std::to_string(kVersion) +
                     "; install both from one release",
                 EPROTO};
  std::vector<std::string> features;
  std::vector<std::string> missing;
  auto holder = environment.map_holders.for_range(kProbeBase, kProbeSize);
  if (holder.ok()) {
    features.push_back("userns");
    Status overlay = try_overlay(environment.root.fd(), *holder);
    if (overlay.ok()) {
      features.push_back("idmap");
      features.push_back("overlay-fd");
    } else {
      missing.push_back(
          "Image layers cannot be id-mapped by descriptor here (Linux 6.13 or later is needed): " +
          overlay.error().message);
      if (try_overlay(environment.root.fd(), -1).ok()) features.push_back("overlay-fd");
    }
  } else {
    missing.push_back("User namespaces cannot be made: " + holder.error().message);
  }
  probe_groups(environment, features, missing);
  if (has_nftables()) {
    features.push_back("nft");
  } else {
    missing.push_back("nftables is not available: containers have no network beyond this machine.");
  }
  Writer out;
  out.u32(kVersion);
  out.u32(static_cast<uint32_t>(::getpid()));
  for (const auto* list : {&features, &missing}) {
    out.u32(static_cast<uint32_t>(list->size()));
    for (const auto& item : *list) out.str(item);
  }
  return out.take();
}

}  // namespace berth::warden
