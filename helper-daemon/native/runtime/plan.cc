#include "runtime/plan.h"

#include <linux/filter.h>

#include <algorithm>

namespace berth::runtime {

namespace {

constexpr size_t kMaxLayers = 500;         // overlayfs' own limit
constexpr size_t kMaxMounts = 200;         // their descriptors travel in one packet
constexpr size_t kMaxFilter = 4096;        // BPF_MAXINSNS
constexpr size_t kMaxArguments = 1 << 20;  // bytes of args and env together, well below the kernel's limit

Error bad(const std::string& what) {
  return Error{"bad-request", "launch plan: " + what, EINVAL};
}

Mount decode_mount(Reader& in) {
  Mount m;
  m.type = static_cast<MountType>(in.u8());
  m.source = in.str();
  m.target = in.str();
  m.flags = in.u32();
  m.ownership = static_cast<Ownership>(in.u8());
  m.tmpfs_size = in.u64();
  m.tmpfs_mode = in.u32();
  return m;
}

bool has_nul(const std::string& s) {
  return s.find('\0') != std::string::npos;
}

bool one_line(const std::string& s) {
  return std::none_of(s.begin(), s.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; });
}

// A relative path of plain components: it is joined to control group mount points.
bool valid_cgroup_path(const std::string& path) {
  if (path.empty() || path.front() == '/' || path.size() > 200 || path.find("..") != std::string::npos)
    return false;
  return std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '-' || c == '_' || c == '.';
  });
}

Status check_mount(const Mount& m, const Plan& plan) {
  if (static_cast<uint8_t>(m.type) > 2 || static_cast<uint8_t>(m.ownership) > 1)
    return bad("mount type or ownership");
  if (m.target.empty() || m.target.front() != '/' || has_nul(m.target))
    return bad("mount target must be absolute");
  if (m.type != MountType::kTmpfs && (m.source.empty() || m.source.front() != '/' || has_nul(m.source)))
    return bad("mount source must be absolute");
  // Ids as on disk would make the container's root host root on that tree.
  if (m.type == MountType::kBind && m.ownership == Ownership::kAsOnDisk && !plan.caller.admin)
    return bad("a confined caller's bind must be mapped to the developer");
  return ok_status();
}

Status check_strings(const Plan& plan) {
  size_t total = 0;
  for (const auto* list : {&plan.args, &plan.env}) {
    for (const auto& s : *list) {
      if (has_nul(s)) return bad("an argument or variable contains a NUL byte");
      total += s.size() + 1;
    }
  }
  if (total > kMaxArguments) return bad("arguments and environment are too long");
  if (plan.args.empty()) return bad("no command");
  for (const auto* list : {&plan.dns_servers, &plan.dns_search, &plan.dns_options})
    for (const auto& s : *list)
      if (!one_line(s)) return bad("a name server option contains a line break");
  for (const auto& [ip, name] : plan.extra_hosts)
    if (!one_line(ip) || !one_line(name)) return bad("an extra host contains a line break");
  if (!one_line(plan.hostname) || !one_line(plan.domainname) || plan.hostname.size() > 64 ||
      plan.domainname.size() > 64)
    return bad("host or domain name");
  return ok_status();
}

Status check(const Plan& plan) {
  if (!valid_id(plan.id)) return bad("id");
  if (plan.layers.empty() || plan.layers.size() > kMaxLayers) return bad("number of layers");
  if (plan.mounts.size() > kMaxMounts) return bad("number of mounts");
  if (plan.pid_mode > 1 || plan.ipc_mode > 1 || plan.uts_mode > 1 || plan.cgroup_mode > 1 ||
      plan.net_mode > 2)
    return bad("namespace mode");
  if (!valid_cgroup_path(plan.cgroup_path)) return bad("control group path");
  if (plan.seccomp.size() % sizeof(sock_filter) != 0 ||
      plan.seccomp.size() / sizeof(sock_filter) > kMaxFilter)
    return bad("seccomp program");
  if (plan.monitor_socket.size() > 100) return bad("the monitor's socket path is too long");
  if (plan.has(kUserNamespace)) {
    uint64_t end = uint64_t{plan.id_base} + plan.id_size;
    if (plan.id_base == 0 || plan.id_size == 0 || end > UINT32_MAX) return bad("range of ids");
  } else if (!plan.caller.admin) {
    return bad("a confined caller's container must have a user namespace");
  }
  if (!plan.caller.admin) {
    bool host = plan.pid_mode == 1 || plan.ipc_mode == 1 || plan.uts_mode == 1 || plan.cgroup_mode == 1 ||
                plan.net_mode == 2;
    if (host || plan.has(kPrivileged) || !plan.devices.empty())
      return bad("host namespaces, devices and privileges are for administrators");
  }
  for (const auto& m : plan.mounts) BERTH_TRY(check_mount(m, plan));
  return check_strings(plan);
}

}  // namespace

bool valid_id(std::string_view id) {
  return id.size() == 64 && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Caller decode_caller(Reader& in) {
  Caller c;
  c.uid = in.u32();
  c.gid = in.u32();
  for (uint32_t n = in.count(4); n > 0 && in.ok(); --n) c.groups.push_back(in.u32());
  c.admin = in.u8() != 0;
  return c;
}

Resources decode_resources(Reader& in) {
  Resources r;
  r.memory = in.i64();
  r.memory_swap = in.i64();
  r.memory_reservation = in.i64();
  r.cpu_shares = in.u64();
  r.cpu_period = in.u64();
  r.cpu_quota = in.i64();
  r.cpuset_cpus = in.str();
  r.cpuset_mems = in.str();
  r.pids = in.i64();
  return r;
}

Result<Plan> decode_plan(Reader& in) {
  Plan p;
  p.id = in.str();
  p.container_dir = in.str();
  p.monitor_socket = in.str();
  p.flags = in.u32();
  p.id_base = in.u32();
  p.id_size = in.u32();
  p.layers = in.strs();
  p.hostname = in.str();
  p.domainname = in.str();
  p.pid_mode = in.u8();
  p.ipc_mode = in.u8();
  p.uts_mode = in.u8();
  p.cgroup_mode = in.u8();
  p.net_mode = in.u8();
  p.bridge = in.str();
  p.ip = in.str();
  p.prefix = in.u8();
  p.gateway = in.str();
  p.mac = in.str();
  for (uint32_t n = in.count(9); n > 0 && in.ok(); --n) {
    Port port;
    port.proto = in.u8();
    port.host_ip = in.str();
    port.host_port = in.u16();
    port.container_port = in.u16();
    p.ports.push_back(std::move(port));
  }
  p.dns_servers = in.strs();
  p.dns_search = in.strs();
  p.dns_options = in.strs();
  p.names_file = in.str();
  for (uint32_t n = in.count(8); n > 0 && in.ok(); --n) {
    std::string ip = in.str();
    p.extra_hosts.emplace_back(std::move(ip), in.str());
  }
  for (uint32_t n = in.count(26); n > 0 && in.ok(); --n) p.mounts.push_back(decode_mount(in));
  p.caller = decode_caller(in);
  p.bind_user = in.str();
  p.args = in.strs();
  p.env = in.strs();
  p.cwd = in.str();
  p.user = in.str();
  p.additional_groups = in.strs();
  p.console_height = in.u16();
  p.console_width = in.u16();
  p.capabilities = in.u64();
  for (uint32_t n = in.count(20); n > 0 && in.ok(); --n) {
    Rlimit limit;
    limit.resource = in.u32();
    limit.soft = in.u64();
    limit.hard = in.u64();
    p.rlimits.push_back(limit);
  }
  p.oom_score_adj = in.i32();
  p.umask = in.u32();
  p.seccomp = in.str();
  p.masked_paths = in.strs();
  p.readonly_paths = in.strs();
  for (uint32_t n = in.count(8); n > 0 && in.ok(); --n) {
    std::string key = in.str();
    p.sysctls.emplace_back(std::move(key), in.str());
  }
  for (uint32_t n = in.count(12); n > 0 && in.ok(); --n) {
    Device d;
    d.host_path = in.str();
    d.container_path = in.str();
    d.permissions = in.str();
    p.devices.push_back(std::move(d));
  }
  p.resources = decode_resources(in);
  p.cgroup_path = in.str();
  p.shm_size = in.u64();
  p.log_max_size = in.u64();
  p.log_max_files = in.u32();
  p.stop_grace_ms = in.u64();
  if (!in.at_end()) return bad("it is cut short or has trailing bytes");
  BERTH_TRY(check(p));
  return p;
}

}  // namespace berth::runtime
