// The warden's verbs, one function each; the numbers are PROTOCOL.md's.
#pragma once

#include "warden/server.h"

namespace berth::warden {

// Answers through `server`, at once or later. An undecodable request is an Error.
void dispatch(Server& server, uint32_t id, uint16_t verb, Request request);

Error incomplete();

Reply hello(Environment& environment, Request& request);

// trees
Reply make_tree(Environment& environment, Request& request);
void commit_tree(Server& server, uint32_t id, Request request);
void remove_tree(Server& server, uint32_t id, Request request);
void unpack(Server& server, uint32_t id, Request request);
void tar_tree(Server& server, uint32_t id, Request request);
void usage(Server& server, uint32_t id, Request request);

// networks
Reply ensure_bridge(Request& request);
Reply remove_bridge(Request& request);
Reply routes(Request& request);

// running containers
Reply update_resources(Environment& environment, Request& request);
void sweep(Server& server, uint32_t id, Request request);
Reply freeze(Environment& environment, Request& request);
Reply stats(Environment& environment, Request& request);

// on a caller's behalf
void check_bind(Server& server, uint32_t id, Request request);
void own_tree(Server& server, uint32_t id, Request request);

}  // namespace berth::warden
