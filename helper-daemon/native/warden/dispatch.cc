#include "common/wire.h"
#include "runtime/plan.h"
#include "warden/verbs.h"

namespace berth::warden {

namespace {

enum Verb : uint16_t {
  kHello = 1,
  kLaunch = 2,
  kMakeTree = 3,
  kRemoveTree = 4,
  kUnpack = 5,
  kCommitTree = 6,
  kCheckBind = 7,
  kEnsureBridge = 8,
  kRemoveBridge = 9,
  kRoutes = 10,
  kUpdateResources = 11,
  kSweep = 12,
  kFreeze = 13,
  kUsage = 14,
  kStats = 15,
  kTarTree = 16,
  kOwnTree = 17,
};

void launch(Server& server, uint32_t id, Request& request) {
  auto plan = runtime::decode_plan(request.in);
  if (!plan.ok()) return server.answer(id, plan.error());
  server.fork_monitor(id, plan.take());
}

}  // namespace

Error incomplete() {
  return Error{"bad-request", "the request is cut short or has trailing bytes", EINVAL};
}

void dispatch(Server& server, uint32_t id, uint16_t verb, Request request) {
  Environment& environment = server.environment();
  switch (verb) {
    case kHello:
      return server.answer(id, hello(environment, request));
    case kLaunch:
      return launch(server, id, request);
    case kMakeTree:
      return server.answer(id, make_tree(environment, request));
    case kRemoveTree:
      return remove_tree(server, id, std::move(request));
    case kUnpack:
      return unpack(server, id, std::move(request));
    case kCommitTree:
      return commit_tree(server, id, std::move(request));
    case kCheckBind:
      return check_bind(server, id, std::move(request));
    case kEnsureBridge:
      return server.answer(id, ensure_bridge(request));
    case kRemoveBridge:
      return server.answer(id, remove_bridge(request));
    case kRoutes:
      return server.answer(id, routes(request));
    case kUpdateResources:
      return server.answer(id, update_resources(environment, request));
    case kSweep:
      return sweep(server, id, std::move(request));
    case kFreeze:
      return server.answer(id, freeze(environment, request));
    case kUsage:
      return usage(server, id, std::move(request));
    case kStats:
      return server.answer(id, stats(environment, request));
    case kTarTree:
      return tar_tree(server, id, std::move(request));
    case kOwnTree:
      return own_tree(server, id, std::move(request));
    default:
      return server.answer(id, Error{"bad-request", "unknown verb " + std::to_string(verb), EINVAL});
  }
}

}  // namespace berth::warden
