#include "runtime/copy_up.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "common/fd.h"

namespace berth::runtime {

namespace {

constexpr int kMaxDepth = 200;
constexpr size_t kChunk = 1 << 20;

struct CloseDirectory {
  void operator()(DIR* d) const { ::closedir(d); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Result<std::vector<std::string>> entries(int fd, const std::string& what) {
  int copy = ::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return sys_error("open " + what);
  Directory directory(::fdopendir(copy));
  if (!directory) return sys_error("read " + what);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    std::string_view name(entry->d_name);
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return sys_error("read " + what);
  return names;
}

Status copy_attributes(int from, int to, const struct stat& st, const std::string& what) {
  std::array<char, 65536> names{};
  ssize_t size = ::flistxattr(from, names.data(), names.size());
  for (ssize_t at = 0; at < size; at += static_cast<ssize_t>(std::strlen(names.data() + at)) + 1) {
    const char* name = names.data() + at;
    std::array<char, 65536> value{};
    ssize_t n = ::fgetxattr(from, name, value.data(), value.size());
    // Attributes that the volume's file system does not take (another security module's) are not the user's.
    if (n >= 0) (void)::fsetxattr(to, name, value.data(), static_cast<size_t>(n), 0);
  }
  if (::fchown(to, st.st_uid, st.st_gid) != 0) return sys_error("set the owner in " + what);
  if (::fchmod(to, st.st_mode & 07777) != 0) return sys_error("set the mode in " + what);
  timespec times[2] = {st.st_atim, st.st_mtim};
  if (::futimens(to, times) != 0) return sys_error("set times in " + what);
  return ok_status();
}

Status copy_file(int from_dir, int to_dir, const char* name, const struct stat& st, const std::string& what) {
  UniqueFd from(::openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!from) return sys_error("open " + what);
  UniqueFd to(::openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!to) return sys_error("create " + what + " in the volume");
  for (;;) {
    ssize_t n = ::sendfile(to.get(), from.get(), nullptr, kChunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return sys_error("copy " + what + " into the volume");
    if (n == 0) break;
  }
  return copy_attributes(from.get(), to.get(), st, what);
}

Status copy_link(int from_dir, int to_dir, const char* name, const struct stat& st, const std::string& what) {
  std::array<char, 4097> target{};
  if (::readlinkat(from_dir, name, target.data(), target.size() - 1) < 0)
    return sys_error("read link " + what);
  if (::symlinkat(target.data(), to_dir, name) != 0) return sys_error("link " + what + " in the volume");
  if (::fchownat(to_dir, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) != 0)
    return sys_error("set the owner of " + what);
  return ok_status();
}

Status copy_tree(int from, int to, const std::string& what, int depth) {
  if (depth > kMaxDepth) return sys_error("copy " + what + " into the volume", ELOOP);
  BERTH_TRY_ASSIGN(auto names, entries(from, what));
  for (const auto& name : names) {
    std::string path = what + "/" + name;
    struct stat st {};
    if (::fstatat(from, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return sys_error("stat " + path);
    if (S_ISREG(st.st_mode)) {
      BERTH_TRY(copy_file(from, to, name.c_str(), st, path));
    } else if (S_ISLNK(st.st_mode)) {
      BERTH_TRY(copy_link(from, to, name.c_str(), st, path));
    } else if (S_ISDIR(st.st_mode)) {
      UniqueFd inner_from(::openat(from, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!inner_from) return sys_error("open " + path);
      if (::mkdirat(to, name.c_str(), 0700) != 0) return sys_error("create " + path + " in the volume");
      UniqueFd inner_to(::openat(to, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!inner_to) return sys_error("open " + path + " in the volume");
      BERTH_TRY(copy_tree(inner_from.get(), inner_to.get(), path, depth + 1));
      BERTH_TRY(copy_attributes(inner_from.get(), inner_to.get(), st, path));
    } else if (S_ISFIFO(st.st_mode)) {
      if (::mkfifoat(to, name.c_str(), st.st_mode & 07777) != 0)
        return sys_error("create " + path + " in the volume");
      if (::fchownat(to, name.c_str(), st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) != 0)
        return sys_error("set the owner of " + path);
    }
  }
  return ok_status();
}

}  // namespace

Status copy_up(int from, int to, const std::string& what) {
  BERTH_TRY_ASSIGN(auto present, entries(to, "the volume at " + what));
  if (!present.empty()) return ok_status();
  UniqueFd source(::openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  UniqueFd volume(::openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!source || !volume) return sys_error("open " + what);
  struct stat st {};
  if (::fstat(source.get(), &st) != 0) return sys_error("stat " + what);
  BERTH_TRY(copy_tree(source.get(), volume.get(), what, 0));
  return copy_attributes(source.get(), volume.get(), st, what);
}

}  // namespace berth::runtime
