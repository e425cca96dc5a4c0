// Where answers come from: the names of the container's networks, and the host's name servers for all else.
#pragma once

#include <netinet/in.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "network/socket_address.h"
#include "network/watched_file.h"

namespace berth::network {

// Lines "ip name name…", '#' starts a comment.
class NamesFile {
 public:
  explicit NamesFile(std::string path) : file_(std::move(path)) {}
  // The addresses of a name (lower case), nullptr for a name that is not ours.
  const std::vector<in_addr>* addresses(const std::string& name);
  // The first name of an address.
  const std::string* name(const std::string& ip);

 private:
  void refresh();

  WatchedFile file_;
  std::unordered_map<std::string, std::vector<in_addr>> addresses_;
  std::unordered_map<std::string, std::string> names_;
};

// The servers given, or those of /etc/resolv.conf as it is now; port 53. At most three, as resolv.conf(5) has
// it.
class Upstreams {
 public:
  explicit Upstreams(const std::vector<std::string>& fixed);
  const std::vector<SocketAddress>& servers();

 private:
  bool follow_host_;
  WatchedFile file_;
  std::vector<SocketAddress> servers_;
};

}  // namespace berth::network
