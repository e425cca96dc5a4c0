// Makes the members of an archive beneath a directory that nobody else writes to.
#pragma once

#include <map>
#include <string>

#include "common/result.h"
#include "unpack/directory_resolver.h"
#include "unpack/layer_path.h"
#include "unpack/tar_reader.h"

namespace berth::unpack {

class LayerWriter {
 public:
  explicit LayerWriter(int root_fd) : root_fd_(root_fd), directories_(root_fd) {}

  // Makes one member; the content of a file is taken from `reader`. What was there before is replaced, but
  // for a directory by a directory.
  Status add(const Entry& entry, TarReader& reader);
  // Directories' times, which every file made in them has changed.
  Status finish();

 private:
  Status add_special_name(const Entry& entry, const LayerPath& path, bool& handled);
  Status add_whiteout(const LayerPath& path);
  Status add_file(const Entry& entry, const LayerPath& path, int parent, TarReader& reader);
  Status add_directory(const Entry& entry, const LayerPath& path, int parent);
  Status add_root(const Entry& entry);
  Status add_symlink(const Entry& entry, const LayerPath& path, int parent);
  Status add_hard_link(const Entry& entry, const LayerPath& path);
  Status add_node(const Entry& entry, const LayerPath& path, int parent);
  // Owner, mode, attributes (in this order: changing the owner clears set-id bits and capabilities).
  Status set_metadata(int fd, const Entry& entry);
  Status make_room(int parent, const std::string& name);

  struct Times {
    int64_t seconds;
    uint32_t nanoseconds;
  };
  int root_fd_;
  DirectoryResolver directories_;
  std::map<std::string, Times> directory_times_;
};

}  // namespace berth::unpack
