// Calls the network room's functions for the tests: `network-probe VERB [arguments…]`. A namespace is given
// as a path. An error goes to stderr as "code: message" with exit code 1. `serve` runs until its stdin ends.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "network/network.h"

namespace {

using namespace berth;

template <typename T>
int finish(const Result<T>& result) {
  if (result.ok()) return 0;
  dprintf(2, "%s: %s\n", result.error().code.c_str(), result.error().message.c_str());
  return 1;
}

uint8_t small(const std::string& text) {
  return static_cast<uint8_t>(std::stoul(text));
}
uint16_t port(const std::string& text) {
  return static_cast<uint16_t>(std::stoul(text));
}

int print_routes() {
  auto routes = network::routes();
  if (!routes.ok()) return finish(routes);
  for (const auto& route : routes.value()) {
    std::printf("%s/%u %s\n", route.destination.c_str(), route.prefix, route.device.c_str());
  }
  return 0;
}

// serve NETNS CONTAINER_IP NAMES_FILE SERVERS(comma) [proto:host_ip:host_port:container_port…]
int serve(int netns, const std::vector<std::string>& arguments) {
  signal(SIGPIPE, SIG_IGN);
  auto loop = EventLoop::create();
  if (!loop.ok()) return finish(loop);
  network::DnsConfig config;
  config.names_file = arguments[1];
  for (size_t at = 0; at < arguments[2].size();) {
    const size_t comma = std::min(arguments[2].find(',', at), arguments[2].size());
    config.servers.push_back(arguments[2].substr(at, comma - at));
    at = comma + 1;
  }
  auto names = network::NameServer::create(*loop.value(), netns, config);
  if (!names.ok()) return finish(names);
  auto publisher = network::PortPublisher::create(*loop.value(), netns, arguments[0]);
  for (size_t i = 3; i < arguments.size(); ++i) {
    std::vector<std::string> parts;
    std::string rest = arguments[i];
    for (size_t slash = rest.find('/'); slash != std::string::npos; slash = rest.find('/')) {
      parts.push_back(rest.substr(0, slash));
      rest = rest.substr(slash + 1);
    }
    parts.push_back(rest);
    auto bound = publisher->publish(small(parts[0]), parts[1], port(parts[2]), port(parts[3]));
    if (!bound.ok()) return finish(bound);
    std::printf("%u\n", bound.value());
  }
  std::printf("ready\n");
  std::fflush(stdout);
  auto* running = loop.value().get();
  Status watched = running->add(0, EPOLLIN, [running](uint32_t) {
    char byte;
    if (read(0, &byte, 1) <= 0) running->stop();
  });
  if (!watched.ok()) return finish(watched);
  running->run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) return 2;
  const std::string verb = arguments[0];
  arguments.erase(arguments.begin());
  if (verb == "routes") return print_routes();
  if (verb == "ensure-bridge")
    return finish(network::ensure_bridge(arguments[0], arguments[1], small(arguments[2])));
  if (verb == "remove-bridge")
    return finish(network::remove_bridge(arguments[0], arguments[1], small(arguments[2])));
  UniqueFd netns(open(arguments[0].c_str(), O_RDONLY | O_CLOEXEC));
  if (!netns) return finish(Status(sys_error("open " + arguments[0])));
  arguments.erase(arguments.begin());
  if (verb == "loopback") return finish(network::bring_up_loopback(netns.get()));
  if (verb == "connect") {
    network::Endpoint endpoint{arguments[0], arguments[1], small(arguments[2]), arguments[3], arguments[4]};
    return finish(network::connect_endpoint(netns.get(), endpoint, arguments[5]));
  }
  if (verb == "serve") return serve(netns.get(), arguments);
  return 2;
}
