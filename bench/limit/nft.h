// Transactions of nf_tables: changes between NFNL_MSG_BATCH_BEGIN and NFNL_MSG_BATCH_END in one send. See
// linux/netfilter/nf_tables.h.
#ifndef LIMIT_NFT_H
#define LIMIT_NFT_H

#include "setup.h"
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#define TABLE "netlink-ts"
#define FIRST_ADDRESS 0x0a000002u // 10.0.0.2
#define FIRST_PORT 20000
#define BRIDGE "br-bench"

static inline void nft_message(struct batch* batch, uint16_t type, uint16_t flags) {
  const struct nfgenmsg header = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0};
  message(batch, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, &header, sizeof header);
}

static inline void batch_message(struct batch* batch, uint16_t type) {
  const struct nfgenmsg header = {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};
  message(batch, type, 0, &header, sizeof header);
}

static inline void begin_transaction(struct batch* batch) {
  batch_message(batch, NFNL_MSG_BATCH_BEGIN);
}

// The last change alone is acknowledged, as the library asks for it; the end is never answered.
static inline void commit(int fd, struct batch* batch) {
  last_message(batch)->nlmsg_flags |= NLM_F_ACK;
  batch_message(batch, NFNL_MSG_BATCH_END);
  batch->sequence--;
  exchange(fd, batch, ignore, NULL);
}

static inline void put_be32(struct batch* batch, uint16_t type, uint32_t value) {
  put_u32(batch, type, htonl(value));
}

// NFTA_DATA_VALUE in an attribute of its own.
static inline void put_data(struct batch* batch, uint16_t type, const void* value, size_t length) {
  struct rtattr* data = nest(batch, type);
  put(batch, NFTA_DATA_VALUE, value, length);
  end_nest(batch, data);
}

// Everything put between the two are attributes of the expression.
static inline void begin_expression(struct batch* batch, struct rtattr* nests[2], const char* name) {
  nests[0] = nest(batch, NFTA_LIST_ELEM);
  put_string(batch, NFTA_EXPR_NAME, name);
  nests[1] = nest(batch, NFTA_EXPR_DATA);
}

static inline void end_expression(struct batch* batch, struct rtattr* nests[2]) {
  end_nest(batch, nests[1]);
  end_nest(batch, nests[0]);
}

static inline void put_meta(struct batch* batch, uint32_t key) {
  struct rtattr* nests[2];
  begin_expression(batch, nests, "meta");
  put_be32(batch, NFTA_META_KEY, key);
  put_be32(batch, NFTA_META_DREG, NFT_REG_1);
  end_expression(batch, nests);
}

static inline void put_payload(struct batch* batch, uint32_t base, uint32_t offset, uint32_t length) {
  struct rtattr* nests[2];
  begin_expression(batch, nests, "payload");
  put_be32(batch, NFTA_PAYLOAD_DREG, NFT_REG_1);
  put_be32(batch, NFTA_PAYLOAD_BASE, base);
  put_be32(batch, NFTA_PAYLOAD_OFFSET, offset);
  put_be32(batch, NFTA_PAYLOAD_LEN, length);
  end_expression(batch, nests);
}

static inline void put_equal(struct batch* batch, const void* value, size_t length) {
  struct rtattr* nests[2];
  begin_expression(batch, nests, "cmp");
  put_be32(batch, NFTA_CMP_SREG, NFT_REG_1);
  put_be32(batch, NFTA_CMP_OP, NFT_CMP_EQ);
  put_data(batch, NFTA_CMP_DATA, value, length);
  end_expression(batch, nests);
}

static inline void put_plain_expression(struct batch* batch, const char* name) {
  struct rtattr* nests[2];
  begin_expression(batch, nests, name);
  end_expression(batch, nests);
}

// The chain and the rule of masquerade({ source }) for one address.
static inline void put_masquerade(struct batch* batch, uint32_t source, const char* name) {
  const unsigned char ipv4 = NFPROTO_IPV4;
  const uint32_t address = htonl(source);
  nft_message(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL);
  put_string(batch, NFTA_CHAIN_TABLE, TABLE);
  put_string(batch, NFTA_CHAIN_NAME, name);
  put_string(batch, NFTA_CHAIN_TYPE, "nat");
  struct rtattr* hook = nest(batch, NFTA_CHAIN_HOOK);
  put_be32(batch, NFTA_HOOK_HOOKNUM, NF_INET_POST_ROUTING);
  put_be32(batch, NFTA_HOOK_PRIORITY, 100);
  end_nest(batch, hook);
  put(batch, NFTA_CHAIN_USERDATA, name, strlen(name));
  nft_message(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
  put_string(batch, NFTA_RULE_TABLE, TABLE);
  put_string(batch, NFTA_RULE_CHAIN, name);
  struct rtattr* expressions = nest(batch, NFTA_RULE_EXPRESSIONS);
  put_meta(batch, NFT_META_NFPROTO);
  put_equal(batch, &ipv4, sizeof ipv4);
  put_payload(batch, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
  put_equal(batch, &address, sizeof address);
  put_plain_expression(batch, "masq");
  end_nest(batch, expressions);
}

struct element {
  const void* key;
  size_t key_length;
  const void* data; // NULL in a set
  size_t data_length;
  const char* userdata; // NULL: none
};

static inline void begin_elements(struct batch* batch, const char* table, const char* set,
                                  struct rtattr** list) {
  nft_message(batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL);
  put_string(batch, NFTA_SET_ELEM_LIST_TABLE, table);
  put_string(batch, NFTA_SET_ELEM_LIST_SET, set);
  *list = nest(batch, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static inline void put_element(struct batch* batch, const struct element* element) {
  struct rtattr* one = nest(batch, NFTA_LIST_ELEM);
  put_data(batch, NFTA_SET_ELEM_KEY, element->key, element->key_length);
  if (element->data != NULL)
    put_data(batch, NFTA_SET_ELEM_DATA, element->data, element->data_length);
  if (element->userdata != NULL)
    put(batch, NFTA_SET_ELEM_USERDATA, element->userdata, strlen(element->userdata));
  end_nest(batch, one);
}

static inline void put_one_element(struct batch* batch, const char* set, const struct element* element) {
  struct rtattr* list;
  begin_elements(batch, TABLE, set, &list);
  put_element(batch, element);
  end_nest(batch, list);
}

// The elements of publishPort({ hostPort, to, dev }) for TCP: the port, and its target as two sets have it.
static inline void put_published(struct batch* batch, uint16_t port, uint32_t target, uint16_t target_port,
                                 const char* dev, const char* tag) {
  struct {
    char dev[IFNAMSIZ];
    uint32_t address;
    uint32_t protocol; // the first byte of a register
    uint16_t port, rest;
  } key = {.address = htonl(target), .port = htons(target_port)};
  memcpy(&key.protocol, &(unsigned char){IPPROTO_TCP}, 1);
  snprintf(key.dev, sizeof key.dev, "%s", dev);
  struct {
    uint32_t protocol;
    uint16_t port, rest;
  } host = {.protocol = key.protocol, .port = htons(port)};
  struct {
    uint32_t address;
    uint16_t port, rest;
  } to = {.address = key.address, .port = key.port};
  put_one_element(batch, "ports4", &(struct element){&host, sizeof host, &to, sizeof to, tag});
  put_one_element(batch, "targets4", &(struct element){&key.address, sizeof key - IFNAMSIZ, NULL, 0, NULL});
  put_one_element(batch, "hairpin4", &(struct element){&key, sizeof key, NULL, 0, NULL});
}

#endif
