#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>

#include "common/fd.h"
#include "unpack/inode_map.h"
#include "unpack/tar_writer.h"
#include "unpack/tree_walk.h"
#include "unpack/unpack.h"
#include "unpack/xattr_policy.h"

namespace berth::unpack {

namespace {

// The kernel's own bound for one value.
constexpr size_t kMaxXattr = 65536;

using Xattrs = std::vector<std::pair<std::string, std::string>>;

Result<Xattrs> read_xattrs(int fd) {
  std::array<char, 65536> names;
  const ssize_t length = flistxattr(fd, names.data(), names.size());
  if (length < 0)
    return errno == ENOTSUP ? Result<Xattrs>(Xattrs{}) : Result<Xattrs>(sys_error("flistxattr"));
  Xattrs xattrs;
  for (ssize_t at = 0; at < length;) {
    std::string name(names.data() + at);
    at += static_cast<ssize_t>(name.size()) + 1;
    std::string value(kMaxXattr, '\0');
    const ssize_t size = fgetxattr(fd, name.c_str(), value.data(), value.size());
    if (size < 0 && errno == ENODATA) continue;
    if (size < 0) return sys_error("fgetxattr " + name);
    value.resize(static_cast<size_t>(size));
    if (auto kept = allowed_xattr(name, value)) xattrs.emplace_back(name, *kept);
  }
  return xattrs;
}

bool is_opaque(int fd) {
  char value = 0;
  return fgetxattr(fd, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

Entry entry_of(const Node& node) {
  Entry entry;
  entry.name = node.path.empty() ? "." : node.path;
  entry.mode = node.stat.st_mode & 07777;
  entry.uid = node.stat.st_uid;
  entry.gid = node.stat.st_gid;
  entry.mtime = node.stat.st_mtim.tv_sec;
  entry.mtime_nanoseconds = static_cast<uint32_t>(node.stat.st_mtim.tv_nsec);
  return entry;
}

// What stands for a whiteout in an archive: an empty file with a special name in the same directory.
Entry whiteout_entry(const Node& node, const std::string& directory, const std::string& name) {
  Entry entry = entry_of(node);
  entry.type = Type::kFile;
  entry.mode = 0;
  entry.name = directory.empty() ? name : directory + "/" + name;
  return entry;
}

class Archiver : public TreeVisitor {
 public:
  explicit Archiver(TarWriter& writer) : writer_(writer) {}
  bool wants_paths() const override { return true; }
  bool wants_order() const override { return true; }
  const Totals& totals() const { return totals_; }

  Status enter(const Node& node) override {
    if (S_ISSOCK(node.stat.st_mode)) return ok_status();  // no archive can hold one, and nobody listens on it
    ++totals_.entries;
    if (S_ISDIR(node.stat.st_mode)) return add_directory(node);
    if (S_ISCHR(node.stat.st_mode) && node.stat.st_rdev == 0) {
      return writer_.header(whiteout_entry(node, parent_of(node), ".wh." + node.name));
    }
    Entry entry = entry_of(node);
    if (node.stat.st_nlink > 1) {
      if (const std::string* first = linked_.seen_before(node.stat, node.path)) {
        entry.type = Type::kHardLink;
        entry.link = *first;
        return writer_.header(entry);
      }
    }
    if (S_ISREG(node.stat.st_mode)) return add_file(node, entry);
    return add_other(node, entry);
  }

 private:
  static std::string parent_of(const Node& node) {
    return node.path.size() > node.name.size() ? node.path.substr(0, node.path.size() - node.name.size() - 1)
                                               : "";
  }

  Status add_directory(const Node& node) {
    Entry entry = entry_of(node);
    entry.type = Type::kDirectory;
    entry.name += '/';
    BERTH_TRY_ASSIGN(entry.xattrs, read_xattrs(node.fd));
    BERTH_TRY(writer_.header(entry));
    if (!is_opaque(node.fd)) return ok_status();
    return writer_.header(whiteout_entry(node, node.path, ".wh..wh..opq"));
  }

  Status add_file(const Node& node, Entry& entry) {
    UniqueFd file(openat(node.parent_fd, node.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) return errno == ENOENT ? ok_status() : Status(sys_error("openat " + node.name));
    struct stat stat {};
    if (fstat(file.get(), &stat) != 0) return sys_error("fstat " + node.name);
    if (!S_ISREG(stat.st_mode)) return ok_status();  // replaced meanwhile
    entry.type = Type::kFile;
    entry.size = static_cast<uint64_t>(stat.st_size);
    BERTH_TRY_ASSIGN(entry.xattrs, read_xattrs(file.get()));
    totals_.bytes += entry.size;
    BERTH_TRY(writer_.header(entry));
    return writer_.content(file.get(), entry.size);
  }

  Status add_other(const Node& node, Entry& entry) {
    if (S_ISLNK(node.stat.st_mode)) {
      std::array<char, 4096> target;
      const ssize_t length = readlinkat(node.parent_fd, node.name.c_str(), target.data(), target.size());
      if (length < 0) return errno == ENOENT ? ok_status() : Status(sys_error("readlinkat " + node.name));
      entry.type = Type::kSymlink;
      entry.link.assign(target.data(), static_cast<size_t>(length));
      return writer_.header(entry);
    }
    entry.type = S_ISFIFO(node.stat.st_mode)  ? Type::kFifo
                 : S_ISCHR(node.stat.st_mode) ? Type::kCharacter
                                              : Type::kBlockDevice;
    entry.major = major(node.stat.st_rdev);
    entry.minor = minor(node.stat.st_rdev);
    return writer_.header(entry);
  }

  TarWriter& writer_;
  Totals totals_;
  InodeMap<std::string> linked_;
};

}  // namespace

Result<Totals> tar_tree(int root_fd, int out_fd) {
  TarWriter writer(out_fd);
  Archiver archiver(writer);
  BERTH_TRY(walk_tree(root_fd, archiver));
  BERTH_TRY(writer.finish());
  return archiver.totals();
}

}  // namespace berth::unpack
