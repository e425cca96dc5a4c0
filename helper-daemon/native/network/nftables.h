// nftables by raw netlink: one batch is applied as a whole or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "network/netlink.h"

namespace berth::network {

struct BaseChain {
  std::string name;
  const char* type;  // "filter" or "nat"
  uint32_t hook;     // NF_INET_…
  int32_t priority;
};

// The expressions of one rule, in order. Registers are the kernel's 16-byte ones, 1 to 4.
class NftRule {
 public:
  NftRule& load_meta(uint32_t key, uint32_t to);
  NftRule& load_ct_state(uint32_t to);
  NftRule& load_payload(uint32_t base, uint32_t offset, uint32_t size, uint32_t to);
  NftRule& mask(uint32_t at, uint32_t host_order_mask);
  NftRule& equal(uint32_t at, std::string_view bytes);
  NftRule& not_equal(uint32_t at, std::string_view bytes);
  NftRule& in_set(uint32_t at, const std::string& set, bool inverted = false);
  NftRule& load(std::string_view bytes, uint32_t to);
  NftRule& masquerade();
  NftRule& destination_nat(uint32_t address_at, uint32_t port_at);
  NftRule& verdict(uint32_t code);  // NF_ACCEPT, NF_DROP

 private:
  friend class NftBatch;
  struct Expression {
    std::string name;
    std::string attributes;
  };
  NftRule& add(const char* name, NetlinkMessage& attributes);
  NftRule& compare(uint32_t at, uint32_t operation, std::string_view bytes);
  std::vector<Expression> expressions_;
};

class NftBatch {
 public:
  // All that follows is about this table. `family` is NFPROTO_INET or NFPROTO_IPV4.
  NftBatch(uint8_t family, std::string table);
  // What exists already is left as it is.
  void add_table();
  void add_chain(const BaseChain& chain);
  // Keys are `parts` interface names one behind the other.
  void add_interface_set(const std::string& name, uint32_t parts);
  void add_element(const std::string& set, std::string_view key);
  void delete_element(const std::string& set, std::string_view key);
  // The rules of all chains; elements stay.
  void delete_rules();
  void add_rule(const std::string& chain, const NftRule& rule);
  // In the calling thread's network namespace. Error "kernel-missing" where the kernel has no nftables.
  Status commit(const std::string& what);

 private:
  void start(uint16_t type, uint16_t flags);
  void element(uint16_t type, uint16_t flags, const std::string& set, std::string_view key);

  NetlinkMessage message_;
  uint8_t family_;
  std::string table_;
  uint32_t set_id_ = 0;
};

// An interface's name as sets and comparisons want it: 16 bytes.
std::string interface_key(const std::string& name);

}  // namespace berth::network
