#include <fcntl.h>
#include <unistd.h>

#include "common/fd.h"
#include "unpack/tree_walk.h"
#include "unpack/unpack.h"

namespace berth::unpack {

namespace {

class Owner : public TreeVisitor {
 public:
  Owner(uint32_t base, uint32_t size, uint32_t uid, uint32_t gid)
      : base_(base), size_(size), uid_(uid), gid_(gid) {}

  Status enter(const Node& node) override {
    if (!concerns(node.stat)) return ok_status();
    // The tree belongs to a user who may change it meanwhile: what is given away is the inode that was looked
    // at, not its name.
    UniqueFd opened;
    int fd = node.fd;
    struct stat stat = node.stat;
    if (fd < 0) {
      opened.reset(openat(node.parent_fd, node.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
      if (!opened) return errno == ENOENT ? ok_status() : Status(sys_error("openat " + node.name));
      fd = opened.get();
      if (fstat(fd, &stat) != 0) return sys_error("fstat " + node.name);
      if (!concerns(stat)) return ok_status();
    }
    const uid_t uid = in_range(stat.st_uid) ? uid_ : static_cast<uid_t>(-1);
    const gid_t gid = in_range(stat.st_gid) ? gid_ : static_cast<gid_t>(-1);
    if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) != 0) return sys_error("fchownat " + node.name);
    ++changed_;
    return ok_status();
  }
  uint64_t changed() const { return changed_; }

 private:
  bool in_range(uint32_t id) const { return id >= base_ && id - base_ < size_; }
  bool concerns(const struct stat& stat) const { return in_range(stat.st_uid) || in_range(stat.st_gid); }

  const uint32_t base_;
  const uint32_t size_;
  const uint32_t uid_;
  const uint32_t gid_;
  uint64_t changed_ = 0;
};

}  // namespace

Result<uint64_t> own_tree(int root_fd, uint32_t base, uint32_t size, uint32_t uid, uint32_t gid) {
  Owner owner(base, size, uid, gid);
  BERTH_TRY(walk_tree(root_fd, owner));
  return owner.changed();
}

}  // namespace berth::unpack
