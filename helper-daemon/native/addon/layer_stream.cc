#include "addon/layer_stream.h"

#include "addon/js_error.h"

namespace berth::addon {

namespace {

Result<Compression> compression_named(const std::string& name) {
  if (name == "gzip") return Compression::kGzip;
  if (name == "zstd") return Compression::kZstd;
  if (name == "none") return Compression::kNone;
  return Error{"bad-request", "unknown compression " + name, 0};
}

Napi::Value totals_object(Napi::Env env, const LayerPipeline::Totals& totals) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("digest", Napi::String::New(env, totals.digest));
  object.Set("diffId", Napi::String::New(env, totals.diff_id));
  object.Set("inputBytes", Napi::Number::New(env, static_cast<double>(totals.input_bytes)));
  object.Set("outputBytes", Napi::Number::New(env, static_cast<double>(totals.output_bytes)));
  return object;
}

}  // namespace

void LayerStream::export_class(Napi::Env env, Napi::Object exports) {
  exports.Set("LayerStream", DefineClass(env, "LayerStream",
                                         {
                                             InstanceMethod<&LayerStream::write>("write"),
                                             InstanceMethod<&LayerStream::finish>("finish"),
                                             InstanceMethod<&LayerStream::abort>("abort"),
                                         }));
}

LayerStream::LayerStream(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LayerStream>(info) {
  Napi::Env env = info.Env();
  Napi::Object options = info[0].IsObject() ? info[0].As<Napi::Object>() : Napi::Object::New(env);
  Napi::Value fd = options.Get("outputFd");
  Napi::Value max = options.Get("maxOutputBytes");
  Napi::Value compression_name = options.Get("compression");
  if (!fd.IsNumber() || !max.IsNumber() || !compression_name.IsString()) {
    throw_error(env, Error{"bad-request", "LayerStream needs compression, outputFd and maxOutputBytes", 0});
    return;
  }
  // From here on the descriptor is ours, whatever happens.
  UniqueFd output(fd.As<Napi::Number>().Int32Value());
  auto compression = compression_named(compression_name.As<Napi::String>().Utf8Value());
  if (!compression.ok()) {
    throw_error(env, compression.error());
    return;
  }
  const double limit = max.As<Napi::Number>().DoubleValue();
  if (!(limit >= 0 && limit <= 9007199254740991.0)) {
    throw_error(env, Error{"bad-request", "maxOutputBytes is not a size", 0});
    return;
  }
  if (napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "berth.LayerStream"), 0,
                                      1, nullptr, nullptr, this, on_news, &news_) != napi_ok) {
    throw_error(env, Error{"ENOMEM", "no memory for a layer's stream", ENOMEM});
    return;
  }
  napi_threadsafe_function news = news_;
  auto pipeline = LayerPipeline::start(
      *compression, std::move(output), static_cast<uint64_t>(limit), [news](LayerPipeline::News what) {
        bool done = what == LayerPipeline::News::kDone;
        napi_call_threadsafe_function(news, done ? news : nullptr, napi_tsfn_nonblocking);
        if (done) napi_release_threadsafe_function(news, napi_tsfn_release);
      });
  if (!pipeline.ok()) {
    napi_release_threadsafe_function(news_, napi_tsfn_abort);
    throw_error(env, pipeline.error());
    return;
  }
  pipeline_ = pipeline.take();
  napi_add_env_cleanup_hook(env, on_env_cleanup, this);
  Ref();
}

LayerStream::~LayerStream() {
  on_env_cleanup(this);
}

void LayerStream::on_env_cleanup(void* self) {
  auto* stream = static_cast<LayerStream*>(self);
  if (!stream->pipeline_ || stream->done_) return;
  stream->done_ = true;
  stream->pipeline_->abort();
  stream->pipeline_->join();
}

void LayerStream::on_news(napi_env raw_env, napi_value, void* self, void* news) {
  if (raw_env == nullptr) return;  // the environment is being torn down
  auto* stream = static_cast<LayerStream*>(self);
  Napi::Env env(raw_env);
  Napi::HandleScope scope(env);
  if (news != nullptr) {
    stream->pipeline_->join();
    stream->done_ = true;
    napi_remove_env_cleanup_hook(env, on_env_cleanup, stream);
  }
  stream->settle();
  if (news != nullptr) stream->Unref();
}

void LayerStream::settle() {
  Napi::Env env = Env();
  auto failure = pipeline_->failure();
  for (auto& deferred : std::exchange(waiting_, {})) {
    if (failure.has_value()) {
      deferred.Reject(js_error(env, *failure).Value());
    } else {
      deferred.Resolve(env.Undefined());
    }
  }
  if (!done_ || !finished_.has_value()) return;
  if (failure.has_value()) {
    finished_->Reject(js_error(env, *failure).Value());
  } else {
    finished_->Resolve(totals_object(env, pipeline_->totals()));
  }
  finished_.reset();
}

Napi::Value LayerStream::write(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!info[0].IsTypedArray()) return throw_error(env, Error{"bad-request", "write needs a Buffer", 0});
  if (input_ended_) return throw_error(env, Error{"bad-request", "write after finish or abort", 0});
  auto data = info[0].As<Napi::Uint8Array>();
  auto deferred = Napi::Promise::Deferred::New(env);
  const bool room =
      pipeline_->push(std::string(reinterpret_cast<const char*>(data.Data()), data.ByteLength()));
  waiting_.push_back(deferred);
  if (room || done_) settle();
  return deferred.Promise();
}

Napi::Value LayerStream::finish(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (input_ended_) return throw_error(env, Error{"bad-request", "finish after finish or abort", 0});
  input_ended_ = true;
  finished_ = Napi::Promise::Deferred::New(env);
  Napi::Promise promise = finished_->Promise();
  pipeline_->end_of_input();
  if (done_) settle();
  return promise;
}

Napi::Value LayerStream::abort(const Napi::CallbackInfo& info) {
  input_ended_ = true;
  if (pipeline_) pipeline_->abort();
  return info.Env().Undefined();
}

}  // namespace berth::addon
