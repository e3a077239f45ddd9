// Masquerades one address and publishes one of its ports, for each container in one transaction; each_ns is
// one container. Nothing is asked before. The table, its maps and rules are there already, made by the
// library's first publishPort().
#include "nft.h"

static struct batch batch;

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 100);
  uint64_t* each_ns = new_times(options.count);
  int fd = open_netlink_of(NETLINK_NETFILTER);

  const uint64_t start = now_ns();
  for (unsigned i = 0; i < options.count; i++) {
    char name[64];
    const uint64_t begun = now_ns();
    snprintf(name, sizeof name, "masquerade-c%u", i);
    begin_transaction(&batch);
    put_masquerade(&batch, FIRST_ADDRESS + i, name);
    put_published(&batch, (uint16_t)(FIRST_PORT + i), FIRST_ADDRESS + i, 80, BRIDGE, name);
    commit(fd, &batch);
    each_ns[i] = now_ns() - begun;
  }
  const uint64_t total_ns = now_ns() - start;
  if (options.hold)
    print_ready();
  hold_if_asked(&options);
  print_result(total_ns, each_ns, options.count);
  return 0;
}
