#include "addon/channel.h"

#include "addon/js_error.h"

namespace berth::addon {

namespace {

// The warden reads at once; a queue this long means that it hangs.
constexpr size_t kMaxQueuedBytes = size_t{64} << 20;
// Messages taken in one turn of the event loop, so that a flood does not starve it.
constexpr int kMessagesPerTurn = 64;

}  // namespace

void Channel::export_class(Napi::Env env, Napi::Object exports) {
  exports.Set("Channel", DefineClass(env, "Channel",
                                     {
                                         InstanceMethod<&Channel::send>("send"),
                                         InstanceMethod<&Channel::close>("close"),
                                         InstanceMethod<&Channel::ref>("ref"),
                                         InstanceMethod<&Channel::unref>("unref"),
                                     }));
}

Channel::Channel(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Channel>(info) {
  Napi::Env env = info.Env();
  if (!info[0].IsNumber() || !info[1].IsFunction() || !info[2].IsFunction()) {
    throw_error(env, Error{"bad-request", "Channel needs a descriptor and two functions", 0});
    return;
  }
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
    throw_error(env, Error{"bad-request", "this thread has no event loop", 0});
    return;
  }
  auto poll = std::make_unique<Poll>();
  int fd = info[0].As<Napi::Number>().Int32Value();
  if (int failed = uv_poll_init(loop, &poll->handle, fd); failed != 0) {
    throw_error(env, sys_error("uv_poll_init", -failed));
    return;
  }
  poll->socket.reset(fd);
  poll->channel = this;
  poll->handle.data = poll.get();
  poll_ = poll.release();
  on_message_ = Napi::Persistent(info[1].As<Napi::Function>());
  on_close_ = Napi::Persistent(info[2].As<Napi::Function>());
  context_ = std::make_unique<Napi::AsyncContext>(env, "berth.Channel");
  napi_add_env_cleanup_hook(env, on_env_cleanup, this);
  Ref();
  watch();
}

Channel::~Channel() {
  release_poll();
}

void Channel::on_env_cleanup(void* channel) {
  static_cast<Channel*>(channel)->release_poll();
}

void Channel::release_poll() {
  if (poll_ == nullptr) return;
  Poll* poll = std::exchange(poll_, nullptr);
  poll->channel = nullptr;
  napi_remove_env_cleanup_hook(Env(), on_env_cleanup, this);
  uv_poll_stop(&poll->handle);
  uv_close(reinterpret_cast<uv_handle_t*>(&poll->handle),
           [](uv_handle_t* handle) { delete static_cast<Poll*>(handle->data); });
}

void Channel::watch() {
  if (poll_ == nullptr) return;
  uv_poll_start(&poll_->handle, UV_READABLE | (queue_.empty() ? 0 : UV_WRITABLE), on_poll);
}

void Channel::on_poll(uv_poll_t* handle, int status, int events) {
  Channel* channel = static_cast<Poll*>(handle->data)->channel;
  if (channel == nullptr) return;
  Napi::HandleScope scope(channel->Env());
  if (status != 0) {
    Error error = sys_error("poll", -status);
    channel->end(&error);
    return;
  }
  if ((events & UV_WRITABLE) != 0) channel->flush();
  if ((events & UV_READABLE) != 0) channel->readable();
}

void Channel::readable() {
  for (int i = 0; i < kMessagesPerTurn && poll_ != nullptr; ++i) {
    auto packet = receive_packet(poll_->socket.get());
    if (!packet.ok()) {
      if (packet.error().errnum != EAGAIN) end(&packet.error());
      return;
    }
    if (packet->bytes.empty()) {
      end(nullptr);
      return;
    }
    auto whole = unpack_answer(packet.take());
    if (!whole.ok()) {
      end(&whole.error());
      return;
    }
    deliver(whole.take());
  }
}

void Channel::deliver(Packet packet) {
  Napi::Env env = Env();
  Napi::HandleScope scope(env);
  Napi::Array fds = Napi::Array::New(env, packet.fds.size());
  for (uint32_t i = 0; i < packet.fds.size(); ++i)
    fds.Set(i, Napi::Number::New(env, packet.fds[i].release()));
  Napi::Value data = Napi::Buffer<char>::Copy(env, packet.bytes.data(), packet.bytes.size());
  on_message_.MakeCallback(env.Global(), {data, fds}, *context_);
  report_pending_exception(env);
}

void Channel::end(const Error* error) {
  if (poll_ == nullptr) return;
  Napi::Env env = Env();
  release_poll();
  queue_.clear();
  queued_bytes_ = 0;
  on_close_.MakeCallback(env.Global(), {error == nullptr ? env.Undefined() : js_error(env, *error).Value()},
                         *context_);
  report_pending_exception(env);
  Unref();
}

void Channel::flush() {
  while (poll_ != nullptr && !queue_.empty()) {
    Status sent = send_packet(poll_->socket.get(), queue_.front());
    if (!sent.ok()) {
      if (sent.error().errnum != EAGAIN) end(&sent.error());
      return;
    }
    queued_bytes_ -= queue_.front().bytes.size();
    queue_.pop_front();
  }
  watch();
}

Napi::Value Channel::send(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (poll_ == nullptr) return throw_error(env, Error{"EPIPE", "send: the channel is closed", EPIPE});
  if (!info[0].IsTypedArray()) return throw_error(env, Error{"bad-request", "send needs a Buffer", 0});
  auto data = info[0].As<Napi::Uint8Array>();
  std::vector<int> fds;
  if (info[1].IsArray()) {
    auto list = info[1].As<Napi::Array>();
    for (uint32_t i = 0; i < list.Length(); ++i) fds.push_back(list.Get(i).ToNumber().Int32Value());
  }
  auto packet = pack_request({reinterpret_cast<const char*>(data.Data()), data.ByteLength()}, fds);
  if (!packet.ok()) return throw_error(env, packet.error());
  if (queue_.empty()) {
    Status sent = send_packet(poll_->socket.get(), packet.value());
    if (sent.ok()) return env.Undefined();
    if (sent.error().errnum != EAGAIN) return throw_error(env, sent.error());
  }
  if (queued_bytes_ + packet->bytes.size() > kMaxQueuedBytes) {
    return throw_error(env, Error{"ENOBUFS", "send: the other end does not read its messages", ENOBUFS});
  }
  queued_bytes_ += packet->bytes.size();
  queue_.push_back(packet.take());
  watch();
  return env.Undefined();
}

Napi::Value Channel::close(const Napi::CallbackInfo& info) {
  if (poll_ != nullptr) {
    release_poll();
    queue_.clear();
    Unref();
  }
  return info.Env().Undefined();
}

Napi::Value Channel::ref(const Napi::CallbackInfo& info) {
  if (poll_ != nullptr) uv_ref(reinterpret_cast<uv_handle_t*>(&poll_->handle));
  return info.Env().Undefined();
}

Napi::Value Channel::unref(const Napi::CallbackInfo& info) {
  if (poll_ != nullptr) uv_unref(reinterpret_cast<uv_handle_t*>(&poll_->handle));
  return info.Env().Undefined();
}

}  // namespace berth::addon
