#include "unpack/tree_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <vector>

#include "common/fd.h"

namespace berth::unpack {

namespace {

// Directories above the current one that stay open; the others are found again by "..", and checked.
constexpr size_t kOpenLevels = 64;

struct Level {
  UniqueFd fd;
  std::string name;
  struct stat stat {};
  std::vector<std::string> names;
  size_t next = 0;
  size_t path_length = 0;  // of this directory's own path
};

Result<std::vector<std::string>> read_names(int fd, bool sorted) {
  alignas(8) std::array<char, 65536> buffer;
  std::vector<std::string> names;
  for (;;) {
    const long n = syscall(SYS_getdents64, fd, buffer.data(), buffer.size());
    if (n < 0) return sys_error("getdents64");
    if (n == 0) break;
    for (long at = 0; at < n;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      std::string_view name(entry->d_name);
      if (name != "." && name != "..") names.emplace_back(name);
      at += entry->d_reclen;
    }
  }
  if (sorted) std::sort(names.begin(), names.end());
  return names;
}

int open_beneath(int parent, const std::string& name) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  return static_cast<int>(syscall(SYS_openat2, parent, name.c_str(), &how, sizeof(how)));
}

class Walk {
 public:
  explicit Walk(TreeVisitor& visitor) : visitor_(visitor), paths_(visitor.wants_paths()) {}

  Status run(int root_fd) {
    UniqueFd fd(openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return sys_error("open the tree");
    struct stat stat {};
    if (fstat(fd.get(), &stat) != 0) return sys_error("fstat the tree");
    BERTH_TRY(descend(std::move(fd), "", stat));
    while (!levels_.empty()) {
      Level& level = levels_.back();
      if (level.next < level.names.size()) {
        std::string name = std::move(level.names[level.next++]);
        BERTH_TRY(visit(level.fd.get(), std::move(name)));
      } else {
        BERTH_TRY(ascend());
      }
    }
    return ok_status();
  }

 private:
  Status visit(int parent, std::string name) {
    struct stat stat {};
    if (fstatat(parent, name.c_str(), &stat, AT_SYMLINK_NOFOLLOW) != 0) {
      return errno == ENOENT ? ok_status() : Status(sys_error("fstatat " + name));
    }
    if (S_ISDIR(stat.st_mode)) {
      UniqueFd fd(open_beneath(parent, name));
      if (fd) return descend(std::move(fd), std::move(name), stat);
      if (errno == ENOENT || errno == ELOOP || errno == ENOTDIR) return ok_status();
      if (errno != EXDEV) return sys_error("openat2 " + name);
      const size_t before = push_path(name);
      Status status = visitor_.mount_point(Node{parent, name, path_, stat, -1});
      path_.resize(before);
      return status;
    }
    const size_t before = push_path(name);
    Status status = visitor_.enter(Node{parent, name, path_, stat, -1});
    path_.resize(before);
    return status;
  }

  Status descend(UniqueFd fd, std::string name, const struct stat& seen) {
    Level level;
    level.path_length = path_.size();
    if (!name.empty()) push_path(name);
    level.fd = std::move(fd);
    level.name = std::move(name);
    level.stat = seen;
    // The opened directory counts, whatever its name meant before.
    if (fstat(level.fd.get(), &level.stat) != 0) return sys_error("fstat " + level.name);
    const int parent = levels_.empty() ? -1 : levels_.back().fd.get();
    BERTH_TRY(visitor_.enter(Node{parent, level.name, path_, level.stat, level.fd.get()}));
    BERTH_TRY_ASSIGN(level.names, read_names(level.fd.get(), visitor_.wants_order()));
    levels_.push_back(std::move(level));
    if (levels_.size() > kOpenLevels) levels_[levels_.size() - 1 - kOpenLevels].fd.reset();
    return ok_status();
  }

  Status ascend() {
    Level done = std::move(levels_.back());
    levels_.pop_back();
    if (!levels_.empty()) BERTH_TRY(reopen(levels_.back(), done.fd.get()));
    done.fd.reset();
    const int parent = levels_.empty() ? -1 : levels_.back().fd.get();
    Status status = visitor_.leave(Node{parent, done.name, path_, done.stat, -1});
    path_.resize(done.path_length);
    return status;
  }

  static Status reopen(Level& level, int child) {
    if (level.fd) return ok_status();
    level.fd.reset(openat(child, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!level.fd) return sys_error("open ..");
    struct stat stat {};
    if (fstat(level.fd.get(), &stat) != 0) return sys_error("fstat ..");
    if (stat.st_ino != level.stat.st_ino || stat.st_dev != level.stat.st_dev) {
      return Error{"EAGAIN", "a directory was moved while its tree was read", EAGAIN};
    }
    return ok_status();
  }

  size_t push_path(const std::string& name) {
    const size_t before = path_.size();
    if (!paths_) return before;
    if (!path_.empty()) path_ += '/';
    path_ += name;
    return before;
  }

  TreeVisitor& visitor_;
  const bool paths_;
  std::string path_;
  std::vector<Level> levels_;
};

}  // namespace

Status walk_tree(int root_fd, TreeVisitor& visitor) {
  return Walk(visitor).run(root_fd);
}

}  // namespace berth::unpack
