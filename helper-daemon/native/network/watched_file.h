// A small text file that is read again when it has changed.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace berth::network {

class WatchedFile {
 public:
  explicit WatchedFile(std::string path) : path_(std::move(path)) {}
  // The content if it is new since the last call; "" for a file that has gone. At most 1 MiB is read.
  std::optional<std::string> changed();

 private:
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    timespec modified{};
    bool operator==(const Stamp& other) const {
      return device == other.device && inode == other.inode && size == other.size &&
             modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec;
    }
  };
  std::string path_;
  std::optional<Stamp> seen_;
};

}  // namespace berth::network
