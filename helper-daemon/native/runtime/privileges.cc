#include "runtime/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

namespace berth::runtime {

namespace {

Status limit_bounding_set(uint64_t keep) {
  for (unsigned cap = 0; cap < 64; ++cap) {
    if (::prctl(PR_CAPBSET_READ, cap, 0, 0, 0) < 0) break;  // beyond the kernel's last one
    if ((keep >> cap & 1) != 0) continue;
    if (::prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
      return sys_error("drop capability " + std::to_string(cap));
  }
  return ok_status();
}

Status install_filter(const std::string& program) {
  if (program.empty()) return ok_status();
  std::vector<sock_filter> filter(program.size() / sizeof(sock_filter));
  std::memcpy(filter.data(), program.data(), filter.size() * sizeof(sock_filter));
  sock_fprog fprog{static_cast<unsigned short>(filter.size()), filter.data()};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog) != 0)
    return sys_error("install the system call filter");
  return ok_status();
}

Status set_ids(const User& user) {
  std::vector<gid_t> groups(user.groups.begin(), user.groups.end());
  if (::setgroups(groups.size(), groups.data()) != 0) return sys_error("set supplementary groups");
  if (::setresgid(user.gid, user.gid, user.gid) != 0)
    return sys_error("set group " + std::to_string(user.gid));
  if (::setresuid(user.uid, user.uid, user.uid) != 0)
    return sys_error("set user " + std::to_string(user.uid));
  return ok_status();
}

Status set_capabilities(uint64_t mask) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  data[0].permitted = data[0].effective = static_cast<uint32_t>(mask);
  data[1].permitted = data[1].effective = static_cast<uint32_t>(mask >> 32);
  __user_cap_data_struct have[2]{};
  if (::syscall(SYS_capget, &header, have) != 0) return sys_error("capget");
  for (int i = 0; i < 2; ++i) {  // a privileged plan may name more than this host has
    data[i].permitted &= have[i].permitted;
    data[i].effective &= have[i].permitted;
  }
  if (::syscall(SYS_capset, &header, data) != 0) return sys_error("set capabilities");
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return sys_error("clear ambient capabilities");
  return ok_status();
}

}  // namespace

Status drop_to(const Privileges& p) {
  BERTH_TRY(limit_bounding_set(p.capabilities));
  // Without no_new_privs a filter needs CAP_SYS_ADMIN, so it comes before that is given up; with it, last.
  if (!p.no_new_privileges && p.seccomp != nullptr) BERTH_TRY(install_filter(*p.seccomp));
  BERTH_TRY(set_ids(p.user));
  BERTH_TRY(set_capabilities(p.user.uid == 0 ? p.capabilities : 0));
  if (!p.no_new_privileges) return ok_status();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return sys_error("set no_new_privs");
  return p.seccomp != nullptr ? install_filter(*p.seccomp) : ok_status();
}

}  // namespace berth::runtime
