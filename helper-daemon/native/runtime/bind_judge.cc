#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <array>

#include "common/syscalls.h"
#include "runtime/bind_source.h"

namespace berth::runtime {

namespace {

constexpr int kMaxDepth = 4096;  // of a path; PATH_MAX / 2

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool is_kernel_file_system(int fd) {
  struct statfs fs {};
  if (::fstatfs(fd, &fs) != 0) return true;
  static constexpr std::array<long, 12> kMagics{PROC_SUPER_MAGIC,    SYSFS_MAGIC,        CGROUP_SUPER_MAGIC,
                                                CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, DEBUGFS_MAGIC,
                                                TRACEFS_MAGIC,       SECURITYFS_MAGIC,   BPF_FS_MAGIC,
                                                PSTOREFS_MAGIC,      EFIVARFS_MAGIC,     NSFS_MAGIC};
  for (long magic : kMagics)
    if (fs.f_type == magic) return true;
  return false;
}

// Whether `inner` is `outer` or lies beneath it, by walking up.
bool lies_within(int inner, int outer) {
  struct stat goal {};
  if (::fstat(outer, &goal) != 0) return true;
  UniqueFd at(::openat(inner, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!at) return false;  // not a directory
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    struct stat here {};
    struct stat above {};
    if (::fstat(at.get(), &here) != 0) return true;
    if (same(here, goal)) return true;
    UniqueFd parent(::openat(at.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!parent || ::fstat(parent.get(), &above) != 0) return true;
    if (same(here, above)) return false;  // the root
    at = std::move(parent);
  }
  return true;
}

bool is_engine_socket(const struct stat& st) {
  static constexpr std::array<const char*, 6> kSockets{
      "/run/docker.sock",    "/run/containerd/containerd.sock", "/run/podman/podman.sock",
      "/run/crio/crio.sock", "/run/buildkit/buildkitd.sock",    "/run/berth/berth.sock"};
  for (const char* path : kSockets) {
    struct stat known {};
    if (::stat(path, &known) == 0 && same(st, known)) return true;
  }
  return false;
}

// For a file or socket: the directory that it was found in decides.
UniqueFd directory_of(int fd, const struct stat& st, const std::string& path) {
  if (S_ISDIR(st.st_mode)) return UniqueFd(::openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  // Where the kernel says that the object is, not where the caller said.
  std::array<char, 4096> real{};
  ssize_t n = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), real.data(), real.size() - 1);
  std::string where = n > 0 ? std::string(real.data(), static_cast<size_t>(n)) : path;
  size_t slash = where.rfind('/');
  std::string parent = slash == 0 || slash == std::string::npos ? "/" : where.substr(0, slash);
  return UniqueFd(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

}  // namespace

Status judge_bind(const Caller& caller, int fd, const std::string& path, const HelperDirectories& own) {
  if (caller.admin) return ok_status();
  auto forbidden = [&](const std::string& why) {
    return Error{"bind-forbidden", "bind source " + path + " " + why + "; only an administrator may mount it",
                 0};
  };
  struct stat st {};
  if (::fstat(fd, &st) != 0) return sys_error("stat " + path);
  struct stat dev {};
  if (is_kernel_file_system(fd)) return forbidden("belongs to the kernel (/proc, /sys or the like)");
  if (::stat("/dev", &dev) == 0 && st.st_dev == dev.st_dev) {
    struct stat root {};
    // A host without a separate /dev file system still has its device nodes to protect.
    UniqueFd dev_fd(::open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC));
    bool separate = ::stat("/", &root) == 0 && root.st_dev != dev.st_dev;
    if (separate || (dev_fd && lies_within(fd, dev_fd.get()))) return forbidden("lies in /dev");
  }
  if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) return forbidden("is a device");
  if (S_ISSOCK(st.st_mode) && is_engine_socket(st)) return forbidden("is a container engine's socket");
  UniqueFd directory = directory_of(fd, st, path);
  if (!directory) return sys_error("open the directory of " + path);
  for (const BaseDirectory* base : {own.root, own.run}) {
    if (lies_within(directory.get(), base->fd()))
      return forbidden("lies in Berth's own directory " + base->path());
    if (S_ISDIR(st.st_mode) && lies_within(base->fd(), fd))
      return forbidden("holds Berth's own directory " + base->path());
  }
  return ok_status();
}

}  // namespace berth::runtime
