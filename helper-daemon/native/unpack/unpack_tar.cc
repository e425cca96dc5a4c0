#include "unpack/layer_error.h"
#include "unpack/layer_writer.h"
#include "unpack/tar_reader.h"
#include "unpack/unpack.h"

namespace berth::unpack {

Result<Totals> unpack_tar(int tar_fd, int root_fd, const Limits& limits) {
  TarReader reader(tar_fd, limits.max_entries);
  LayerWriter writer(root_fd);
  Totals totals;
  for (;;) {
    BERTH_TRY_ASSIGN(auto entry, reader.next());
    if (!entry.has_value()) break;
    ++totals.entries;
    if (entry->size > limits.max_bytes - totals.bytes) {
      return layer_too_large("more than " + std::to_string(limits.max_bytes) + " bytes of files");
    }
    totals.bytes += entry->size;
    BERTH_TRY(writer.add(*entry, reader));
  }
  BERTH_TRY(writer.finish());
  BERTH_TRY(reader.drain());
  return totals;
}

}  // namespace berth::unpack
