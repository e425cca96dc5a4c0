#include "common/base_directory.h"

#include "common/syscalls.h"

namespace berth {

namespace {
constexpr uint64_t kBeneath = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
}

Result<BaseDirectory> BaseDirectory::open(const std::string& path) {
  if (path.empty() || path.front() != '/')
    return Error{"bad-request", "the directory must be absolute: " + path, EINVAL};
  UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return sys_error("open " + path);
  std::string trimmed = path;
  while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
  return BaseDirectory(trimmed, std::move(fd));
}

Result<std::string> BaseDirectory::relative(const std::string& absolute) const {
  Error outside{"bad-request", absolute + " does not lie beneath " + path_, EINVAL};
  if (absolute.find('\0') != std::string::npos) return outside;
  if (absolute.compare(0, path_.size() + 1, path_ + "/") != 0) return outside;
  std::string rest = absolute.substr(path_.size() + 1);
  size_t start = 0;
  while (start <= rest.size()) {
    size_t end = rest.find('/', start);
    if (end == std::string::npos) end = rest.size();
    std::string part = rest.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") return outside;
    start = end + 1;
  }
  return rest;
}

Result<UniqueFd> BaseDirectory::open_beneath(const std::string& absolute, int flags) const {
  BERTH_TRY_ASSIGN(std::string rest, relative(absolute));
  UniqueFd fd(openat2(fd_.get(), rest.c_str(), static_cast<uint64_t>(flags) | O_CLOEXEC, kBeneath));
  if (!fd) return sys_error("open " + absolute);
  return fd;
}

Result<UniqueFd> BaseDirectory::open_parent(const std::string& absolute, std::string* name) const {
  BERTH_TRY_ASSIGN(std::string rest, relative(absolute));
  size_t slash = rest.rfind('/');
  *name = slash == std::string::npos ? rest : rest.substr(slash + 1);
  std::string parent = slash == std::string::npos ? "." : rest.substr(0, slash);
  UniqueFd fd(openat2(fd_.get(), parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, kBeneath));
  if (!fd) return sys_error("open the parent of " + absolute);
  return fd;
}

}  // namespace berth
