#include "addon/layer_pipeline.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace berth::addon {

namespace {

// Enough to ride over a pause of the network, small enough for many layers at once.
constexpr size_t kQueueFull = size_t{4} << 20;
constexpr size_t kQueueDrained = size_t{2} << 20;

Error aborted_error() {
  return Error{"aborted", "the layer's stream was aborted", 0};
}

}  // namespace

Result<std::unique_ptr<LayerPipeline>> LayerPipeline::start(Compression compression, UniqueFd output,
                                                            uint64_t max_output,
                                                            std::function<void(News)> tell) {
  int flags = fcntl(output.get(), F_GETFL);
  if (flags < 0 || fcntl(output.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return sys_error("fcntl O_NONBLOCK");
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return sys_error("eventfd");
  BERTH_TRY_ASSIGN(auto decompressor, Decompressor::create(compression));
  std::unique_ptr<LayerPipeline> pipeline(
      new LayerPipeline(std::move(output), std::move(wake), max_output, std::move(tell)));
  pipeline->decompressor_ = std::move(decompressor);
  // Signals are the main thread's business.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&pipeline->thread_, nullptr, thread_main, pipeline.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (failed != 0) return sys_error("pthread_create", failed);
  pipeline->joinable_ = true;
  return pipeline;
}

LayerPipeline::~LayerPipeline() {
  abort();
  join();
}

bool LayerPipeline::push(std::string piece) {
  std::lock_guard lock(mutex_);
  if (failure_.has_value()) return false;
  queued_bytes_ += piece.size();
  queue_.push_back(std::move(piece));
  changed_.notify_one();
  caller_waits_ = queued_bytes_ >= kQueueFull;
  return !caller_waits_;
}

void LayerPipeline::end_of_input() {
  std::lock_guard lock(mutex_);
  input_ended_ = true;
  changed_.notify_one();
}

void LayerPipeline::abort() {
  if (!joinable_) return;
  std::lock_guard lock(mutex_);
  aborted_ = true;
  changed_.notify_one();
  const uint64_t one = 1;
  // An eventfd's counter cannot overflow here: it is written a few times at most.
  [[maybe_unused]] ssize_t written = write(wake_.get(), &one, sizeof(one));
}

void LayerPipeline::join() {
  if (!std::exchange(joinable_, false)) return;
  pthread_join(thread_, nullptr);
  // Not left to the garbage collector, which may take its time.
  wake_.reset();
}

std::optional<Error> LayerPipeline::failure() {
  std::lock_guard lock(mutex_);
  return failure_;
}

void* LayerPipeline::thread_main(void* self) {
  auto* pipeline = static_cast<LayerPipeline*>(self);
  Status result = pipeline->run();
  // Closed before anybody is told: the reader's end of file is part of being done.
  pipeline->output_.reset();
  {
    std::lock_guard lock(pipeline->mutex_);
    if (!result.ok()) pipeline->failure_ = result.error();
    pipeline->queue_.clear();
  }
  pipeline->tell_(News::kDone);
  return nullptr;
}

std::optional<std::string> LayerPipeline::next() {
  bool room = false;
  std::string piece;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return aborted_ || input_ended_ || !queue_.empty(); });
    if (aborted_ || queue_.empty()) return std::nullopt;
    piece = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= piece.size();
    if (caller_waits_ && queued_bytes_ <= kQueueDrained) {
      caller_waits_ = false;
      room = true;
    }
  }
  if (room) tell_(News::kRoom);
  return piece;
}

Status LayerPipeline::run() {
  Sha256 input_hash;
  const Sink sink = [this](std::string_view bytes) { return emit(bytes); };
  while (auto piece = next()) {
    input_hash.update(piece->data(), piece->size());
    totals_.input_bytes += piece->size();
    BERTH_TRY(decompressor_->feed(*piece, sink));
  }
  {
    std::lock_guard lock(mutex_);
    if (aborted_) return aborted_error();
  }
  BERTH_TRY(decompressor_->finish());
  totals_.digest = input_hash.finish();
  totals_.diff_id = output_hash_.finish();
  if (totals_.digest.empty() || totals_.diff_id.empty()) {
    return Error{"hash-failed", "the SHA-256 of a layer could not be computed", 0};
  }
  return ok_status();
}

Status LayerPipeline::emit(std::string_view bytes) {
  totals_.output_bytes += bytes.size();
  if (totals_.output_bytes > max_output_) {
    return Error{
        "layer-too-large",
        "the layer unpacks to more than the " + std::to_string(max_output_) + " bytes that are allowed", 0};
  }
  output_hash_.update(bytes.data(), bytes.size());
  while (!bytes.empty()) {
    ssize_t n = write(output_.get(), bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (errno == EAGAIN) {
      BERTH_TRY(wait_for_room());
    } else if (errno != EINTR) {
      return sys_error("write the unpacked layer");
    }
  }
  return ok_status();
}

Status LayerPipeline::wait_for_room() {
  pollfd watched[2] = {{output_.get(), POLLOUT, 0}, {wake_.get(), POLLIN, 0}};
  if (poll(watched, 2, -1) < 0 && errno != EINTR) return sys_error("poll");
  if (watched[1].revents != 0) return aborted_error();
  return ok_status();
}

}  // namespace berth::addon
