#include "unpack/directory_resolver.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <climits>
#include <deque>
#include <vector>

#include "unpack/layer_error.h"

namespace berth::unpack {

namespace {

constexpr size_t kCachedDirectories = 64;
// As the kernel's MAXSYMLINKS.
constexpr int kMaxLinks = 40;

void push_parts(std::deque<std::string>& work, std::string_view path) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= path.size();) {
    const size_t slash = std::min(path.find('/', at), path.size());
    if (slash > at) parts.emplace_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  work.insert(work.begin(), parts.begin(), parts.end());
}

UniqueFd open_directory(int parent, const std::string& name) {
  return UniqueFd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Result<UniqueFd> make_directory(int parent, const std::string& name) {
  if (mkdirat(parent, name.c_str(), 0755) != 0) return sys_error("mkdirat " + printable(name));
  UniqueFd made = open_directory(parent, name);
  if (!made) return sys_error("openat " + printable(name));
  if (fchmod(made.get(), 0755) != 0) return sys_error("fchmod " + printable(name));
  return made;
}

}  // namespace

Status make_opaque(int directory_fd) {
  if (fsetxattr(directory_fd, "trusted.overlay.opaque", "y", 1, 0) != 0)
    return sys_error("fsetxattr trusted.overlay.opaque");
  return ok_status();
}

bool is_whiteout(int parent_fd, const std::string& name) {
  struct stat stat {};
  return fstatat(parent_fd, name.c_str(), &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(stat.st_mode) &&
         stat.st_rdev == 0;
}

void DirectoryResolver::forget() {
  by_path_.clear();
  recent_.clear();
}

Result<int> DirectoryResolver::open(const std::string& path, bool make) {
  if (path.empty()) return root_fd_;
  if (auto found = by_path_.find(path); found != by_path_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return recent_.front().fd.get();
  }
  auto opened = open_fast(path);
  if (!opened.ok()) opened = open_slowly(path, make);
  if (!opened.ok()) return opened.error();
  if (recent_.size() >= kCachedDirectories) {
    by_path_.erase(recent_.back().path);
    recent_.pop_back();
  }
  recent_.push_front(Cached{path, opened.take()});
  by_path_[path] = recent_.begin();
  return recent_.front().fd.get();
}

Result<UniqueFd> DirectoryResolver::open_fast(const std::string& path) const {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  long fd = syscall(SYS_openat2, root_fd_, path.c_str(), &how, sizeof(how));
  if (fd >= 0) return UniqueFd(static_cast<int>(fd));
  return sys_error("openat2 " + printable(path));
}

// One component at a time, with the descriptors of all directories above it, so that ".." in a link's target
// never looks anything up.
Result<UniqueFd> DirectoryResolver::open_slowly(const std::string& path, bool make) const {
  std::deque<std::string> work;
  push_parts(work, path);
  std::vector<UniqueFd> above;
  int links = 0;
  while (!work.empty()) {
    std::string part = std::move(work.front());
    work.pop_front();
    if (part == ".") continue;
    if (part == "..") {
      if (!above.empty()) above.pop_back();
      continue;
    }
    const int here = above.empty() ? root_fd_ : above.back().get();
    UniqueFd next = open_directory(here, part);
    if (!next && (errno == ELOOP || errno == ENOTDIR)) {
      std::array<char, PATH_MAX> target{};
      const ssize_t length = readlinkat(here, part.c_str(), target.data(), target.size());
      if (length >= 0) {
        if (++links > kMaxLinks) return invalid_layer("too many symbolic links", path);
        if (target[0] == '/') above.clear();
        push_parts(work, {target.data(), static_cast<size_t>(length)});
        continue;
      }
      if (!make || !is_whiteout(here, part)) return invalid_layer("a directory on the way is none", path);
      // The layer hides something and puts a directory in its place.
      if (unlinkat(here, part.c_str(), 0) != 0) return sys_error("unlinkat " + printable(part));
      BERTH_TRY_ASSIGN(next, make_directory(here, part));
      BERTH_TRY(make_opaque(next.get()));
    } else if (!next && errno == ENOENT && make) {
      BERTH_TRY_ASSIGN(next, make_directory(here, part));
    } else if (!next) {
      return sys_error("openat " + printable(part));
    }
    above.push_back(std::move(next));
  }
  if (!above.empty()) return std::move(above.back());
  UniqueFd root(fcntl(root_fd_, F_DUPFD_CLOEXEC, 0));
  if (!root) return sys_error("fcntl F_DUPFD_CLOEXEC");
  return root;
}

}  // namespace berth::unpack
