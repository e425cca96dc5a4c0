#include "addon/decompressor.h"

namespace berth::addon {

namespace {

class Plain : public Decompressor {
 public:
  Status feed(std::string_view input, const Sink& sink) override { return sink(input); }
  Status finish() override { return ok_status(); }
};

}  // namespace

Result<std::unique_ptr<Decompressor>> Decompressor::create(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return create_gzip();
    case Compression::kZstd:
      return create_zstd();
    case Compression::kNone:
      break;
  }
  return std::unique_ptr<Decompressor>(std::make_unique<Plain>());
}

}  // namespace berth::addon
