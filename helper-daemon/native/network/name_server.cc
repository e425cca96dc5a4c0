#include <map>

#include "network/dns_connection.h"
#include "network/dns_message.h"
#include "network/dns_redirect.h"
#include "network/forwarder.h"
#include "network/name_sources.h"
#include "network/namespace_switch.h"
#include "network/network.h"

namespace berth::network {

namespace {

constexpr const char* kAddress = "127.0.0.11";
constexpr size_t kMaxUdpQuery = 4096;
// RFC 1035: what every resolver takes without saying so.
constexpr size_t kUdpLimit = 512;
constexpr size_t kTcpLimit = 65535;
constexpr size_t kMaxConnections = 64;
constexpr int kTurn = 32;

struct Sockets {
  UniqueFd udp;
  UniqueFd tcp;
};

Result<uint16_t> bind_somewhere(int fd) {
  auto address = socket_address(kAddress, 0);
  if (bind(fd, address->get(), address->length) != 0) return sys_error("bind 127.0.0.11");
  SocketAddress bound;
  bound.length = sizeof(bound.storage);
  if (getsockname(fd, bound.get(), &bound.length) != 0) return sys_error("getsockname");
  return port_of(bound);
}

// In the container's namespace.
Result<Sockets> open_sockets() {
  Sockets sockets;
  sockets.udp.reset(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockets.tcp.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!sockets.udp || !sockets.tcp) return sys_error("socket");
  BERTH_TRY_ASSIGN(uint16_t udp_port, bind_somewhere(sockets.udp.get()));
  BERTH_TRY_ASSIGN(uint16_t tcp_port, bind_somewhere(sockets.tcp.get()));
  if (listen(sockets.tcp.get(), static_cast<int>(kMaxConnections)) != 0) return sys_error("listen");
  BERTH_TRY(redirect_dns(udp_port, tcp_port));
  return sockets;
}

class Server : public NameServer {
 public:
  Server(EventLoop& loop, Sockets sockets, DnsConfig config)
      : loop_(loop),
        sockets_(std::move(sockets)),
        names_(std::move(config.names_file)),
        upstreams_(config.servers),
        forwarder_(loop) {}

  ~Server() override {
    if (burial_ != 0) loop_.cancel(burial_);
    connections_.clear();
    loop_.remove(sockets_.udp.get());
    loop_.remove(sockets_.tcp.get());
  }

  Status start() {
    BERTH_TRY(loop_.add(sockets_.udp.get(), EPOLLIN, [this](uint32_t) { from_udp(); }));
    return loop_.add(sockets_.tcp.get(), EPOLLIN, [this](uint32_t) { from_tcp(); });
  }

 private:
  // `reply` is called exactly once with the response; "" if the message deserves none.
  void answer(const std::string& query, bool tcp, const Forwarder::Answered& reply) {
    auto question = parse_question(query);
    if (!question.has_value()) return reply({});
    if (auto own = own_answer(*question, tcp ? kTcpLimit : kUdpLimit)) return reply(std::move(*own));
    const Question& asked = *question;
    auto relayed = [asked, reply](std::string response) {
      reply(response.empty() ? empty_response(asked, ResponseCode::kServerFailure) : std::move(response));
    };
    if (!forwarder_.forward(query, upstreams_.servers(), tcp, relayed)) relayed({});
  }

  std::optional<std::string> own_answer(const Question& question, size_t limit) {
    if (question.klass != kClassIn) return std::nullopt;
    if (question.type == kTypePtr) {
      auto ip = address_of_reverse_name(question.name);
      const std::string* name = ip.has_value() ? names_.name(*ip) : nullptr;
      return name == nullptr ? std::nullopt : std::optional(name_response(question, *name));
    }
    const auto* addresses = names_.addresses(question.name);
    if (addresses == nullptr) return std::nullopt;
    // The name exists; of any other type (AAAA above all) it has no records.
    if (question.type != kTypeA) return empty_response(question, ResponseCode::kNoError);
    return address_response(question, *addresses, limit);
  }

  void from_udp() {
    for (int i = 0; i < kTurn; ++i) {
      std::string query(kMaxUdpQuery, '\0');
      SocketAddress client;
      client.length = sizeof(client.storage);
      const ssize_t n =
          recvfrom(sockets_.udp.get(), query.data(), query.size(), 0, client.get(), &client.length);
      if (n < 0) return;
      query.resize(static_cast<size_t>(n));
      answer(query, false, [this, client](const std::string& response) {
        // A resolver that has gone, or a full buffer: it asks again, as with every lost datagram.
        if (!response.empty()) {
          sendto(sockets_.udp.get(), response.data(), response.size(), MSG_NOSIGNAL, client.get(),
                 client.length);
        }
      });
    }
  }

  void from_tcp() {
    for (int i = 0; i < kTurn; ++i) {
      UniqueFd socket(accept4(sockets_.tcp.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!socket) return;
      if (connections_.size() >= kMaxConnections) continue;
      const uint64_t id = next_connection_++;
      auto asked = [this, id](const std::string& query) {
        answer(query, true, [this, id](const std::string& response) {
          auto found = connections_.find(id);
          if (found != connections_.end()) found->second->answer(response);
        });
      };
      auto gone = [this, id] { bury(id); };
      auto connection = std::make_unique<DnsConnection>(loop_, std::move(socket), asked, gone);
      if (connection->start().ok()) connections_.emplace(id, std::move(connection));
    }
  }

  // Not from within the connection's own call: it is destroyed in the loop's next turn.
  void bury(uint64_t id) {
    gone_.push_back(id);
    if (burial_ != 0) return;
    burial_ = loop_.after(0, [this] {
      burial_ = 0;
      for (uint64_t each : std::exchange(gone_, {})) connections_.erase(each);
    });
  }

  EventLoop& loop_;
  Sockets sockets_;
  NamesFile names_;
  Upstreams upstreams_;
  Forwarder forwarder_;
  std::map<uint64_t, std::unique_ptr<DnsConnection>> connections_;
  uint64_t next_connection_ = 1;
  std::vector<uint64_t> gone_;
  uint64_t burial_ = 0;
};

}  // namespace

Result<std::unique_ptr<NameServer>> NameServer::create(EventLoop& loop, int netns_fd, DnsConfig config) {
  BERTH_TRY_ASSIGN(Sockets sockets, in_namespace(netns_fd, open_sockets));
  auto server = std::make_unique<Server>(loop, std::move(sockets), std::move(config));
  BERTH_TRY(server->start());
  return std::unique_ptr<NameServer>(std::move(server));
}

}  // namespace berth::network
