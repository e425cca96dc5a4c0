#include "unpack/pax_records.h"

#include <charconv>

#include "unpack/layer_error.h"

namespace berth::unpack {

namespace {

constexpr size_t kMaxXattrs = 128;
constexpr std::string_view kXattrPrefix = "SCHILY.xattr.";

template <typename T>
std::optional<T> decimal(std::string_view text) {
  T value{};
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Seconds with an optional fraction; digits past nanoseconds are dropped.
std::optional<std::pair<int64_t, uint32_t>> timestamp(std::string_view text) {
  const size_t dot = text.find('.');
  auto seconds = decimal<int64_t>(text.substr(0, dot));
  if (!seconds.has_value()) return std::nullopt;
  uint32_t nanoseconds = 0;
  if (dot != std::string_view::npos) {
    std::string fraction(text.substr(dot + 1, 9));
    fraction.resize(9, '0');
    auto parsed = decimal<uint32_t>(fraction);
    if (!parsed.has_value()) return std::nullopt;
    nanoseconds = *parsed;
  }
  // "-1.25" is a quarter of a second before -1: the kernel wants -2 and the rest upwards.
  if (text.starts_with('-') && nanoseconds > 0) return std::pair{*seconds - 1, 1000000000 - nanoseconds};
  return std::pair{*seconds, nanoseconds};
}

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

Status set_xattr(std::string_view name, std::string_view value, PaxRecords& records) {
  if (name.empty() || name.size() > 255 || has_nul(name))
    return invalid_layer("an extended attribute's name");
  if (value.size() > 65536) return invalid_layer("an extended attribute over 64 KiB", name);
  for (auto& [known, old] : records.xattrs) {
    if (known != name) continue;
    old = value;
    return ok_status();
  }
  if (records.xattrs.size() >= kMaxXattrs)
    return invalid_layer("more than 128 extended attributes on one file");
  records.xattrs.emplace_back(name, value);
  return ok_status();
}

template <typename T>
Status set_number(std::string_view key, std::string_view value, std::optional<T>& target) {
  target = decimal<T>(value);
  if (!target.has_value())
    return invalid_layer("the pax header " + std::string(key) + " is no number", value);
  return ok_status();
}

Status apply(std::string_view key, std::string_view value, PaxRecords& records) {
  // An empty value takes an earlier record back: the header block's own field counts (POSIX).
  if (value.empty() && !key.starts_with(kXattrPrefix)) return ok_status();
  if (key == "path" || key == "linkpath") {
    if (has_nul(value)) return invalid_layer("a name with a NUL byte", value);
    (key == "path" ? records.path : records.linkpath) = std::string(value);
    return ok_status();
  }
  if (key == "size") return set_number(key, value, records.size);
  if (key == "uid") return set_number(key, value, records.uid);
  if (key == "gid") return set_number(key, value, records.gid);
  if (key == "mtime") {
    records.mtime = timestamp(value);
    if (!records.mtime.has_value()) return invalid_layer("the pax header mtime is no time", value);
    return ok_status();
  }
  if (key.starts_with("GNU.sparse."))
    return invalid_layer("it has sparse files, which image layers must not have");
  if (key.starts_with(kXattrPrefix)) return set_xattr(key.substr(kXattrPrefix.size()), value, records);
  return ok_status();
}

}  // namespace

Status parse_pax(std::string_view text, PaxRecords& records) {
  while (!text.empty()) {
    const size_t space = text.find(' ');
    auto length = decimal<size_t>(text.substr(0, space));
    if (space == std::string_view::npos || !length.has_value() || *length > text.size() ||
        *length < space + 3) {
      return invalid_layer("a pax header's length is wrong");
    }
    std::string_view record = text.substr(space + 1, *length - space - 1);
    if (record.back() != '\n') return invalid_layer("a pax header's length is wrong");
    record.remove_suffix(1);
    const size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) return invalid_layer("a pax header without a key");
    BERTH_TRY(apply(record.substr(0, equals), record.substr(equals + 1), records));
    text.remove_prefix(*length);
  }
  return ok_status();
}

}  // namespace berth::unpack
