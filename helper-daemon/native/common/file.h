// Whole small files by descriptor, and nothing that could be fooled by a special file.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "common/fd.h"
#include "common/result.h"

namespace berth {

// Writes all bytes, going on after short writes and EINTR.
Status write_all(int fd, std::string_view data);

// Reads to the end of the file; more than `max_bytes` is the error EFBIG. `what` names the file in errors.
Result<std::string> read_all(int fd, size_t max_bytes, const std::string& what);

// Opens, reads and closes. Only for trusted trees (/proc, /sys, our own directories).
Result<std::string> read_file_at(int dir, const std::string& path, size_t max_bytes);

// One write(2) of `value` into an existing control file (procfs, cgroupfs, sysfs).
Status write_control(int dir, const std::string& path, std::string_view value);

// Creates or replaces a small file of ours.
Status write_file_at(int dir, const std::string& name, std::string_view data, mode_t mode);

// Opens for reading inside `root`, wherever symlinks lead within it. Only a regular file of at most
// `max_bytes` is accepted: an image may put a FIFO or a link to a device there. ENOENT when absent, EINVAL
// when of another type.
Result<std::string> read_untrusted_file(int root, const std::string& path, size_t max_bytes);

// Opens the directory `path` beneath `dir`, creating missing components with `mode`.
Result<UniqueFd> make_directories(int dir, const std::string& path, mode_t mode);

}  // namespace berth
