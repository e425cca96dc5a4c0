// Plain functions on descriptors: who is at the other end, pairs, pipes, locks.
#pragma once

#include <napi.h>

namespace berth::addon {

void export_descriptors(Napi::Env env, Napi::Object exports);

}  // namespace berth::addon
