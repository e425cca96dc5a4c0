#include "runtime/cgroup_limits.h"

#include <fcntl.h>

#include <algorithm>

#include "common/file.h"

namespace berth::runtime {

namespace {

bool offers(const std::vector<std::string>& controllers, const char* name) {
  return std::find(controllers.begin(), controllers.end(), name) != controllers.end();
}

std::string limit(int64_t value) {
  return value < 0 ? "max" : std::to_string(value);
}

// Lowering both limits needs the memory limit first, raising them the memory-and-swap limit first: whichever
// order the kernel refuses, the other one works.
Status memory_v1(int dir, const Resources& r) {
  const std::string plain = "memory.limit_in_bytes";
  const std::string both = "memory.memsw.limit_in_bytes";
  int64_t swap = r.memory_swap;
  bool has_swap_file = ::faccessat(dir, both.c_str(), W_OK, 0) == 0;
  if (r.memory != 0 && swap == 0 && r.memory > 0) swap = r.memory * 2;  // Docker's default
  bool write_swap = swap != 0 && has_swap_file;
  if (r.memory != 0) {
    Status first = write_control(dir, plain, std::to_string(r.memory));
    if (!first.ok()) {
      if (!write_swap) return first;
      BERTH_TRY(write_control(dir, both, std::to_string(swap)));
      return write_control(dir, plain, std::to_string(r.memory));
    }
  }
  if (write_swap) BERTH_TRY(write_control(dir, both, std::to_string(swap)));
  if (r.memory_reservation != 0)
    BERTH_TRY(write_control(dir, "memory.soft_limit_in_bytes", std::to_string(r.memory_reservation)));
  return ok_status();
}

Status cpu_v1(int dir, const Resources& r) {
  if (r.cpu_shares != 0) BERTH_TRY(write_control(dir, "cpu.shares", std::to_string(r.cpu_shares)));
  if (r.cpu_period != 0) BERTH_TRY(write_control(dir, "cpu.cfs_period_us", std::to_string(r.cpu_period)));
  if (r.cpu_quota != 0) BERTH_TRY(write_control(dir, "cpu.cfs_quota_us", std::to_string(r.cpu_quota)));
  return ok_status();
}

}  // namespace

Status apply_limits_v1(int dir, const std::vector<std::string>& controllers, const Resources& r) {
  if (offers(controllers, "memory")) BERTH_TRY(memory_v1(dir, r));
  if (offers(controllers, "cpu")) BERTH_TRY(cpu_v1(dir, r));
  if (offers(controllers, "cpuset")) {
    if (!r.cpuset_cpus.empty()) BERTH_TRY(write_control(dir, "cpuset.cpus", r.cpuset_cpus));
    if (!r.cpuset_mems.empty()) BERTH_TRY(write_control(dir, "cpuset.mems", r.cpuset_mems));
  }
  if (offers(controllers, "pids") && r.pids != 0) BERTH_TRY(write_control(dir, "pids.max", limit(r.pids)));
  return ok_status();
}

Status apply_limits_v2(int dir, const std::vector<std::string>& controllers, const Resources& r) {
  if (offers(controllers, "memory")) {
    if (r.memory != 0) BERTH_TRY(write_control(dir, "memory.max", limit(r.memory)));
    if (r.memory_reservation != 0) BERTH_TRY(write_control(dir, "memory.low", limit(r.memory_reservation)));
    // Docker's memorySwap counts memory and swap together; version 2 counts swap alone.
    int64_t swap = r.memory_swap > 0 && r.memory > 0 ? r.memory_swap - r.memory : r.memory_swap;
    if (r.memory_swap == 0 && r.memory > 0) swap = r.memory;
    bool wanted = r.memory_swap != 0 || r.memory > 0;
    if (wanted && ::faccessat(dir, "memory.swap.max", W_OK, 0) == 0)
      BERTH_TRY(write_control(dir, "memory.swap.max", limit(swap)));
  }
  if (offers(controllers, "cpu")) {
    if (r.cpu_shares != 0) {
      uint64_t shares = std::clamp<uint64_t>(r.cpu_shares, 2, 262144);
      BERTH_TRY(write_control(dir, "cpu.weight", std::to_string(1 + ((shares - 2) * 9999) / 262142)));
    }
    if (r.cpu_quota != 0) {
      uint64_t period = r.cpu_period != 0 ? r.cpu_period : 100000;
      BERTH_TRY(write_control(dir, "cpu.max", limit(r.cpu_quota) + " " + std::to_string(period)));
    }
  }
  if (offers(controllers, "cpuset")) {
    if (!r.cpuset_cpus.empty()) BERTH_TRY(write_control(dir, "cpuset.cpus", r.cpuset_cpus));
    if (!r.cpuset_mems.empty()) BERTH_TRY(write_control(dir, "cpuset.mems", r.cpuset_mems));
  }
  if (offers(controllers, "pids") && r.pids != 0) BERTH_TRY(write_control(dir, "pids.max", limit(r.pids)));
  return ok_status();
}

}  // namespace berth::runtime
