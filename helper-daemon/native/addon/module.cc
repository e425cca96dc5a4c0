// The addon's entry: what `dist/lib/berth.node` exports (README.md in this folder).
#include <napi.h>

#include "addon/channel.h"
#include "addon/descriptors.h"
#include "addon/layer_stream.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  berth::addon::export_descriptors(env, exports);
  berth::addon::Channel::export_class(env, exports);
  berth::addon::LayerStream::export_class(env, exports);
  return exports;
}

NODE_API_MODULE(berth, init)

}  // namespace
