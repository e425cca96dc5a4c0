// Errors on their way to JavaScript: never a C++ exception, always `{message, code, syscall?, errno?}`.
#pragma once

#include <napi.h>

#include "common/result.h"

namespace berth::addon {

// A JavaScript Error with `code`, and for a failed system call also `syscall` (the first word of the message,
// which sys_error's callers choose) and `errno` (negative, as Node's own).
Napi::Error js_error(Napi::Env env, const Error& error);

// Makes `error` the pending exception and returns what a failing function must return.
Napi::Value throw_error(Napi::Env env, const Error& error);

// For callbacks that run straight from the event loop: hands a pending exception to 'uncaughtException'.
void report_pending_exception(Napi::Env env);

}  // namespace berth::addon
