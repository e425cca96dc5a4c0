// A directory of the helper's own (ROOT, RUN) and the paths beneath it that other processes name.
#pragma once

#include <string>

#include "common/fd.h"
#include "common/result.h"

namespace berth {

class BaseDirectory {
 public:
  static Result<BaseDirectory> open(const std::string& path);

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

  // The part of an absolute path after this directory; "bad-request" when it does not lie beneath it or has
  // empty, "." or ".." components.
  Result<std::string> relative(const std::string& absolute) const;

  // Opens an absolute path beneath this directory without following any symlink.
  Result<UniqueFd> open_beneath(const std::string& absolute, int flags) const;

  // Opens the parent of `absolute`; `name` becomes the last component.
  Result<UniqueFd> open_parent(const std::string& absolute, std::string* name) const;

 private:
  BaseDirectory(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  UniqueFd fd_;
};

}  // namespace berth
