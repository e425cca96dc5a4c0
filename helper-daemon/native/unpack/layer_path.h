// Names from an archive: cleaned by text alone, before anything is looked up.
#pragma once

#include <string>
#include <string_view>

#include "common/result.h"

namespace berth::unpack {

struct LayerPath {
  std::string parent;  // "" for the root, else "a/b"
  std::string name;    // "" for the root itself
  std::string whole() const { return parent.empty() ? name : parent + "/" + name; }
};

// "./a//b/../c/" → {"a", "c"}. Leading slashes are the layer's root. Error "layer-invalid" for a name that
// climbs above the root, and for names too long for the kernel.
Result<LayerPath> clean_path(std::string_view raw);

}  // namespace berth::unpack
