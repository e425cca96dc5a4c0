// Which extended attributes of an archive may reach the disk, and in which form.
#pragma once

#include <optional>
#include <string>

#include "common/result.h"

namespace berth::unpack {

// The value to store, or nothing if the attribute is dropped. Kept are `user.*`, POSIX ACLs and
// `security.capability`; all of `trusted.*` and `user.overlay.*` is dropped (the kernel's overlay would obey
// it), as are other security modules' labels.
std::optional<std::string> allowed_xattr(const std::string& name, const std::string& value);

// Sets it on an open file or directory. A file system without room for user attributes or ACLs is no error.
Status set_xattr(int fd, const std::string& name, const std::string& value);

}  // namespace berth::unpack
