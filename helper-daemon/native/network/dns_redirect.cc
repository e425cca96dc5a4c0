#include "network/dns_redirect.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

#include "network/ipv4.h"
#include "network/nftables.h"

namespace berth::network {

namespace {

constexpr const char* kTable = "berth-dns";
constexpr int32_t kPriorityDestinationNat = -100;
constexpr uint32_t kDestinationInIpv4 = 16;
constexpr uint32_t kDestinationPort = 2;

template <typename T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

NftRule redirect(uint8_t protocol, uint16_t port) {
  const uint32_t address = htonl(0x7f00000b);
  const uint16_t dns = htons(53);
  const uint16_t target = htons(port);
  return NftRule()
      .load_payload(NFT_PAYLOAD_NETWORK_HEADER, kDestinationInIpv4, sizeof(address), NFT_REG_1)
      .equal(NFT_REG_1, bytes_of(address))
      .load_meta(NFT_META_L4PROTO, NFT_REG_1)
      .equal(NFT_REG_1, bytes_of(protocol))
      .load_payload(NFT_PAYLOAD_TRANSPORT_HEADER, kDestinationPort, sizeof(dns), NFT_REG_1)
      .equal(NFT_REG_1, bytes_of(dns))
      .load(bytes_of(address), NFT_REG_1)
      .load(bytes_of(target), NFT_REG_2)
      .destination_nat(NFT_REG_1, NFT_REG_2);
}

}  // namespace

Status redirect_dns(uint16_t udp_port, uint16_t tcp_port) {
  NftBatch batch(NFPROTO_IPV4, kTable);
  batch.add_table();
  batch.add_chain(BaseChain{"output", "nat", NF_INET_LOCAL_OUT, kPriorityDestinationNat});
  batch.delete_rules();
  batch.add_rule("output", redirect(IPPROTO_UDP, udp_port));
  batch.add_rule("output", redirect(IPPROTO_TCP, tcp_port));
  return batch.commit("redirect the container's name queries");
}

}  // namespace berth::network
