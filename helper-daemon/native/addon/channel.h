// JavaScript's `Channel`: one seqpacket connection to the warden on Node's event loop.
#pragma once

#include <napi.h>
#include <uv.h>

#include <deque>
#include <memory>

#include "addon/packet.h"

namespace berth::addon {

class Channel : public Napi::ObjectWrap<Channel> {
 public:
  static void export_class(Napi::Env env, Napi::Object exports);
  explicit Channel(const Napi::CallbackInfo& info);
  ~Channel() override;

 private:
  // The libuv handle outlives the object until libuv's close callback; it also owns the socket.
  struct Poll {
    uv_poll_t handle{};
    UniqueFd socket;
    Channel* channel = nullptr;
  };

  Napi::Value send(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);
  Napi::Value ref(const Napi::CallbackInfo& info);
  Napi::Value unref(const Napi::CallbackInfo& info);

  static void on_poll(uv_poll_t* handle, int status, int events);
  static void on_env_cleanup(void* channel);
  void readable();
  void flush();
  void watch();
  void deliver(Packet packet);
  // Stops watching and tells JavaScript once, with the reason if it was not an orderly end.
  void end(const Error* error);
  void release_poll();

  Poll* poll_ = nullptr;
  std::deque<Packet> queue_;
  size_t queued_bytes_ = 0;
  Napi::FunctionReference on_message_;
  Napi::FunctionReference on_close_;
  std::unique_ptr<Napi::AsyncContext> context_;
};

}  // namespace berth::addon
