#include "addon/js_error.h"

namespace berth::addon {

Napi::Error js_error(Napi::Env env, const Error& error) {
  Napi::Error js = Napi::Error::New(env, error.message);
  js.Set("code", Napi::String::New(env, error.code));
  if (error.errnum != 0) {
    js.Set("syscall", Napi::String::New(env, error.message.substr(0, error.message.find_first_of(" :"))));
    js.Set("errno", Napi::Number::New(env, -error.errnum));
  }
  return js;
}

Napi::Value throw_error(Napi::Env env, const Error& error) {
  js_error(env, error).ThrowAsJavaScriptException();
  return env.Undefined();
}

void report_pending_exception(Napi::Env env) {
  if (!env.IsExceptionPending()) return;
  Napi::Error error = env.GetAndClearPendingException();
  napi_fatal_exception(env, error.Value());
}

}  // namespace berth::addon
