// Finds (and makes) the directories of a layer: always inside its root, whatever symbolic links the layer
// has.
#pragma once

#include <list>
#include <string>
#include <unordered_map>

#include "common/fd.h"
#include "common/result.h"

namespace berth::unpack {

class DirectoryResolver {
 public:
  explicit DirectoryResolver(int root_fd) : root_fd_(root_fd) {}

  // A descriptor of the directory `path` ("" = the root), valid until the next call. Missing directories are
  // made (root's, 0755) if `make` is set, else the error is ENOENT. Symbolic links are followed as if the
  // layer's root were "/".
  Result<int> open(const std::string& path, bool make);
  // To be called when anything but a regular file was replaced: what paths mean may have changed.
  void forget();

 private:
  Result<UniqueFd> open_fast(const std::string& path) const;
  Result<UniqueFd> open_slowly(const std::string& path, bool make) const;

  struct Cached {
    std::string path;
    UniqueFd fd;
  };
  int root_fd_;
  std::list<Cached> recent_;  // most recent first
  std::unordered_map<std::string, std::list<Cached>::iterator> by_path_;
};

// Makes an empty directory stand for "nothing from below": overlay's opaque mark.
Status make_opaque(int directory_fd);
// Whether the (unfollowed) thing is overlay's whiteout, a character device 0:0.
bool is_whiteout(int parent_fd, const std::string& name);

}  // namespace berth::unpack
