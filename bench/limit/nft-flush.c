// Deletes all tables of nf_tables, with everything in them.
#include "nft.h"

static struct batch batch;

int main(void) {
  const struct nfgenmsg header = {.version = NFNETLINK_V0};
  begin_transaction(&batch);
  message(&batch, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE, 0, &header, sizeof header);
  commit(open_netlink_of(NETLINK_NETFILTER), &batch);
  return 0;
}
