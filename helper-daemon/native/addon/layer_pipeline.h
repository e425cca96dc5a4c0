// The thread behind a LayerStream: hashes what comes in, inflates it, hashes what comes out, writes it to a
// descriptor.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "addon/decompressor.h"
#include "addon/sha256.h"
#include "common/fd.h"

namespace berth::addon {

class LayerPipeline {
 public:
  struct Totals {
    std::string digest;   // of the input, "sha256:<hex>"
    std::string diff_id;  // of the output
    uint64_t input_bytes = 0;
    uint64_t output_bytes = 0;
  };
  enum class News { kRoom, kDone };

  // `tell` is called on the pipeline's thread: kRoom when a full queue has drained, kDone at the very end
  // (once).
  static Result<std::unique_ptr<LayerPipeline>> start(Compression compression, UniqueFd output,
                                                      uint64_t max_output, std::function<void(News)> tell);
  ~LayerPipeline();

  // Queues a piece. True if there is room for more, false if the caller should wait for kRoom (or kDone).
  bool push(std::string piece);
  void end_of_input();
  void abort();
  // Waits for the thread; short after abort() or kDone.
  void join();
  // The error that ended the pipeline early, if one did.
  std::optional<Error> failure();
  // After kDone.
  const Totals& totals() const { return totals_; }

 private:
  LayerPipeline(UniqueFd output, UniqueFd wake, uint64_t max_output, std::function<void(News)> tell)
      : output_(std::move(output)), wake_(std::move(wake)), max_output_(max_output), tell_(std::move(tell)) {}
  static void* thread_main(void* pipeline);
  Status run();
  std::optional<std::string> next();
  Status emit(std::string_view bytes);
  Status wait_for_room();

  UniqueFd output_;
  UniqueFd
      wake_;  // an eventfd that abort() makes readable, so that a thread waiting for a slow reader notices
  const uint64_t max_output_;
  std::function<void(News)> tell_;
  std::unique_ptr<Decompressor> decompressor_;
  Sha256 output_hash_;
  Totals totals_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> queue_;
  size_t queued_bytes_ = 0;
  bool caller_waits_ = false;
  bool input_ended_ = false;
  bool aborted_ = false;
  std::optional<Error> failure_;

  pthread_t thread_{};
  bool joinable_ = false;
};

}  // namespace berth::addon
