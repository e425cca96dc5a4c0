#include "warden/map_holders.h"

#include <algorithm>

#include "runtime/id_map.h"

namespace berth::warden {

namespace {
constexpr size_t kMaxEntries = 64;
}

Result<int> MapHolders::for_range(uint32_t base, uint32_t size) {
  auto it = std::find_if(entries_.begin(), entries_.end(),
                         [&](const Entry& e) { return e.base == base && e.size == size; });
  if (it != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, it);
    return entries_.front().holder.get();
  }
  BERTH_TRY_ASSIGN(UniqueFd holder, runtime::make_map_holder(runtime::range_map(base, size)));
  entries_.push_front(Entry{base, size, std::move(holder)});
  if (entries_.size() > kMaxEntries) entries_.pop_back();
  return entries_.front().holder.get();
}

}  // namespace berth::warden
