#include "unpack/tar_writer.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace berth::unpack {

namespace {

constexpr size_t kFlushAt = size_t{256} * 1024;

char type_flag(Type type) {
  switch (type) {
    case Type::kFile:
      return '0';
    case Type::kHardLink:
      return '1';
    case Type::kSymlink:
      return '2';
    case Type::kCharacter:
      return '3';
    case Type::kBlockDevice:
      return '4';
    case Type::kDirectory:
      return '5';
    case Type::kFifo:
      return '6';
  }
  return '0';
}

// False if the number does not fit; the field is 0 then.
template <size_t N>
bool put_octal(char (&target)[N], uint64_t value) {
  const bool fits = value < (uint64_t{1} << (3 * (N - 1)));
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%0*llo", static_cast<int>(N - 1),
                static_cast<unsigned long long>(fits ? value : 0));
  std::memcpy(target, text.data(), N - 1);
  target[N - 1] = '\0';
  return fits;
}

template <size_t N>
bool put_text(char (&target)[N], std::string_view text) {
  std::memcpy(target, text.data(), std::min(N, text.size()));
  return text.size() <= N;
}

void add_record(std::string& records, std::string_view key, std::string_view value) {
  const size_t rest = key.size() + value.size() + 3;  // blank, "=", newline
  size_t length = rest + 1;
  // The length counts its own digits.
  while (std::to_string(length).size() + rest != length) length = std::to_string(length).size() + rest;
  records += std::to_string(length) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

void seal(RawHeader& header, char type) {
  header.type = type;
  std::memcpy(header.magic, "ustar\0", 6);
  std::memcpy(header.version, "00", 2);
  std::memset(header.checksum, ' ', sizeof(header.checksum));
  uint64_t sum = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&header);
  for (size_t i = 0; i < sizeof(header); ++i) sum += bytes[i];
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%06llo", static_cast<unsigned long long>(sum));
  std::memcpy(header.checksum, text.data(), 7);
}

std::string_view bytes_of(const RawHeader& header) {
  return {reinterpret_cast<const char*>(&header), sizeof(header)};
}

std::string padding_for(uint64_t size) {
  return std::string((kBlock - size % kBlock) % kBlock, '\0');
}

}  // namespace

Status TarWriter::header(const Entry& entry) {
  RawHeader header{};
  std::string records;
  if (!put_text(header.name, entry.name)) add_record(records, "path", entry.name);
  if (!put_text(header.link, entry.link)) add_record(records, "linkpath", entry.link);
  put_octal(header.mode, entry.mode);
  if (!put_octal(header.uid, entry.uid)) add_record(records, "uid", std::to_string(entry.uid));
  if (!put_octal(header.gid, entry.gid)) add_record(records, "gid", std::to_string(entry.gid));
  if (!put_octal(header.size, entry.size)) add_record(records, "size", std::to_string(entry.size));
  const bool plain_time = entry.mtime >= 0 && put_octal(header.mtime, static_cast<uint64_t>(entry.mtime));
  if (!plain_time || entry.mtime_nanoseconds != 0) {
    // Before 1970 the nanoseconds count upwards from the earlier second; pax wants one signed decimal number.
    const bool negative = entry.mtime < 0 && entry.mtime_nanoseconds != 0;
    const int64_t seconds = negative ? entry.mtime + 1 : entry.mtime;
    const uint32_t nanoseconds = negative ? 1000000000 - entry.mtime_nanoseconds : entry.mtime_nanoseconds;
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%s%lld.%09u", negative && seconds == 0 ? "-" : "",
                  static_cast<long long>(seconds), nanoseconds);
    add_record(records, "mtime", text.data());
  }
  for (const auto& [name, value] : entry.xattrs) add_record(records, "SCHILY.xattr." + name, value);
  put_octal(header.major, entry.major);
  put_octal(header.minor, entry.minor);
  if (!records.empty()) BERTH_TRY(write_extension(records));
  seal(header, type_flag(entry.type));
  return put(bytes_of(header));
}

Status TarWriter::write_extension(const std::string& records) {
  RawHeader header{};
  put_text(header.name, "PaxHeader");
  put_octal(header.mode, 0644);
  put_octal(header.uid, 0);
  put_octal(header.gid, 0);
  put_octal(header.size, records.size());
  put_octal(header.mtime, 0);
  seal(header, 'x');
  BERTH_TRY(put(bytes_of(header)));
  BERTH_TRY(put(records));
  return put(padding_for(records.size()));
}

Status TarWriter::content(int file, uint64_t size) {
  std::string piece(kFlushAt, '\0');
  for (uint64_t left = size; left > 0;) {
    ssize_t n = read(file, piece.data(), std::min<uint64_t>(left, piece.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return sys_error("read a file of the tree");
    if (n == 0) {
      n = static_cast<ssize_t>(std::min<uint64_t>(left, piece.size()));
      std::fill_n(piece.begin(), n, '\0');
    }
    BERTH_TRY(put({piece.data(), static_cast<size_t>(n)}));
    left -= static_cast<uint64_t>(n);
  }
  return put(padding_for(size));
}

Status TarWriter::finish() {
  BERTH_TRY(put(std::string(2 * kBlock, '\0')));
  return flush();
}

Status TarWriter::put(std::string_view bytes) {
  buffer_ += bytes;
  return buffer_.size() >= kFlushAt ? flush() : ok_status();
}

Status TarWriter::flush() {
  for (std::string_view left = buffer_; !left.empty();) {
    const ssize_t n = write(fd_, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return sys_error("write the archive");
    left.remove_prefix(static_cast<size_t>(n));
  }
  buffer_.clear();
  return ok_status();
}

}  // namespace berth::unpack
