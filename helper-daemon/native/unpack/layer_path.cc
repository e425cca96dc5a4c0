#include "unpack/layer_path.h"

#include <algorithm>
#include <vector>

#include "unpack/layer_error.h"

namespace berth::unpack {

namespace {

constexpr size_t kMaxName = 255;
constexpr size_t kMaxPath = 4095;
// Resolving holds a descriptor a level, of the 1024 that a process usually may have.
constexpr size_t kMaxDepth = 512;

}  // namespace

Result<LayerPath> clean_path(std::string_view raw) {
  if (raw.size() > kMaxPath) return invalid_layer("a name longer than 4095 bytes", raw);
  std::vector<std::string_view> parts;
  for (size_t at = 0; at <= raw.size();) {
    const size_t slash = std::min(raw.find('/', at), raw.size());
    std::string_view part = raw.substr(at, slash - at);
    at = slash + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (parts.empty()) return invalid_layer("a name that leaves the layer", raw);
      parts.pop_back();
      continue;
    }
    if (part.size() > kMaxName) return invalid_layer("a name with a part longer than 255 bytes", raw);
    parts.push_back(part);
  }
  if (parts.size() > kMaxDepth) return invalid_layer("directories deeper than 512 levels", raw);
  LayerPath path;
  if (parts.empty()) return path;
  path.name = parts.back();
  parts.pop_back();
  for (std::string_view part : parts) {
    if (!path.parent.empty()) path.parent += '/';
    path.parent += part;
  }
  return path;
}

}  // namespace berth::unpack
