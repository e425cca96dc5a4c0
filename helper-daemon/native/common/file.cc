#include "common/file.h"

#include <sys/stat.h>

#include <array>

#include "common/syscalls.h"

namespace berth {

Status write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return sys_error("write");
    data.remove_prefix(static_cast<size_t>(n));
  }
  return ok_status();
}

Result<std::string> read_all(int fd, size_t max_bytes, const std::string& what) {
  std::string data;
  std::array<char, 16384> buffer{};
  for (;;) {
    ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return sys_error("read " + what);
    if (n == 0) return data;
    data.append(buffer.data(), static_cast<size_t>(n));
    if (data.size() > max_bytes) return sys_error("read " + what, EFBIG);
  }
}

Result<std::string> read_file_at(int dir, const std::string& path, size_t max_bytes) {
  UniqueFd fd(::openat(dir, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return sys_error("open " + path);
  return read_all(fd.get(), max_bytes, path);
}

Status write_control(int dir, const std::string& path, std::string_view value) {
  UniqueFd fd(::openat(dir, path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return sys_error("open " + path);
  ssize_t n = ::write(fd.get(), value.data(), value.size());
  if (n < 0) return sys_error("write \"" + std::string(value.substr(0, 200)) + "\" into " + path);
  if (static_cast<size_t>(n) != value.size()) return sys_error("write " + path, EIO);
  return ok_status();
}

Status write_file_at(int dir, const std::string& name, std::string_view data, mode_t mode) {
  UniqueFd fd(::openat(dir, name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return sys_error("create " + name);
  if (::fchmod(fd.get(), mode) != 0) return sys_error("chmod " + name);
  return write_all(fd.get(), data);
}

Result<std::string> read_untrusted_file(int root, const std::string& path, size_t max_bytes) {
  UniqueFd fd(openat2(root, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                      RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
  if (!fd) return sys_error("open " + path);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return sys_error("stat " + path);
  if (!S_ISREG(st.st_mode)) return Error{"EINVAL", path + " is not a regular file", EINVAL};
  if (static_cast<uint64_t>(st.st_size) > max_bytes) return sys_error("read " + path, EFBIG);
  return read_all(fd.get(), max_bytes, path);
}

Result<UniqueFd> make_directories(int dir, const std::string& path, mode_t mode) {
  UniqueFd at(::openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!at) return sys_error("open directory");
  size_t start = 0;
  while (start < path.size()) {
    size_t end = path.find('/', start);
    if (end == std::string::npos) end = path.size();
    std::string name = path.substr(start, end - start);
    start = end + 1;
    if (name.empty() || name == ".") continue;
    if (name == "..") return Error{"bad-request", "a path may not contain \"..\": " + path, EINVAL};
    if (::mkdirat(at.get(), name.c_str(), mode) != 0 && errno != EEXIST) return sys_error("mkdir " + path);
    UniqueFd next(::openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!next) return sys_error("open directory " + path);
    at = std::move(next);
  }
  return at;
}

}  // namespace berth
