#include "common/result.h"

namespace berth {

std::string errno_name(int errnum) {
  const char* name = strerrorname_np(errnum);
  return name != nullptr ? std::string(name) : "E" + std::to_string(errnum);
}

Error sys_error(const std::string& what, int errnum) {
  return Error{errno_name(errnum), what + ": " + strerrordesc_np(errnum), errnum};
}

}  // namespace berth
