#include <fcntl.h>
#include <unistd.h>

#include "common/fd.h"
#include "unpack/tree_walk.h"
#include "unpack/unpack.h"

namespace berth::unpack {

namespace {

class Remover : public TreeVisitor {
 public:
  Status enter(const Node& node) override {
    if (node.fd >= 0) return ok_status();
    if (unlinkat(node.parent_fd, node.name.c_str(), 0) != 0 && errno != ENOENT)
      return sys_error("unlinkat " + node.name);
    // Its last name took the content with it.
    if (S_ISREG(node.stat.st_mode) && node.stat.st_nlink == 1)
      freed_ += static_cast<uint64_t>(node.stat.st_size);
    return ok_status();
  }
  Status leave(const Node& node) override {
    if (node.parent_fd < 0) return ok_status();
    if (unlinkat(node.parent_fd, node.name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
      return sys_error("rmdir " + node.name);
    return ok_status();
  }
  Status mount_point(const Node& node) override {
    return Error{"EBUSY", "something is mounted on " + node.name + "; unmount it, then remove again", EBUSY};
  }
  uint64_t freed() const { return freed_; }

 private:
  uint64_t freed_ = 0;
};

}  // namespace

Result<uint64_t> remove_tree(int parent_fd, const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
    return Error{"bad-request", "not the name of a directory: " + name, 0};
  }
  UniqueFd root(openat(parent_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!root) {
    if (errno == ENOENT) return uint64_t{0};
    if (errno != ENOTDIR && errno != ELOOP) return sys_error("openat " + name);
    struct stat stat {};
    const bool known = fstatat(parent_fd, name.c_str(), &stat, AT_SYMLINK_NOFOLLOW) == 0;
    if (unlinkat(parent_fd, name.c_str(), 0) != 0 && errno != ENOENT) return sys_error("unlinkat " + name);
    return known && S_ISREG(stat.st_mode) && stat.st_nlink == 1 ? static_cast<uint64_t>(stat.st_size)
                                                                : uint64_t{0};
  }
  Remover remover;
  BERTH_TRY(walk_tree(root.get(), remover));
  if (unlinkat(parent_fd, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
    return sys_error("rmdir " + name);
  return remover.freed();
}

}  // namespace berth::unpack
