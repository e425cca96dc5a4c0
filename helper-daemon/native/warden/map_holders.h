// User namespaces that hold the maps of containers' ranges, made once per range: making one costs a start a
// millisecond.
#pragma once

#include <cstdint>
#include <list>

#include "common/fd.h"
#include "common/result.h"

namespace berth::warden {

class MapHolders {
 public:
  // The descriptor stays this object's.
  Result<int> for_range(uint32_t base, uint32_t size);

 private:
  struct Entry {
    uint32_t base = 0;
    uint32_t size = 0;
    UniqueFd holder;
  };
  std::list<Entry> entries_;  // most recently used first
};

}  // namespace berth::warden
