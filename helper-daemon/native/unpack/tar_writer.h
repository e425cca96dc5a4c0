// Writes a pax archive to a descriptor. What fits ustar's fields goes there, the rest into extended headers.
#pragma once

#include <string>
#include <string_view>

#include "common/result.h"
#include "unpack/tar_format.h"

namespace berth::unpack {

class TarWriter {
 public:
  explicit TarWriter(int fd) : fd_(fd) {}
  Status header(const Entry& entry);
  // Exactly `size` bytes of `file`, and the padding. A file that has become shorter is filled up with zeros.
  Status content(int file, uint64_t size);
  // The end of the archive.
  Status finish();

 private:
  Status write_extension(const std::string& records);
  Status put(std::string_view bytes);
  Status flush();

  int fd_;
  std::string buffer_;
};

}  // namespace berth::unpack
