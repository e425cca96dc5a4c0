#include "runtime/in_root.h"

#include <sys/stat.h>

#include <array>

#include "common/syscalls.h"

namespace berth::runtime {

namespace {

constexpr uint64_t kInRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
constexpr int kMaxLinks = 40;  // the kernel's own limit

UniqueFd open_path(int root, const std::string& path, int flags) {
  return UniqueFd(openat2(root, path.empty() ? "." : path.c_str(),
                          static_cast<uint64_t>(flags) | O_PATH | O_CLOEXEC, kInRoot));
}

Status check_kind(int fd, const std::string& path, TargetKind kind) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return sys_error("stat " + path);
  if (S_ISDIR(st.st_mode) != (kind == TargetKind::kDirectory))
    return Error{"EINVAL",
                 (S_ISDIR(st.st_mode) ? "a file cannot be mounted over the directory "
                                      : "a directory cannot be mounted over the file ") +
                     path + " of the image",
                 EINVAL};
  return ok_status();
}

Result<UniqueFd> ensure(int root, const std::string& path, TargetKind kind, int links) {
  UniqueFd existing = open_path(root, path, 0);
  if (existing) {
    BERTH_TRY(check_kind(existing.get(), path, kind));
    return existing;
  }
  if (errno != ENOENT) return sys_error("open " + path + " in the container");
  size_t slash = path.find_last_not_of('/');
  std::string trimmed = path.substr(0, slash + 1);
  slash = trimmed.rfind('/');
  std::string parent_path = slash == std::string::npos ? "" : trimmed.substr(0, slash);
  std::string name = slash == std::string::npos ? trimmed : trimmed.substr(slash + 1);
  if (name.empty() || name == "." || name == "..")
    return sys_error("make " + path + " in the container", ENOENT);
  BERTH_TRY_ASSIGN(UniqueFd parent, ensure(root, parent_path, TargetKind::kDirectory, links));
  bool made = false;
  if (kind == TargetKind::kDirectory) {
    made = ::mkdirat(parent.get(), name.c_str(), 0755) == 0;
  } else {
    UniqueFd file(
        ::openat(parent.get(), name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644));
    made = static_cast<bool>(file);
  }
  if (!made && errno != EEXIST) return sys_error("make " + path + " in the container");
  if (!made && links < kMaxLinks) {
    // A symlink whose target is missing: what it names is made.
    std::array<char, 4096> link{};
    ssize_t n = ::readlinkat(parent.get(), name.c_str(), link.data(), link.size());
    if (n > 0) {
      std::string target(link.data(), static_cast<size_t>(n));
      return ensure(root, target.front() == '/' ? target : parent_path + "/" + target, kind, links + 1);
    }
  }
  UniqueFd fd = open_path(root, path, 0);
  if (!fd) return sys_error("open " + path + " in the container");
  BERTH_TRY(check_kind(fd.get(), path, kind));
  return fd;
}

}  // namespace

Result<UniqueFd> open_in_root(int root, const std::string& path, int flags) {
  UniqueFd fd = open_path(root, path, flags);
  if (!fd) return sys_error("open " + path + " in the container");
  return fd;
}

Result<UniqueFd> ensure_target(int root, const std::string& path, TargetKind kind) {
  return ensure(root, path, kind, 0);
}

Result<UniqueFd> ensure_plain_directory(int root, const std::string& name) {
  if (::mkdirat(root, name.c_str(), 0755) != 0 && errno != EEXIST)
    return sys_error("make /" + name + " in the container");
  UniqueFd fd(
      openat2(root, name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS));
  if (!fd && (errno == ELOOP || errno == ENOTDIR))
    return Error{"EINVAL", "/" + name + " in the image is not a plain directory; such an image is refused",
                 errno};
  if (!fd) return sys_error("open /" + name + " in the container");
  return fd;
}

}  // namespace berth::runtime
