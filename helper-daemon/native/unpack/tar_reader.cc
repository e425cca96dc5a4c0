#include "unpack/tar_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "unpack/layer_error.h"

namespace berth::unpack {

namespace {

// Go's archive/tar has the same bound for what a reader must hold in memory.
constexpr uint64_t kMaxExtension = 1 << 20;
constexpr uint64_t kMaxSize = uint64_t{1} << 62;

uint64_t padding_of(uint64_t size) {
  return (kBlock - size % kBlock) % kBlock;
}

Result<uint64_t> unsigned_field(std::string_view bytes, uint64_t max, const char* what,
                                std::string_view entry) {
  auto value = parse_number(bytes);
  if (!value.has_value() || *value < 0 || static_cast<uint64_t>(*value) > max) {
    return invalid_layer(std::string("its ") + what + " is out of range", entry);
  }
  return static_cast<uint64_t>(*value);
}

std::optional<Type> type_of(char flag, std::string_view name) {
  switch (flag) {
    case '\0':
    case '0':
    case '7':
      // Before POSIX a directory was a file whose name ends in a slash.
      return name.ends_with('/') ? Type::kDirectory : Type::kFile;
    case '1':
      return Type::kHardLink;
    case '2':
      return Type::kSymlink;
    case '3':
      return Type::kCharacter;
    case '4':
      return Type::kBlockDevice;
    case '5':
      return Type::kDirectory;
    case '6':
      return Type::kFifo;
    default:
      return std::nullopt;
  }
}

std::string name_in(const RawHeader& header) {
  std::string name(text_field(field(header.name)));
  // GNU's own format keeps other things where ustar has the prefix.
  const bool ustar = std::memcmp(header.magic, "ustar\0", 6) == 0;
  std::string prefix(ustar ? text_field(field(header.prefix)) : std::string_view{});
  return prefix.empty() ? name : prefix + "/" + name;
}

}  // namespace

Result<bool> TarReader::fill() {
  if (begin_ < end_) return true;
  begin_ = end_ = 0;
  for (;;) {
    ssize_t n = read(fd_, buffer_.data(), buffer_.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return sys_error("read the layer");
    end_ = static_cast<size_t>(n);
    return n > 0;
  }
}

Status TarReader::skip(uint64_t bytes) {
  while (bytes > 0) {
    BERTH_TRY_ASSIGN(bool more, fill());
    if (!more) return invalid_layer("it ends in the middle");
    const uint64_t step = std::min<uint64_t>(bytes, end_ - begin_);
    begin_ += step;
    bytes -= step;
  }
  return ok_status();
}

Result<bool> TarReader::read_header(RawHeader& header) {
  size_t got = 0;
  while (got < kBlock) {
    BERTH_TRY_ASSIGN(bool more, fill());
    if (!more && got == 0) return false;
    if (!more) return invalid_layer("it ends in the middle");
    const size_t step = std::min(kBlock - got, end_ - begin_);
    std::memcpy(reinterpret_cast<char*>(&header) + got, buffer_.data() + begin_, step);
    begin_ += step;
    got += step;
  }
  return true;
}

Result<std::string_view> TarReader::content() {
  if (content_left_ == 0) return std::string_view{};
  BERTH_TRY_ASSIGN(bool more, fill());
  if (!more) return invalid_layer("it ends in the middle");
  const size_t step = std::min<uint64_t>(content_left_, end_ - begin_);
  std::string_view piece(buffer_.data() + begin_, step);
  begin_ += step;
  content_left_ -= step;
  return piece;
}

Result<std::string> TarReader::read_extension(const RawHeader& header) {
  BERTH_TRY_ASSIGN(uint64_t size, unsigned_field(field(header.size), kMaxSize, "extension's size", {}));
  if (size > kMaxExtension) return invalid_layer("a header of more than 1 MiB");
  content_left_ = size;
  std::string text;
  text.reserve(size);
  while (content_left_ > 0) {
    BERTH_TRY_ASSIGN(std::string_view piece, content());
    text += piece;
  }
  BERTH_TRY(skip(padding_of(size)));
  return text;
}

Result<std::optional<Entry>> TarReader::next() {
  BERTH_TRY(skip(content_left_));
  BERTH_TRY(skip(padding_));
  content_left_ = padding_ = 0;
  PaxRecords pax;
  for (;;) {
    RawHeader header;
    BERTH_TRY_ASSIGN(bool more, read_header(header));
    if (!more || is_zero_block(header)) return std::optional<Entry>{};
    if (!checksum_matches(header)) return invalid_layer("a header's checksum is wrong");
    if (++headers_ > max_headers_)
      return layer_too_large("more than " + std::to_string(max_headers_) + " entries");
    switch (header.type) {
      case 'x': {
        BERTH_TRY_ASSIGN(std::string text, read_extension(header));
        BERTH_TRY(parse_pax(text, pax));
        break;
      }
      case 'g': {
        // Defaults for the whole archive (git archive writes a comment); other unpackers ignore them as well.
        BERTH_TRY_ASSIGN(std::string ignored, read_extension(header));
        break;
      }
      case 'L':
      case 'K': {
        BERTH_TRY_ASSIGN(std::string text, read_extension(header));
        (header.type == 'L' ? pax.path : pax.linkpath) = std::string(text_field(text));
        break;
      }
      default: {
        BERTH_TRY_ASSIGN(Entry entry, make_entry(header, pax));
        return std::optional<Entry>(std::move(entry));
      }
    }
  }
}

Result<Entry> TarReader::make_entry(const RawHeader& header, PaxRecords& pax) {
  Entry entry;
  entry.name = pax.path.has_value() ? std::move(*pax.path) : name_in(header);
  entry.link =
      pax.linkpath.has_value() ? std::move(*pax.linkpath) : std::string(text_field(field(header.link)));
  auto type = type_of(header.type, entry.name);
  if (!type.has_value()) {
    return invalid_layer(header.type == 'S' ? "it has sparse files, which image layers must not have"
                                            : "an entry of an unknown type",
                         entry.name);
  }
  entry.type = *type;
  BERTH_TRY_ASSIGN(uint64_t mode, unsigned_field(field(header.mode), UINT32_MAX, "mode", entry.name));
  entry.mode = static_cast<uint32_t>(mode) & 07777;
  // The last id stands for "none" in the kernel's calls.
  BERTH_TRY_ASSIGN(uint64_t uid, pax.uid.has_value()
                                     ? Result<uint64_t>(*pax.uid)
                                     : unsigned_field(field(header.uid), UINT32_MAX, "owner", entry.name));
  BERTH_TRY_ASSIGN(uint64_t gid, pax.gid.has_value()
                                     ? Result<uint64_t>(*pax.gid)
                                     : unsigned_field(field(header.gid), UINT32_MAX, "group", entry.name));
  if (uid == UINT32_MAX || gid == UINT32_MAX) return invalid_layer("its owner is out of range", entry.name);
  entry.uid = static_cast<uint32_t>(uid);
  entry.gid = static_cast<uint32_t>(gid);
  BERTH_TRY_ASSIGN(uint64_t size, pax.size.has_value()
                                      ? Result<uint64_t>(*pax.size)
                                      : unsigned_field(field(header.size), kMaxSize, "size", entry.name));
  if (size > kMaxSize) return invalid_layer("its size is out of range", entry.name);
  if (pax.mtime.has_value()) {
    std::tie(entry.mtime, entry.mtime_nanoseconds) = *pax.mtime;
  } else {
    auto mtime = parse_number(field(header.mtime));
    if (!mtime.has_value()) return invalid_layer("its time is out of range", entry.name);
    entry.mtime = *mtime;
  }
  if (entry.type == Type::kCharacter || entry.type == Type::kBlockDevice) {
    // What the kernel's dev_t has room for: 12 and 20 bits.
    BERTH_TRY_ASSIGN(uint64_t major, unsigned_field(field(header.major), 0xfff, "device number", entry.name));
    BERTH_TRY_ASSIGN(uint64_t minor,
                     unsigned_field(field(header.minor), 0xfffff, "device number", entry.name));
    entry.major = static_cast<uint32_t>(major);
    entry.minor = static_cast<uint32_t>(minor);
  }
  entry.xattrs = std::move(pax.xattrs);
  // Only files have content; links and directories may state a size (hard links do), which nothing follows.
  if (entry.type == Type::kFile) {
    entry.size = size;
    content_left_ = size;
    padding_ = padding_of(size);
  }
  return entry;
}

Status TarReader::drain() {
  for (;;) {
    begin_ = end_;
    BERTH_TRY_ASSIGN(bool more, fill());
    if (!more) return ok_status();
  }
}

}  // namespace berth::unpack
