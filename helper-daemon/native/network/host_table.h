// The one nftables table on the host, `inet berth`: masquerading for containers, isolation between their
// networks.
#pragma once

#include <string>

#include "common/result.h"

namespace berth::network {

// Adds a bridge, with the table if it is missing. Several helpers share the table; each adds and removes its
// own bridges only.
Status add_bridge_to_table(const std::string& bridge);
Status remove_bridge_from_table(const std::string& bridge);

}  // namespace berth::network
