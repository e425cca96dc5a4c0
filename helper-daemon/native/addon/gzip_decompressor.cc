// zlib's symbols are those of the node binary: Chromium's, faster than the system's.
#include <zlib.h>

#include <vector>

#include "addon/decompressor.h"

namespace berth::addon {

namespace {

constexpr size_t kBlock = size_t{256} * 1024;
constexpr int kGzipOnly = 15 + 16;

Error invalid(const std::string& why) {
  return Error{
      "layer-invalid",
      "the layer is not valid gzip data (" + why + "); pull it again, and if that fails ask who published it",
      0};
}

class Gzip : public Decompressor {
 public:
  Gzip() : block_(kBlock) {}
  ~Gzip() override { inflateEnd(&stream_); }
  Status init() {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK)
      return Error{"ENOMEM", "no memory to inflate a layer", ENOMEM};
    return ok_status();
  }

  Status feed(std::string_view input, const Sink& sink) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    bool full = false;
    // A full block may mean that more output waits without any further input.
    while (stream_.avail_in > 0 || full) {
      if (ended_) {
        if (!skip_padding()) return ok_status();
        if (inflateReset(&stream_) != Z_OK) return invalid("its state is damaged");
        ended_ = false;
      }
      stream_.next_out = block_.data();
      stream_.avail_out = kBlock;
      int result = inflate(&stream_, Z_NO_FLUSH);
      started_ = true;
      const size_t produced = kBlock - stream_.avail_out;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return invalid(stream_.msg != nullptr ? stream_.msg : "it is damaged");
      }
      if (produced > 0) BERTH_TRY(sink({reinterpret_cast<char*>(block_.data()), produced}));
      full = stream_.avail_out == 0;
      if (result == Z_STREAM_END) {
        ended_ = true;
        full = false;
      }
    }
    return ok_status();
  }

  Status finish() override {
    if (!started_) return invalid("it is empty");
    if (!ended_) return invalid("it ends in the middle");
    return ok_status();
  }

 private:
  // Zeros behind the last member are padding, as gzip(1) has it. True if another member begins.
  bool skip_padding() {
    while (stream_.avail_in > 0 && *stream_.next_in == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
    }
    return stream_.avail_in > 0;
  }

  z_stream stream_{};
  std::vector<Bytef> block_;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> create_gzip() {
  auto gzip = std::make_unique<Gzip>();
  BERTH_TRY(gzip->init());
  return std::unique_ptr<Decompressor>(std::move(gzip));
}

}  // namespace berth::addon
