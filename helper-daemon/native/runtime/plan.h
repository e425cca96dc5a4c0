// The launch plan of PROTOCOL.md: everything about one container, decoded and checked before anything is
// done.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "common/wire.h"

namespace berth::runtime {

enum PlanFlag : uint32_t {
  kTty = 1,
  kOpenStdin = 2,
  kStdinOnce = 4,
  kReadonlyRoot = 8,
  kNoNewPrivileges = 16,
  kInit = 32,
  kPrivileged = 64,
  kUserNamespace = 128,
};

enum MountFlag : uint32_t {
  kMountReadonly = 1,
  kMountRecursive = 2,
  kMountNosuid = 4,
  kMountNodev = 8,
  kMountNoexec = 16,
  kMountCreateSource = 32,
  kMountCopyUp = 64,
};

enum class MountType : uint8_t { kBind = 0, kVolume = 1, kTmpfs = 2 };
enum class Ownership : uint8_t { kAsOnDisk = 0, kDeveloper = 1 };

struct Mount {
  MountType type = MountType::kBind;
  std::string source;
  std::string target;
  uint32_t flags = 0;
  Ownership ownership = Ownership::kAsOnDisk;
  uint64_t tmpfs_size = 0;
  uint32_t tmpfs_mode = 0;
};

// On whose behalf; `admin` means that host root's rights are used.
struct Caller {
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<uint32_t> groups;
  bool admin = false;
};

struct Port {
  uint8_t proto = 6;
  std::string host_ip;
  uint16_t host_port = 0;
  uint16_t container_port = 0;
};

// 0 = unset, -1 = unlimited where Docker knows it; bytes and microseconds.
struct Resources {
  int64_t memory = 0;
  int64_t memory_swap = 0;
  int64_t memory_reservation = 0;
  uint64_t cpu_shares = 0;
  uint64_t cpu_period = 0;
  int64_t cpu_quota = 0;
  std::string cpuset_cpus;
  std::string cpuset_mems;
  int64_t pids = 0;
};

struct Rlimit {
  uint32_t resource = 0;
  uint64_t soft = 0;
  uint64_t hard = 0;
};

struct Device {
  std::string host_path;
  std::string container_path;
  std::string permissions;
};

struct Plan {
  std::string id;
  std::string container_dir;
  std::string monitor_socket;
  uint32_t flags = 0;
  uint32_t id_base = 0;
  uint32_t id_size = 0;
  std::vector<std::string> layers;  // top first
  std::string hostname;
  std::string domainname;
  uint8_t pid_mode = 0;
  uint8_t ipc_mode = 0;
  uint8_t uts_mode = 0;
  uint8_t cgroup_mode = 0;
  uint8_t net_mode = 0;  // 0 one interface, 1 lo only, 2 the host's
  std::string bridge;
  std::string ip;
  uint8_t prefix = 0;
  std::string gateway;
  std::string mac;
  std::vector<Port> ports;
  std::vector<std::string> dns_servers;
  std::vector<std::string> dns_search;
  std::vector<std::string> dns_options;
  std::string names_file;
  std::vector<std::pair<std::string, std::string>> extra_hosts;  // ip, name
  std::vector<Mount> mounts;
  Caller caller;
  std::string bind_user;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd;
  std::string user;
  std::vector<std::string> additional_groups;
  uint16_t console_height = 0;
  uint16_t console_width = 0;
  uint64_t capabilities = 0;
  std::vector<Rlimit> rlimits;
  int32_t oom_score_adj = 0;
  uint32_t umask = 0022;
  std::string seccomp;
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  std::vector<std::pair<std::string, std::string>> sysctls;
  std::vector<Device> devices;
  Resources resources;
  std::string cgroup_path;
  uint64_t shm_size = 0;
  uint64_t log_max_size = 0;
  uint32_t log_max_files = 0;
  uint64_t stop_grace_ms = 0;

  bool has(PlanFlag flag) const { return (flags & flag) != 0; }
};

Caller decode_caller(Reader& in);
Resources decode_resources(Reader& in);

// Decodes a plan; an incomplete or overlong one, or one with values out of range, is "bad-request".
Result<Plan> decode_plan(Reader& in);

// A container id: 64 lower-case hexadecimal digits.
bool valid_id(std::string_view id);

}  // namespace berth::runtime
