// The two errors of a layer that is not what it should be, worded once.
#pragma once

#include <string>
#include <string_view>

#include "common/result.h"

namespace berth::unpack {

// A name from an archive, fit for a message: at most 200 bytes, control characters replaced.
inline std::string printable(std::string_view name) {
  std::string text;
  for (char c : name.substr(0, 200))
    text.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c);
  if (name.size() > 200) text += "…";
  return text;
}

inline Error invalid_layer(const std::string& why, std::string_view entry = {}) {
  std::string where = entry.empty() ? "" : " (at \"" + printable(entry) + "\")";
  return Error{"layer-invalid", "the layer's archive is not valid: " + why + where, 0};
}

inline Error layer_too_large(const std::string& why) {
  return Error{"layer-too-large", "the layer is larger than allowed: " + why, 0};
}

}  // namespace berth::unpack
