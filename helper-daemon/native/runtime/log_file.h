// A container's log: records of PROTOCOL.md in containerDir/log, rotated by size.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/fd.h"
#include "common/result.h"

namespace berth::runtime {

class LogFile {
 public:
  // `max_files` 0 = no log. `directory` stays the caller's.
  static Result<LogFile> open(int directory, uint64_t max_size, uint32_t max_files);

  // Appends output; a failed write (a full disk) loses that output for the log and is reported once.
  void append(uint8_t stream, std::string_view data);

 private:
  LogFile(int directory, uint64_t max_size, uint32_t max_files)
      : directory_(directory), max_size_(max_size), max_files_(max_files) {}
  Status reopen();
  void rotate();

  int directory_;
  uint64_t max_size_;
  uint32_t max_files_;
  UniqueFd file_;
  uint64_t size_ = 0;
  bool reported_ = false;
};

}  // namespace berth::runtime
