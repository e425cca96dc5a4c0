// ENSURE_BRIDGE, REMOVE_BRIDGE, ROUTES.
#include "network/network.h"
#include "warden/verbs.h"

namespace berth::warden {

namespace {

constexpr size_t kMaxInterfaceName = 15;

struct Bridge {
  std::string name;
  std::string gateway;
  uint8_t prefix = 0;
};

Result<Bridge> decode(Request& request) {
  Bridge bridge;
  bridge.name = request.in.str();
  bridge.gateway = request.in.str();
  bridge.prefix = request.in.u8();
  if (!request.in.at_end() || bridge.name.empty() || bridge.name.size() > kMaxInterfaceName ||
      bridge.prefix > 32)
    return incomplete();
  if (bridge.name.find_first_of("/ \n") != std::string::npos) return incomplete();
  return bridge;
}

}  // namespace

Reply ensure_bridge(Request& request) {
  BERTH_TRY_ASSIGN(Bridge bridge, decode(request));
  BERTH_TRY(network::ensure_bridge(bridge.name, bridge.gateway, bridge.prefix));
  return std::string();
}

Reply remove_bridge(Request& request) {
  BERTH_TRY_ASSIGN(Bridge bridge, decode(request));
  BERTH_TRY(network::remove_bridge(bridge.name, bridge.gateway, bridge.prefix));
  return std::string();
}

Reply routes(Request& request) {
  if (!request.in.at_end()) return incomplete();
  BERTH_TRY_ASSIGN(auto list, network::routes());
  Writer out;
  out.u32(static_cast<uint32_t>(list.size()));
  for (const auto& route : list) {
    out.str(route.destination);
    out.u8(route.prefix);
    out.str(route.device);
  }
  return out.take();
}

}  // namespace berth::warden
