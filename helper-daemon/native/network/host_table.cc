#include "network/host_table.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>

#include "network/nftables.h"

namespace berth::network {

namespace {

constexpr const char* kTable = "berth";
constexpr const char* kBridges = "bridges";
constexpr const char* kSame = "same_bridge";
constexpr int32_t kPrioritySourceNat = 100;
constexpr int32_t kPriorityFilter = 0;

NftRule masquerade_what_leaves() {
  const char ipv4 = NFPROTO_IPV4;
  return NftRule()
      .load_meta(NFT_META_NFPROTO, NFT_REG_1)
      .equal(NFT_REG_1, {&ipv4, 1})
      .load_meta(NFT_META_IIFNAME, NFT_REG_1)
      .in_set(NFT_REG_1, kBridges)
      .load_meta(NFT_META_OIFNAME, NFT_REG_1)
      .in_set(NFT_REG_1, kBridges, true)
      .masquerade();
}

// Bridged packets pass the forward hook as well where br_netfilter is loaded.
NftRule accept_within_a_bridge() {
  return NftRule()
      .load_meta(NFT_META_IIFNAME, NFT_REG_1)
      .load_meta(NFT_META_OIFNAME, NFT_REG_2)
      .in_set(NFT_REG_1, kSame)
      .verdict(NF_ACCEPT);
}

NftRule drop_between_bridges() {
  return NftRule()
      .load_meta(NFT_META_IIFNAME, NFT_REG_1)
      .in_set(NFT_REG_1, kBridges)
      .load_meta(NFT_META_OIFNAME, NFT_REG_1)
      .in_set(NFT_REG_1, kBridges)
      .verdict(NF_DROP);
}

NftRule accept_what_leaves() {
  return NftRule().load_meta(NFT_META_IIFNAME, NFT_REG_1).in_set(NFT_REG_1, kBridges).verdict(NF_ACCEPT);
}

NftRule accept_answers() {
  const uint32_t none = 0;
  return NftRule()
      .load_meta(NFT_META_OIFNAME, NFT_REG_1)
      .in_set(NFT_REG_1, kBridges)
      .load_ct_state(NFT_REG_1)
      .mask(NFT_REG_1, NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED))
      .not_equal(NFT_REG_1, {reinterpret_cast<const char*>(&none), sizeof(none)})
      .verdict(NF_ACCEPT);
}

// Others may not reach containers by routing through this host; published ports do not come this way.
NftRule drop_what_comes() {
  return NftRule().load_meta(NFT_META_OIFNAME, NFT_REG_1).in_set(NFT_REG_1, kBridges).verdict(NF_DROP);
}

}  // namespace

Status add_bridge_to_table(const std::string& bridge) {
  NftBatch batch(NFPROTO_INET, kTable);
  batch.add_table();
  batch.add_interface_set(kBridges, 1);
  batch.add_interface_set(kSame, 2);
  batch.add_chain(BaseChain{"postrouting", "nat", NF_INET_POST_ROUTING, kPrioritySourceNat});
  batch.add_chain(BaseChain{"forward", "filter", NF_INET_FORWARD, kPriorityFilter});
  // Replaced as a whole in one transaction: the same rules, however often this runs and whoever changed them.
  batch.delete_rules();
  batch.add_rule("postrouting", masquerade_what_leaves());
  batch.add_rule("forward", accept_within_a_bridge());
  batch.add_rule("forward", drop_between_bridges());
  batch.add_rule("forward", accept_what_leaves());
  batch.add_rule("forward", accept_answers());
  batch.add_rule("forward", drop_what_comes());
  const std::string key = interface_key(bridge);
  batch.add_element(kBridges, key);
  batch.add_element(kSame, key + key);
  return batch.commit("set up the table inet berth");
}

Status remove_bridge_from_table(const std::string& bridge) {
  const std::string key = interface_key(bridge);
  // One by one: what is missing already must not hold up the rest.
  for (const auto& [set, element] : {std::pair{kBridges, key}, std::pair{kSame, key + key}}) {
    NftBatch batch(NFPROTO_INET, kTable);
    batch.delete_element(set, element);
    Status removed = batch.commit("remove " + bridge + " from the table inet berth");
    if (!removed.ok() && removed.error().errnum != ENOENT) return removed;
  }
  return ok_status();
}

}  // namespace berth::network
