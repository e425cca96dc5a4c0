#include "runtime/device_rules.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "common/file.h"

namespace berth::runtime {

namespace {

constexpr uint8_t kAll = kMknod | kRead | kWrite;

uint8_t parse_access(const std::string& permissions) {
  if (permissions.empty()) return kAll;
  uint8_t access = 0;
  for (char c : permissions) {
    if (c == 'r') access |= kRead;
    if (c == 'w') access |= kWrite;
    if (c == 'm') access |= kMknod;
  }
  return access;
}

std::string number(int64_t value) {
  return value < 0 ? "*" : std::to_string(value);
}

}  // namespace

Result<std::vector<DeviceRule>> device_rules(const std::vector<Device>& devices) {
  std::vector<DeviceRule> rules{{false, -1, -1, kMknod}, {true, -1, -1, kMknod}, {false, 1, 3, kAll},
                                {false, 1, 5, kAll},     {false, 1, 7, kAll},    {false, 1, 8, kAll},
                                {false, 1, 9, kAll},     {false, 5, 0, kAll},    {false, 5, 1, kAll},
                                {false, 5, 2, kAll},     {false, 136, -1, kAll}};
  for (const auto& d : devices) {
    struct stat st {};
    if (::stat(d.host_path.c_str(), &st) != 0) return sys_error("stat device " + d.host_path);
    if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
      return Error{"bad-request", d.host_path + " is not a device", EINVAL};
    rules.push_back({S_ISBLK(st.st_mode), major(st.st_rdev), minor(st.st_rdev), parse_access(d.permissions)});
  }
  return rules;
}

Status allow_devices_v1(int dir, const std::vector<DeviceRule>& rules) {
  BERTH_TRY(write_control(dir, "devices.deny", "a"));
  for (const auto& rule : rules) {
    std::string line =
        std::string(rule.block ? "b " : "c ") + number(rule.major) + ":" + number(rule.minor) + " ";
    if ((rule.access & kRead) != 0) line += 'r';
    if ((rule.access & kWrite) != 0) line += 'w';
    if ((rule.access & kMknod) != 0) line += 'm';
    BERTH_TRY(write_control(dir, "devices.allow", line));
  }
  return ok_status();
}

}  // namespace berth::runtime
