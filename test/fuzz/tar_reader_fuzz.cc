// libFuzzer: any bytes as an archive. The reader must end with members or an error, and hold to its bounds.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "common/fd.h"
#include "unpack/layer_path.h"
#include "unpack/tar_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth;
  constexpr uint64_t kMaxEntries = 1000;
  UniqueFd file(memfd_create("archive", MFD_CLOEXEC));
  if (!file || pwrite(file.get(), data, size, 0) != static_cast<ssize_t>(size)) return 0;
  unpack::TarReader reader(file.get(), kMaxEntries);
  uint64_t entries = 0;
  for (;;) {
    auto entry = reader.next();
    if (!entry.ok() || !entry.value().has_value()) break;
    if (++entries > kMaxEntries) std::abort();
    auto path = unpack::clean_path(entry.value()->name);
    // Whatever it was called, its place is inside.
    if (path.ok() &&
        (("/" + path->whole() + "/").find("/../") != std::string::npos || path->whole().starts_with('/')))
      std::abort();
    uint64_t read = 0;
    for (;;) {
      auto piece = reader.content();
      if (!piece.ok() || piece->empty()) break;
      read += piece->size();
    }
    if (read > size || read > entry.value()->size) std::abort();
  }
  return 0;
}
