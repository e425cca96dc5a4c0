// The records of a pax extended header ("<length> <key>=<value>\n") and what of them changes an entry.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "unpack/tar_format.h"

namespace berth::unpack {

struct PaxRecords {
  std::optional<std::string> path;
  std::optional<std::string> linkpath;
  std::optional<uint64_t> size;
  std::optional<uint32_t> uid;
  std::optional<uint32_t> gid;
  std::optional<std::pair<int64_t, uint32_t>> mtime;
  std::vector<std::pair<std::string, std::string>> xattrs;
};

// Adds the records in `text` to `records`, later ones winning. Error "layer-invalid" for records whose
// lengths lie, for NUL in a name and for sparse files.
Status parse_pax(std::string_view text, PaxRecords& records);

}  // namespace berth::unpack
