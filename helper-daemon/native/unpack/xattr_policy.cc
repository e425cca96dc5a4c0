#include "unpack/xattr_policy.h"

#include <linux/capability.h>
#include <sys/xattr.h>

#include <cstring>

namespace berth::unpack {

namespace {

// Version 3 names the user namespace it counts in by its root's host id, which means nothing on this machine:
// stored as version 2, it counts in whichever namespace the layer is mounted for.
std::string without_rootid(const std::string& value) {
  uint32_t magic = 0;
  if (value.size() != XATTR_CAPS_SZ_3) return value;
  std::memcpy(&magic, value.data(), sizeof(magic));
  if ((magic & VFS_CAP_REVISION_MASK) != VFS_CAP_REVISION_3) return value;
  magic = VFS_CAP_REVISION_2 | (magic & VFS_CAP_FLAGS_MASK);
  std::string plain = value.substr(0, XATTR_CAPS_SZ_2);
  std::memcpy(plain.data(), &magic, sizeof(magic));
  return plain;
}

}  // namespace

std::optional<std::string> allowed_xattr(const std::string& name, const std::string& value) {
  if (name == "security.capability") return without_rootid(value);
  if (name == "system.posix_acl_access" || name == "system.posix_acl_default") return value;
  if (name.starts_with("user.") && !name.starts_with("user.overlay.")) return value;
  return std::nullopt;
}

Status set_xattr(int fd, const std::string& name, const std::string& value) {
  if (fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0) return ok_status();
  if (errno == ENOTSUP && name != "security.capability") return ok_status();
  return sys_error("fsetxattr " + name);
}

}  // namespace berth::unpack
