#include <zstd.h>

#include <vector>

#include "addon/decompressor.h"

namespace berth::addon {

namespace {

// 128 MiB: what zstd(1) accepts without being told to use more memory, and the most that `--ultra -22` makes.
constexpr int kMaxWindowLog = 27;
constexpr size_t kBlock = size_t{256} * 1024;

Error invalid(const std::string& why) {
  return Error{
      "layer-invalid",
      "the layer is not valid zstd data (" + why + "); pull it again, and if that fails ask who published it",
      0};
}

class Zstd : public Decompressor {
 public:
  Zstd() : context_(ZSTD_createDCtx()), block_(kBlock) {}
  Status init() {
    if (!context_) return Error{"ENOMEM", "no memory to inflate a layer", ENOMEM};
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
    return ok_status();
  }

  Status feed(std::string_view input, const Sink& sink) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    bool full = false;
    while (in.pos < in.size || full) {
      ZSTD_outBuffer out{block_.data(), block_.size(), 0};
      const size_t result = ZSTD_decompressStream(context_.get(), &out, &in);
      if (ZSTD_isError(result) != 0U) return invalid(ZSTD_getErrorName(result));
      if (out.pos > 0) BERTH_TRY(sink({block_.data(), out.pos}));
      full = out.pos == out.size && result != 0;
      frame_complete_ = result == 0;
    }
    return ok_status();
  }

  Status finish() override {
    if (!frame_complete_) return invalid("it ends in the middle");
    return ok_status();
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  std::vector<char> block_;
  bool frame_complete_ = false;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> create_zstd() {
  auto zstd = std::make_unique<Zstd>();
  BERTH_TRY(zstd->init());
  return std::unique_ptr<Decompressor>(std::move(zstd));
}

}  // namespace berth::addon
