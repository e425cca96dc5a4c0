// JavaScript's `LayerStream`: promises in front of a LayerPipeline.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>
#include <vector>

#include "addon/layer_pipeline.h"

namespace berth::addon {

class LayerStream : public Napi::ObjectWrap<LayerStream> {
 public:
  static void export_class(Napi::Env env, Napi::Object exports);
  explicit LayerStream(const Napi::CallbackInfo& info);
  ~LayerStream() override;

 private:
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value finish(const Napi::CallbackInfo& info);
  Napi::Value abort(const Napi::CallbackInfo& info);

  static void on_news(napi_env env, napi_value function, void* stream, void* news);
  static void on_env_cleanup(void* stream);
  // Settles the writes that wait for room, and at the end the promise of finish().
  void settle();

  std::unique_ptr<LayerPipeline> pipeline_;
  napi_threadsafe_function news_ = nullptr;
  std::vector<Napi::Promise::Deferred> waiting_;
  std::optional<Napi::Promise::Deferred> finished_;
  bool input_ended_ = false;
  bool done_ = false;
};

}  // namespace berth::addon
