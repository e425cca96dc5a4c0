#include "common/sealed_self.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"

namespace berth {

namespace {
constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
}

Status run_sealed(char** argv, char** environment) {
  UniqueFd self(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (!self) return sys_error("open this program's executable");
  int seals = ::fcntl(self.get(), F_GET_SEALS);
  if (seals >= 0 && (seals & kSeals) == kSeals) return ok_status();
  UniqueFd copy(::memfd_create(argv[0], MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!copy) return sys_error("make a sealed copy");
  struct stat st {};
  if (::fstat(self.get(), &st) != 0) return sys_error("stat this program's executable");
  off_t at = 0;
  while (at < st.st_size) {
    if (::sendfile(copy.get(), self.get(), &at, static_cast<size_t>(st.st_size - at)) <= 0)
      return sys_error("copy this program's executable");
  }
  if (::fchmod(copy.get(), 0500) != 0) return sys_error("make the copy executable");
  if (::fcntl(copy.get(), F_ADD_SEALS, kSeals) != 0) return sys_error("seal the copy");
  ::fexecve(copy.get(), argv, environment);
  return sys_error("execute the sealed copy");
}

}  // namespace berth
