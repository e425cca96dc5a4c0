// Trees on disk: unpacking a layer, streaming one as a tar, removing, measuring, giving ownership.
// Each function runs in the calling process; the warden calls them in a confined child (confine_to_directory
// first).
#pragma once

#include <cstdint>
#include <string>

#include "common/fd.h"
#include "common/result.h"

namespace berth::unpack {

struct Limits {
  uint64_t max_bytes = 0;  // of file content
  uint64_t max_entries = 0;
};
struct Totals {
  uint64_t entries = 0;
  uint64_t bytes = 0;
};

// For a freshly forked child: own mount namespace with `directory_fd` as its root, capabilities cut to CHOWN,
// DAC_OVERRIDE, FOWNER, FSETID, SETFCAP, MKNOD, SYS_ADMIN only where trusted xattrs need it, a seccomp filter
// without exec, sockets or mount. After it the directory is "/". Only the descriptors 0-2 and those in `keep`
// stay open.
Status confine_to_directory(int directory_fd, const int* keep, size_t keep_count);

// Reads an uncompressed tar (ustar, pax, GNU names; sparse refused) from `tar_fd` and makes its tree beneath
// `root_fd`. OCI whiteouts become overlay whiteouts (char 0:0) and trusted.overlay.opaque; overlay xattrs in
// the archive are dropped. Names are resolved inside the root (openat2 RESOLVE_IN_ROOT); hard links inside
// the layer; error codes "layer-invalid", "layer-too-large".
Result<Totals> unpack_tar(int tar_fd, int root_fd, const Limits& limits);

// Writes the tree beneath `root_fd` as a pax tar to `out_fd`; overlay whiteouts become `.wh.` entries, names
// sorted.
Result<Totals> tar_tree(int root_fd, int out_fd);

// Removes everything beneath and including `name` in `parent_fd`; crosses no mount, follows no symlink.
// Returns freed bytes.
Result<uint64_t> remove_tree(int parent_fd, const std::string& name);

Result<Totals> measure_tree(int root_fd);

// Gives every inode beneath `root_fd` whose uid or gid lies in [base, base+size) to uid:gid. Returns the
// count.
Result<uint64_t> own_tree(int root_fd, uint32_t base, uint32_t size, uint32_t uid, uint32_t gid);

}  // namespace berth::unpack
