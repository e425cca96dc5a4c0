// Reads a tar archive from a descriptor, member by member. Nothing in it is believed before it is checked.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "unpack/pax_records.h"
#include "unpack/tar_format.h"

namespace berth::unpack {

class TarReader {
 public:
  // `max_headers` bounds members and their extension headers together; passing it is "layer-too-large".
  TarReader(int fd, uint64_t max_headers) : fd_(fd), max_headers_(max_headers), buffer_(kBufferSize) {}

  // The next member, or nothing at the archive's end. What is left of the last member's content is skipped.
  Result<std::optional<Entry>> next();
  // A piece of the current member's content, valid until the next call; empty at its end.
  Result<std::string_view> content();
  // Reads on to the end of the descriptor, so that its writer does not get EPIPE for padding behind the
  // archive.
  Status drain();

 private:
  static constexpr size_t kBufferSize = 1 << 20;

  // True if at least one byte is in the buffer; false at the end of the input.
  Result<bool> fill();
  Status skip(uint64_t bytes);
  // False at a clean end of the input, an error in the middle of a block.
  Result<bool> read_header(RawHeader& header);
  Result<std::string> read_extension(const RawHeader& header);
  Result<Entry> make_entry(const RawHeader& header, PaxRecords& pax);

  int fd_;
  uint64_t max_headers_;
  uint64_t headers_ = 0;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t content_left_ = 0;
  uint64_t padding_ = 0;
};

}  // namespace berth::unpack
