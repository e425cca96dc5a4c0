#include "runtime/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <string>

#include "common/file.h"
#include "common/log.h"
#include "common/wire.h"

namespace berth::runtime {

namespace {

constexpr size_t kMaxRecord = 16384;

uint64_t unix_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
}

std::string numbered(uint32_t n) {
  return n == 0 ? "log" : "log." + std::to_string(n);
}

// A record ends at a line's end where there is one within reach.
size_t record_length(std::string_view data) {
  if (data.size() <= kMaxRecord) return data.size();
  size_t newline = data.rfind('\n', kMaxRecord - 1);
  return newline == std::string_view::npos ? kMaxRecord : newline + 1;
}

}  // namespace

Result<LogFile> LogFile::open(int directory, uint64_t max_size, uint32_t max_files) {
  LogFile log(directory, max_size, max_files);
  if (max_files > 0) BERTH_TRY(log.reopen());
  return log;
}

Status LogFile::reopen() {
  file_.reset(::openat(directory_, "log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_) return sys_error("open the container's log");
  struct stat st {};
  if (::fstat(file_.get(), &st) != 0) return sys_error("stat the container's log");
  size_ = static_cast<uint64_t>(st.st_size);
  return ok_status();
}

void LogFile::rotate() {
  for (uint32_t n = max_files_ - 1; n > 0; --n)
    (void)::renameat(directory_, numbered(n - 1).c_str(), directory_, numbered(n).c_str());
  if (max_files_ == 1) (void)::unlinkat(directory_, "log", 0);
  Status opened = reopen();
  if (!opened.ok()) log_line(LogLevel::kError, opened.error().message);
}

void LogFile::append(uint8_t stream, std::string_view data) {
  if (!file_ || data.empty()) return;
  if (max_size_ != 0 && size_ >= max_size_) rotate();
  uint64_t now = unix_nanoseconds();
  Writer records;
  while (!data.empty()) {
    std::string_view record = data.substr(0, record_length(data));
    records.u64(now);
    records.u8(stream);
    records.str(record);
    data.remove_prefix(record.size());
  }
  Status written = file_ ? write_all(file_.get(), records.data()) : ok_status();
  if (written.ok()) {
    size_ += records.data().size();
    return;
  }
  // A record that is cut short would make the rest unreadable.
  if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0 || !reported_)
    log_line(LogLevel::kError, "the container's log loses output: " + written.error().message);
  reported_ = true;
}

}  // namespace berth::runtime
