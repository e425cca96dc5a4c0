#include "unpack/layer_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>

#include "unpack/layer_error.h"
#include "unpack/unpack.h"
#include "unpack/xattr_policy.h"

namespace berth::unpack {

namespace {

// OCI image specification, "Whiteouts".
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
constexpr std::string_view kReserved = ".wh..wh.";

std::array<timespec, 2> times(int64_t seconds, uint32_t nanoseconds) {
  timespec time{seconds, static_cast<long>(nanoseconds)};
  return {time, time};
}

Error failed(const char* call, const Entry& entry) {
  return sys_error(std::string(call) + " " + printable(entry.name));
}

}  // namespace

Status LayerWriter::add(const Entry& entry, TarReader& reader) {
  BERTH_TRY_ASSIGN(LayerPath path, clean_path(entry.name));
  if (path.name.empty()) {
    if (entry.type != Type::kDirectory) return invalid_layer("its root is no directory", entry.name);
    return add_root(entry);
  }
  bool handled = false;
  BERTH_TRY(add_special_name(entry, path, handled));
  if (handled) return ok_status();
  if (entry.type == Type::kHardLink) return add_hard_link(entry, path);
  BERTH_TRY_ASSIGN(int parent, directories_.open(path.parent, true));
  switch (entry.type) {
    case Type::kFile:
      return add_file(entry, path, parent, reader);
    case Type::kDirectory:
      return add_directory(entry, path, parent);
    case Type::kSymlink:
      return add_symlink(entry, path, parent);
    default:
      return add_node(entry, path, parent);
  }
}

Status LayerWriter::add_special_name(const Entry& entry, const LayerPath& path, bool& handled) {
  handled = true;
  if (path.name == kOpaque) {
    BERTH_TRY_ASSIGN(int directory, directories_.open(path.parent, true));
    return make_opaque(directory);
  }
  if (path.name.starts_with(kReserved)) return invalid_layer("a reserved name", entry.name);
  if (path.name.starts_with(kWhiteout)) {
    std::string hidden = path.name.substr(kWhiteout.size());
    if (hidden.empty() || hidden == "." || hidden == "..")
      return invalid_layer("a whiteout of nothing", entry.name);
    return add_whiteout(LayerPath{path.parent, hidden});
  }
  // What another union file system calls a whiteout; as a device it would be nothing.
  if (entry.type == Type::kCharacter && entry.major == 0 && entry.minor == 0) return add_whiteout(path);
  handled = false;
  return ok_status();
}

// A whiteout speaks of the layers below, never of its own: what this layer itself has in that place stays.
Status LayerWriter::add_whiteout(const LayerPath& path) {
  BERTH_TRY_ASSIGN(int parent, directories_.open(path.parent, true));
  if (mknodat(parent, path.name.c_str(), S_IFCHR, makedev(0, 0)) == 0) return ok_status();
  if (errno != EEXIST) return sys_error("mknodat " + printable(path.whole()));
  UniqueFd directory(openat(parent, path.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (directory) return make_opaque(directory.get());
  return ok_status();
}

Status LayerWriter::make_room(int parent, const std::string& name) {
  if (unlinkat(parent, name.c_str(), 0) == 0) {
    directories_.forget();
    return ok_status();
  }
  if (errno == ENOENT) return ok_status();
  if (errno != EISDIR) return sys_error("unlinkat " + printable(name));
  auto removed = remove_tree(parent, name);
  if (!removed.ok()) return removed.error();
  // `parent` may be one of the cached descriptors: the caller opens it again.
  directories_.forget();
  return ok_status();
}

Status LayerWriter::set_metadata(int fd, const Entry& entry) {
  if (fchown(fd, entry.uid, entry.gid) != 0) return failed("fchown", entry);
  if (fchmod(fd, entry.mode) != 0) return failed("fchmod", entry);
  for (const auto& [name, value] : entry.xattrs) {
    auto allowed = allowed_xattr(name, value);
    if (allowed.has_value()) BERTH_TRY(set_xattr(fd, name, *allowed));
  }
  return ok_status();
}

Status LayerWriter::add_file(const Entry& entry, const LayerPath& path, int parent, TarReader& reader) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd file(openat(parent, path.name.c_str(), kFlags, 0600));
  if (!file && errno == EEXIST) {
    BERTH_TRY(make_room(parent, path.name));
    BERTH_TRY_ASSIGN(parent, directories_.open(path.parent, true));
    file.reset(openat(parent, path.name.c_str(), kFlags, 0600));
  }
  if (!file) return failed("openat", entry);
  for (;;) {
    BERTH_TRY_ASSIGN(std::string_view piece, reader.content());
    if (piece.empty()) break;
    while (!piece.empty()) {
      ssize_t n = write(file.get(), piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed("write", entry);
      piece.remove_prefix(static_cast<size_t>(n));
    }
  }
  BERTH_TRY(set_metadata(file.get(), entry));
  if (futimens(file.get(), times(entry.mtime, entry.mtime_nanoseconds).data()) != 0)
    return failed("futimens", entry);
  return ok_status();
}

Status LayerWriter::add_root(const Entry& entry) {
  directory_times_[""] = Times{entry.mtime, entry.mtime_nanoseconds};
  return set_metadata(root_fd_, entry);
}

Status LayerWriter::add_directory(const Entry& entry, const LayerPath& path, int parent) {
  bool opaque = false;
  UniqueFd directory;
  if (mkdirat(parent, path.name.c_str(), 0700) != 0) {
    if (errno != EEXIST) return failed("mkdirat", entry);
    directory.reset(openat(parent, path.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) {
      // A directory in the place of a whiteout of the same layer starts empty.
      opaque = is_whiteout(parent, path.name);
      BERTH_TRY(make_room(parent, path.name));
      BERTH_TRY_ASSIGN(parent, directories_.open(path.parent, true));
      if (mkdirat(parent, path.name.c_str(), 0700) != 0) return failed("mkdirat", entry);
    }
  }
  if (!directory)
    directory.reset(openat(parent, path.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return failed("openat", entry);
  if (opaque) BERTH_TRY(make_opaque(directory.get()));
  directory_times_[path.whole()] = Times{entry.mtime, entry.mtime_nanoseconds};
  return set_metadata(directory.get(), entry);
}

Status LayerWriter::add_symlink(const Entry& entry, const LayerPath& path, int parent) {
  if (entry.link.empty() || entry.link.size() > 4095)
    return invalid_layer("a symbolic link without a usable target", entry.name);
  if (symlinkat(entry.link.c_str(), parent, path.name.c_str()) != 0) {
    if (errno != EEXIST) return failed("symlinkat", entry);
    BERTH_TRY(make_room(parent, path.name));
    BERTH_TRY_ASSIGN(parent, directories_.open(path.parent, true));
    if (symlinkat(entry.link.c_str(), parent, path.name.c_str()) != 0) return failed("symlinkat", entry);
  }
  if (fchownat(parent, path.name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0)
    return failed("fchownat", entry);
  if (utimensat(parent, path.name.c_str(), times(entry.mtime, entry.mtime_nanoseconds).data(),
                AT_SYMLINK_NOFOLLOW) != 0) {
    return failed("utimensat", entry);
  }
  return ok_status();
}

Status LayerWriter::add_hard_link(const Entry& entry, const LayerPath& path) {
  BERTH_TRY_ASSIGN(LayerPath target, clean_path(entry.link));
  auto found = directories_.open(target.parent, false);
  struct stat stat {};
  if (target.name.empty() || !found.ok() ||
      fstatat(*found, target.name.c_str(), &stat, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(stat.st_mode) ||
      (S_ISCHR(stat.st_mode) && stat.st_rdev == 0)) {
    return invalid_layer("a hard link to \"" + printable(entry.link) + "\", which the layer does not have",
                         entry.name);
  }
  // Held by descriptor: opening the link's parent may push the target's out of the resolver's memory.
  UniqueFd inode(openat(*found, target.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!inode) return failed("openat", entry);
  UniqueFd target_parent(fcntl(*found, F_DUPFD_CLOEXEC, 0));
  if (!target_parent) return failed("fcntl", entry);
  BERTH_TRY_ASSIGN(int parent, directories_.open(path.parent, true));
  // Without AT_SYMLINK_FOLLOW: a link to a symbolic link is one itself. Mode and owner are the target's,
  // whatever the header says.
  if (linkat(target_parent.get(), target.name.c_str(), parent, path.name.c_str(), 0) == 0) return ok_status();
  if (errno != EEXIST) return failed("linkat", entry);
  struct stat present {};
  if (fstatat(parent, path.name.c_str(), &present, AT_SYMLINK_NOFOLLOW) == 0 &&
      present.st_ino == stat.st_ino && present.st_dev == stat.st_dev) {
    return ok_status();
  }
  BERTH_TRY(make_room(parent, path.name));
  BERTH_TRY_ASSIGN(parent, directories_.open(path.parent, true));
  if (linkat(target_parent.get(), target.name.c_str(), parent, path.name.c_str(), 0) != 0)
    return failed("linkat", entry);
  return ok_status();
}

Status LayerWriter::add_node(const Entry& entry, const LayerPath& path, int parent) {
  const mode_t kind = entry.type == Type::kFifo        ? S_IFIFO
                      : entry.type == Type::kCharacter ? S_IFCHR
                                                       : S_IFBLK;
  const dev_t device = entry.type == Type::kFifo ? 0 : makedev(entry.major, entry.minor);
  if (mknodat(parent, path.name.c_str(), kind | 0600, device) != 0) {
    if (errno != EEXIST) return failed("mknodat", entry);
    BERTH_TRY(make_room(parent, path.name));
    BERTH_TRY_ASSIGN(parent, directories_.open(path.parent, true));
    if (mknodat(parent, path.name.c_str(), kind | 0600, device) != 0) return failed("mknodat", entry);
  }
  if (fchownat(parent, path.name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0)
    return failed("fchownat", entry);
  if (fchmodat(parent, path.name.c_str(), entry.mode, 0) != 0) return failed("fchmodat", entry);
  if (utimensat(parent, path.name.c_str(), times(entry.mtime, entry.mtime_nanoseconds).data(),
                AT_SYMLINK_NOFOLLOW) != 0) {
    return failed("utimensat", entry);
  }
  return ok_status();
}

Status LayerWriter::finish() {
  for (const auto& [whole, time] : directory_times_) {
    BERTH_TRY_ASSIGN(LayerPath path, clean_path(whole));
    // Replaced since by something else: then there is no such directory any more, and nothing to do.
    auto parent = directories_.open(path.parent, false);
    if (!parent.ok()) continue;
    UniqueFd directory;
    if (!path.name.empty()) {
      directory.reset(openat(*parent, path.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!directory) continue;
    }
    const int fd = path.name.empty() ? root_fd_ : directory.get();
    if (futimens(fd, times(time.seconds, time.nanoseconds).data()) != 0)
      return sys_error("futimens " + printable(whole));
  }
  return ok_status();
}

}  // namespace berth::unpack
