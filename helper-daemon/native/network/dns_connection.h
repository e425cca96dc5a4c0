// One TCP connection of a resolver in the container: queries with a length before them, one at a time.
#pragma once

#include <functional>
#include <string>

#include "common/event_loop.h"

namespace berth::network {

class DnsConnection {
 public:
  // `asked` gets a query; answer() is called once for it, then or later. `gone` is called once, at the end;
  // the owner then destroys it.
  DnsConnection(EventLoop& loop, UniqueFd socket, std::function<void(std::string query)> asked,
                std::function<void()> gone)
      : loop_(loop), socket_(std::move(socket)), asked_(std::move(asked)), gone_(std::move(gone)) {}
  ~DnsConnection();
  DnsConnection(const DnsConnection&) = delete;
  DnsConnection& operator=(const DnsConnection&) = delete;

  Status start();
  // "" ends the connection.
  void answer(const std::string& response);

 private:
  void ready();
  void go_on();
  bool flush();
  void leave();
  void restart_timer();

  EventLoop& loop_;
  UniqueFd socket_;
  std::function<void(std::string)> asked_;
  std::function<void()> gone_;
  std::string incoming_;
  std::string outgoing_;
  bool busy_ = false;
  bool asking_ = false;
  bool left_ = false;
  uint64_t timer_ = 0;
};

}  // namespace berth::network
