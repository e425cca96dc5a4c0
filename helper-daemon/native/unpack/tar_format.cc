#include "unpack/tar_format.h"

#include <algorithm>

namespace berth::unpack {

namespace {

std::optional<int64_t> parse_base256(std::string_view field) {
  const bool negative = (static_cast<unsigned char>(field[0]) & 0x40) != 0;
  const uint64_t fill = negative ? UINT64_MAX : 0;
  uint64_t value = fill;
  for (size_t i = 0; i < field.size(); ++i) {
    auto byte = static_cast<unsigned char>(field[i]);
    // The first byte's top bit says "base 256"; it is no part of the number, its sign bit takes its place.
    if (i == 0) byte = static_cast<unsigned char>(negative ? byte | 0x80 : byte & 0x7f);
    // What is shifted out must be nothing but sign.
    if ((value >> 55) != (fill >> 55)) return std::nullopt;
    value = (value << 8) | byte;
  }
  return static_cast<int64_t>(value);
}

}  // namespace

std::optional<int64_t> parse_number(std::string_view field) {
  if (field.empty()) return 0;
  if ((static_cast<unsigned char>(field[0]) & 0x80) != 0) return parse_base256(field);
  while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
  int64_t value = 0;
  size_t digits = 0;
  for (; digits < field.size() && field[digits] >= '0' && field[digits] <= '7'; ++digits) {
    if (value > (INT64_MAX >> 3)) return std::nullopt;
    value = value * 8 + (field[digits] - '0');
  }
  // Only blanks and NULs may follow, and an empty field counts as 0 as it does for GNU tar.
  for (char c : field.substr(digits)) {
    if (c == '\0') break;
    if (c != ' ') return std::nullopt;
  }
  return value;
}

std::string_view text_field(std::string_view field) {
  return field.substr(0, field.find('\0'));
}

bool checksum_matches(const RawHeader& header) {
  auto stored = parse_number(field(header.checksum));
  if (!stored.has_value()) return false;
  std::string_view bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  const size_t begin = offsetof(RawHeader, checksum);
  const size_t end = begin + sizeof(header.checksum);
  int64_t as_unsigned = 0;
  int64_t as_signed = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char c = i >= begin && i < end ? ' ' : bytes[i];
    as_unsigned += static_cast<unsigned char>(c);
    as_signed += static_cast<signed char>(c);
  }
  return *stored == as_unsigned || *stored == as_signed;
}

bool is_zero_block(const RawHeader& header) {
  std::string_view bytes(reinterpret_cast<const char*>(&header), sizeof(header));
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

}  // namespace berth::unpack
