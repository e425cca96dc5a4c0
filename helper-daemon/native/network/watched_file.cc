#include "network/watched_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "common/fd.h"

namespace berth::network {

namespace {

constexpr size_t kMaxBytes = 1 << 20;

}  // namespace

std::optional<std::string> WatchedFile::changed() {
  struct stat stat {};
  Stamp now;
  if (::stat(path_.c_str(), &stat) == 0) now = Stamp{stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtim};
  if (seen_.has_value() && *seen_ == now) return std::nullopt;
  seen_ = now;
  std::string text;
  UniqueFd file(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  while (file && text.size() < kMaxBytes) {
    char piece[4096];
    const ssize_t n = read(file.get(), piece, sizeof(piece));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text.append(piece, static_cast<size_t>(n));
  }
  return text;
}

}  // namespace berth::network
