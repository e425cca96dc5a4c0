// Inflating a layer piece by piece: gzip (also of many members), zstd (also of many frames), or nothing at
// all.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "common/result.h"

namespace berth::addon {

enum class Compression { kNone, kGzip, kZstd };

// Takes inflated bytes, valid during the call only; an error ends the inflating.
using Sink = std::function<Status(std::string_view)>;

class Decompressor {
 public:
  static Result<std::unique_ptr<Decompressor>> create(Compression compression);
  virtual ~Decompressor() = default;
  // Error "layer-invalid" for data that is not what it claims to be.
  virtual Status feed(std::string_view input, const Sink& sink) = 0;
  // To be called after the last input: error "layer-invalid" if the data ends in the middle.
  virtual Status finish() = 0;
};

Result<std::unique_ptr<Decompressor>> create_gzip();
Result<std::unique_ptr<Decompressor>> create_zstd();

}  // namespace berth::addon
