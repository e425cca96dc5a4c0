// Visits a directory tree by descriptors alone: no path strings, no symbolic link followed, no mount crossed,
// at any depth.
#pragma once

#include <sys/stat.h>

#include <string>

#include "common/result.h"

namespace berth::unpack {

struct Node {
  int parent_fd;            // -1 for the root itself
  const std::string& name;  // "" for the root itself
  const std::string&
      path;  // from the root, "a/b"; "" for the root itself; only if the visitor asks for paths
  const struct stat& stat;  // of the thing itself, links not followed
  int fd;                   // of a directory, opened for reading; else -1
};

class TreeVisitor {
 public:
  virtual ~TreeVisitor() = default;
  // Every inode once, a directory before what is in it.
  virtual Status enter(const Node& node) = 0;
  // A directory after what is in it. `node.fd` is closed by then.
  virtual Status leave(const Node&) { return ok_status(); }
  // A directory on which something is mounted; it is not entered.
  virtual Status mount_point(const Node&) { return ok_status(); }
  virtual bool wants_paths() const { return false; }
  // Names within a directory in byte order.
  virtual bool wants_order() const { return false; }
};

// Visits the directory behind `root_fd` and all beneath it. What vanishes meanwhile is passed over.
Status walk_tree(int root_fd, TreeVisitor& visitor);

}  // namespace berth::unpack
