// The 512-byte header block of a tar archive (POSIX.1-2017 pax, "ustar Interchange Format"; GNU extensions).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::unpack {

constexpr size_t kBlock = 512;

struct RawHeader {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[6];
  char version[2];
  char user[32];
  char group[32];
  char major[8];
  char minor[8];
  char prefix[155];
  char padding[12];
};
static_assert(sizeof(RawHeader) == kBlock);

enum class Type { kFile, kHardLink, kSymlink, kCharacter, kBlockDevice, kDirectory, kFifo };

// One member of an archive, with what pax and GNU headers said about it already applied.
struct Entry {
  Type type = Type::kFile;
  std::string name;
  std::string link;
  uint32_t mode = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint64_t size = 0;  // of the content that follows; 0 for everything but files
  int64_t mtime = 0;
  uint32_t mtime_nanoseconds = 0;
  uint32_t major = 0;
  uint32_t minor = 0;
  std::vector<std::pair<std::string, std::string>> xattrs;
};

// An octal or GNU base-256 number; nothing if it is neither or does not fit.
std::optional<int64_t> parse_number(std::string_view field);
// A field's bytes up to the first NUL.
std::string_view text_field(std::string_view field);
// Whether the checksum is right, counted with unsigned or (old archives) signed bytes.
bool checksum_matches(const RawHeader& header);
bool is_zero_block(const RawHeader& header);

template <size_t N>
std::string_view field(const char (&bytes)[N]) {
  return {bytes, N};
}

}  // namespace berth::unpack
