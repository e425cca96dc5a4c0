// Killing and measuring the processes of a control group.
#include <signal.h>

#include <cstdlib>
#include <sstream>

#include "common/file.h"
#include "common/syscalls.h"
#include "runtime/cgroup.h"

namespace berth::runtime {

namespace {

constexpr size_t kMaxFile = 4 << 20;
// A group that forks while it is killed is read again; frozen or limited, it converges in a round or two.
constexpr int kMaxKillRounds = 20;

uint64_t number(int dir, const char* file) {
  auto text = read_file_at(dir, file, 4096);
  return text.ok() ? std::strtoull(text->c_str(), nullptr, 10) : 0;
}

uint64_t field(int dir, const char* file, const std::string& key) {
  auto text = read_file_at(dir, file, 65536);
  if (!text.ok()) return 0;
  std::istringstream lines(*text);
  std::string name;
  uint64_t value = 0;
  while (lines >> name >> value)
    if (name == key) return value;
  return 0;
}

void kill_members(int dir) {
  for (int round = 0; round < kMaxKillRounds; ++round) {
    auto procs = read_file_at(dir, "cgroup.procs", kMaxFile);
    if (!procs.ok() || procs->empty()) return;
    std::istringstream pids(*procs);
    pid_t pid = 0;
    while (pids >> pid)
      if (pid > 0) ::kill(pid, SIGKILL);
  }
}

}  // namespace

Status ControlGroup::kill() const {
  int unified = unified_fd();
  if (unified >= 0 && ::faccessat(unified, "cgroup.kill", W_OK, 0) == 0) {
    BERTH_TRY(write_control(unified, "cgroup.kill", "1"));
  } else {
    bool v2 = false;
    int dir = controller("freezer", &v2);
    if (dir < 0) dir = unified;
    if (dir < 0) dir = controller("pids", &v2);
    if (dir < 0) return ok_status();
    (void)freeze(true);
    kill_members(dir);
  }
  (void)freeze(false);  // a frozen version 1 group would never see the signal
  return ok_status();
}

uint64_t ControlGroup::oom_kills() const {
  bool v2 = false;
  int dir = controller("memory", &v2);
  if (dir < 0) return 0;
  return v2 ? field(dir, "memory.events", "oom_kill") : field(dir, "memory.oom_control", "oom_kill");
}

Result<Usage> ControlGroup::usage() const {
  Usage usage;
  bool v2 = false;
  int dir = controller("memory", &v2);
  if (dir >= 0) {
    usage.memory_bytes = number(dir, v2 ? "memory.current" : "memory.usage_in_bytes");
    usage.memory_limit = number(dir, v2 ? "memory.max" : "memory.limit_in_bytes");
  }
  dir = controller("cpuacct", &v2);
  if (dir >= 0 && !v2) usage.cpu_nanoseconds = number(dir, "cpuacct.usage");
  if (dir < 0 && unified_fd() >= 0)
    usage.cpu_nanoseconds = field(unified_fd(), "cpu.stat", "usage_usec") * 1000;
  dir = controller("pids", &v2);
  if (dir >= 0) usage.pids = static_cast<uint32_t>(number(dir, "pids.current"));
  usage.oom_kills = oom_kills();
  return usage;
}

}  // namespace berth::runtime
