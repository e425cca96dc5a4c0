// The one error contract of the native code: a value or an Error, never an exception.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace berth {

// What failed. `code` is stable and machine-readable ("ENOENT", "bad-plan", "exec-not-found");
// `message` says what was tried on which object; `errnum` is the errno of the system call, or 0.
struct Error {
  std::string code;
  std::string message;
  int errnum = 0;
};

// The symbolic name of an errno ("ENOENT"), or "E<number>".
std::string errno_name(int errnum);

// An Error from errno: `what` is the operation with its object, e.g. "open /etc/passwd".
Error sys_error(const std::string& what, int errnum = errno);

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() { return *std::get_if<0>(&state_); }
  const T& value() const { return *std::get_if<0>(&state_); }
  T& operator*() { return value(); }
  T* operator->() { return &value(); }
  T take() { return std::move(value()); }
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

struct Unit {};
using Status = Result<Unit>;
inline Status ok_status() {
  return Status(Unit{});
}

}  // namespace berth

// Returns the Error of a failed Result or Status from the enclosing function.
#define BERTH_CONCAT_(a, b) a##b
#define BERTH_CONCAT(a, b) BERTH_CONCAT_(a, b)
#define BERTH_TRY(expr)                                    \
  do {                                                     \
    auto berth_status_ = (expr);                           \
    if (!berth_status_.ok()) return berth_status_.error(); \
  } while (false)
#define BERTH_TRY_ASSIGN(decl, expr)                                                                     \
  auto BERTH_CONCAT(berth_result_, __LINE__) = (expr);                                                   \
  if (!BERTH_CONCAT(berth_result_, __LINE__).ok()) return BERTH_CONCAT(berth_result_, __LINE__).error(); \
  decl = BERTH_CONCAT(berth_result_, __LINE__).take()
