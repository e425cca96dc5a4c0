#include "network/nftables.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

namespace berth::network {

namespace {

// nft's own number for the type "ifname"; the kernel only stores it, nft shows the set by it.
constexpr uint32_t kTypeIfname = 41;
constexpr uint32_t kTypeBits = 6;

uint16_t nft_message(uint16_t type) {
  return static_cast<uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | type);
}

void data_value(NetlinkMessage& message, uint16_t type, std::string_view bytes) {
  const size_t nest = message.begin(type);
  message.attribute(NFTA_DATA_VALUE, bytes.data(), bytes.size());
  message.end(nest);
}

}  // namespace

std::string interface_key(const std::string& name) {
  std::string key = name.substr(0, IFNAMSIZ - 1);
  key.resize(IFNAMSIZ, '\0');
  return key;
}

NftRule& NftRule::add(const char* name, NetlinkMessage& attributes) {
  expressions_.push_back(Expression{name, attributes.bytes()});
  return *this;
}

NftRule& NftRule::load_meta(uint32_t key, uint32_t to) {
  NetlinkMessage data;
  data.big_endian(NFTA_META_KEY, key);
  data.big_endian(NFTA_META_DREG, to);
  return add("meta", data);
}

NftRule& NftRule::load_ct_state(uint32_t to) {
  NetlinkMessage data;
  data.big_endian(NFTA_CT_KEY, NFT_CT_STATE);
  data.big_endian(NFTA_CT_DREG, to);
  return add("ct", data);
}

NftRule& NftRule::load_payload(uint32_t base, uint32_t offset, uint32_t size, uint32_t to) {
  NetlinkMessage data;
  data.big_endian(NFTA_PAYLOAD_DREG, to);
  data.big_endian(NFTA_PAYLOAD_BASE, base);
  data.big_endian(NFTA_PAYLOAD_OFFSET, offset);
  data.big_endian(NFTA_PAYLOAD_LEN, size);
  return add("payload", data);
}

NftRule& NftRule::mask(uint32_t at, uint32_t host_order_mask) {
  const uint32_t none = 0;
  NetlinkMessage data;
  data.big_endian(NFTA_BITWISE_SREG, at);
  data.big_endian(NFTA_BITWISE_DREG, at);
  data.big_endian(NFTA_BITWISE_LEN, sizeof(host_order_mask));
  data_value(data, NFTA_BITWISE_MASK,
             {reinterpret_cast<const char*>(&host_order_mask), sizeof(host_order_mask)});
  data_value(data, NFTA_BITWISE_XOR, {reinterpret_cast<const char*>(&none), sizeof(none)});
  return add("bitwise", data);
}

NftRule& NftRule::compare(uint32_t at, uint32_t operation, std::string_view bytes) {
  NetlinkMessage data;
  data.big_endian(NFTA_CMP_SREG, at);
  data.big_endian(NFTA_CMP_OP, operation);
  data_value(data, NFTA_CMP_DATA, bytes);
  return add("cmp", data);
}

NftRule& NftRule::equal(uint32_t at, std::string_view bytes) {
  return compare(at, NFT_CMP_EQ, bytes);
}
NftRule& NftRule::not_equal(uint32_t at, std::string_view bytes) {
  return compare(at, NFT_CMP_NEQ, bytes);
}

NftRule& NftRule::in_set(uint32_t at, const std::string& set, bool inverted) {
  NetlinkMessage data;
  data.text(NFTA_LOOKUP_SET, set);
  data.big_endian(NFTA_LOOKUP_SREG, at);
  if (inverted) data.big_endian(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
  return add("lookup", data);
}

NftRule& NftRule::load(std::string_view bytes, uint32_t to) {
  NetlinkMessage data;
  data.big_endian(NFTA_IMMEDIATE_DREG, to);
  data_value(data, NFTA_IMMEDIATE_DATA, bytes);
  return add("immediate", data);
}

NftRule& NftRule::masquerade() {
  NetlinkMessage data;
  return add("masq", data);
}

NftRule& NftRule::destination_nat(uint32_t address_at, uint32_t port_at) {
  NetlinkMessage data;
  data.big_endian(NFTA_NAT_TYPE, NFT_NAT_DNAT);
  data.big_endian(NFTA_NAT_FAMILY, NFPROTO_IPV4);
  data.big_endian(NFTA_NAT_REG_ADDR_MIN, address_at);
  data.big_endian(NFTA_NAT_REG_PROTO_MIN, port_at);
  data.big_endian(NFTA_NAT_FLAGS, NF_NAT_RANGE_PROTO_SPECIFIED);
  return add("nat", data);
}

NftRule& NftRule::verdict(uint32_t code) {
  NetlinkMessage data;
  data.big_endian(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
  const size_t nest = data.begin(NFTA_IMMEDIATE_DATA);
  const size_t inner = data.begin(NFTA_DATA_VERDICT);
  data.big_endian(NFTA_VERDICT_CODE, code);
  data.end(inner);
  data.end(nest);
  return add("immediate", data);
}

NftBatch::NftBatch(uint8_t family, std::string table) : family_(family), table_(std::move(table)) {
  message_.start(NFNL_MSG_BATCH_BEGIN, 0);
  message_.put(nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)});
}

void NftBatch::start(uint16_t type, uint16_t flags) {
  message_.start(nft_message(type), flags | NLM_F_ACK);
  message_.put(nfgenmsg{family_, NFNETLINK_V0, 0});
}

void NftBatch::add_table() {
  start(NFT_MSG_NEWTABLE, NLM_F_CREATE);
  message_.text(NFTA_TABLE_NAME, table_);
}

void NftBatch::add_chain(const BaseChain& chain) {
  start(NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  message_.text(NFTA_CHAIN_TABLE, table_);
  message_.text(NFTA_CHAIN_NAME, chain.name);
  const size_t hook = message_.begin(NFTA_CHAIN_HOOK);
  message_.big_endian(NFTA_HOOK_HOOKNUM, chain.hook);
  message_.big_endian(NFTA_HOOK_PRIORITY, static_cast<uint32_t>(chain.priority));
  message_.end(hook);
  message_.big_endian(NFTA_CHAIN_POLICY, NF_ACCEPT);
  message_.text(NFTA_CHAIN_TYPE, chain.type);
}

void NftBatch::add_interface_set(const std::string& name, uint32_t parts) {
  uint32_t type = 0;
  for (uint32_t i = 0; i < parts; ++i) type = (type << kTypeBits) | kTypeIfname;
  start(NFT_MSG_NEWSET, NLM_F_CREATE);
  message_.text(NFTA_SET_TABLE, table_);
  message_.text(NFTA_SET_NAME, name);
  message_.big_endian(NFTA_SET_FLAGS, 0);
  message_.big_endian(NFTA_SET_KEY_TYPE, type);
  message_.big_endian(NFTA_SET_KEY_LEN, parts * IFNAMSIZ);
  message_.big_endian(NFTA_SET_ID, ++set_id_);
  // For `nft list` alone: type 0 (byte order of the key), length 4, value 1 (the host's).
  message_.attribute(NFTA_SET_USERDATA, "\0\4\1\0\0\0", 6);
}

void NftBatch::element(uint16_t type, uint16_t flags, const std::string& set, std::string_view key) {
  start(type, flags);
  message_.text(NFTA_SET_ELEM_LIST_TABLE, table_);
  message_.text(NFTA_SET_ELEM_LIST_SET, set);
  const size_t list = message_.begin(NFTA_SET_ELEM_LIST_ELEMENTS);
  const size_t item = message_.begin(NFTA_LIST_ELEM);
  data_value(message_, NFTA_SET_ELEM_KEY, key);
  message_.end(item);
  message_.end(list);
}

void NftBatch::add_element(const std::string& set, std::string_view key) {
  element(NFT_MSG_NEWSETELEM, NLM_F_CREATE, set, key);
}

void NftBatch::delete_element(const std::string& set, std::string_view key) {
  element(NFT_MSG_DELSETELEM, 0, set, key);
}

void NftBatch::delete_rules() {
  start(NFT_MSG_DELRULE, 0);
  message_.text(NFTA_RULE_TABLE, table_);
}

void NftBatch::add_rule(const std::string& chain, const NftRule& rule) {
  start(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
  message_.text(NFTA_RULE_TABLE, table_);
  message_.text(NFTA_RULE_CHAIN, chain);
  const size_t list = message_.begin(NFTA_RULE_EXPRESSIONS);
  for (const auto& expression : rule.expressions_) {
    const size_t item = message_.begin(NFTA_LIST_ELEM);
    message_.text(NFTA_EXPR_NAME, expression.name);
    message_.attribute(NFTA_EXPR_DATA | NLA_F_NESTED, expression.attributes.data(),
                       expression.attributes.size());
    message_.end(item);
  }
  message_.end(list);
}

Status NftBatch::commit(const std::string& what) {
  auto socket = NetlinkSocket::open(NETLINK_NETFILTER);
  if (!socket.ok() && socket.error().errnum == EPROTONOSUPPORT) {
    return Error{"kernel-missing",
                 "this kernel has no nftables, which container networks need (CONFIG_NF_TABLES)",
                 EPROTONOSUPPORT};
  }
  if (!socket.ok()) return socket.error();
  message_.start(NFNL_MSG_BATCH_END, 0);
  message_.put(nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)});
  Status done = socket->transact(message_, what);
  if (!done.ok() && done.error().errnum == EOPNOTSUPP) {
    return Error{
        "kernel-missing",
        what + ": this kernel lacks a part of nftables (CONFIG_NF_TABLES, CONFIG_NFT_NAT, CONFIG_NFT_MASQ)",
        EOPNOTSUPP};
  }
  return done;
}

}  // namespace berth::network
