// Lists the rules that `ruleset.ts --mode make-rules` has made, several times; each_ns is one listing, every
// expression walked through.
#include "nft.h"

#define FIRST_COMPARED 1

static struct batch batch;

struct rules {
  unsigned count;
  uint64_t ports; // the sum of what the rules compare the port with: proof that each was decoded
};

static struct rtattr* find(const struct rtattr* in, uint16_t type) {
  int left = (int)RTA_PAYLOAD(in);
  for (struct rtattr* at = RTA_DATA(in); RTA_OK(at, left); at = RTA_NEXT(at, left))
    if ((at->rta_type & NLA_TYPE_MASK) == type)
      return at;
  return NULL;
}

static void read_expression(const struct rtattr* expression, struct rules* rules) {
  const struct rtattr* name = find(expression, NFTA_EXPR_NAME);
  if (name == NULL || strcmp(RTA_DATA(name), "cmp") != 0)
    return;
  const struct rtattr* data = find(expression, NFTA_EXPR_DATA);
  const struct rtattr* value = find(find(data, NFTA_CMP_DATA), NFTA_DATA_VALUE);
  if (RTA_PAYLOAD(value) == sizeof(uint16_t))
    rules->ports += ntohs(*(uint16_t*)RTA_DATA(value));
}

static void read_rule(const struct nlmsghdr* answer, void* context) {
  struct rules* rules = context;
  const struct nfgenmsg* header = NLMSG_DATA(answer);
  int left = (int)NLMSG_PAYLOAD(answer, sizeof *header);
  for (struct rtattr* at = (struct rtattr*)(header + 1); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if ((at->rta_type & NLA_TYPE_MASK) != NFTA_RULE_EXPRESSIONS)
      continue;
    rules->count++;
    int inside = (int)RTA_PAYLOAD(at);
    for (struct rtattr* one = RTA_DATA(at); RTA_OK(one, inside); one = RTA_NEXT(one, inside))
      read_expression(one, rules);
  }
}

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 10000);
  uint64_t* each_ns = new_times(options.repeat);
  const uint64_t expected = (uint64_t)options.count * (options.count + 2 * FIRST_COMPARED - 1) / 2;

  const uint64_t start = now_ns();
  int fd = open_netlink_of(NETLINK_NETFILTER);
  for (unsigned i = 0; i < options.repeat; i++) {
    const uint64_t begun = now_ns();
    struct rules rules = {0};
    nft_message(&batch, NFT_MSG_GETRULE, NLM_F_DUMP);
    exchange(fd, &batch, read_rule, &rules);
    if (rules.count != options.count || rules.ports != expected)
      die("%u of %u rules, or wrong ones", rules.count, options.count);
    each_ns[i] = now_ns() - begun;
  }
  close(fd);
  print_result(now_ns() - start, each_ns, options.repeat);
  return 0;
}
