// Which devices a container may use: Docker's default set and those it was given, for both kinds of control
// groups.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/result.h"
#include "runtime/plan.h"

namespace berth::runtime {

enum DeviceAccess : uint8_t { kMknod = 1, kRead = 2, kWrite = 4 };  // as BPF_DEVCG_ACC_*

struct DeviceRule {
  bool block = false;
  int64_t major = -1;  // -1 = any
  int64_t minor = -1;
  uint8_t access = 0;
};

// mknod of anything (opening is another right); null zero full random urandom tty console ptmx pts; and
// `devices`, which are looked up on the host.
Result<std::vector<DeviceRule>> device_rules(const std::vector<Device>& devices);

// Version 1: replaces the list of the "devices" group `dir`.
Status allow_devices_v1(int dir, const std::vector<DeviceRule>& rules);

// Version 2: attaches a program to group `dir`; it goes with the group.
Status allow_devices_v2(int dir, const std::vector<DeviceRule>& rules);

}  // namespace berth::runtime
