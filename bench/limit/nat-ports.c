// Publishes ports, each in one transaction; each_ns is one port. Nothing is asked before; of the ports beside
// which they are, all go to one container. The maps and rules are there already, as for nat.c.
#include "nft.h"

#define TRANSACTION_PORTS 64

static struct batch batch;

static void publish_beside(int fd, unsigned count, uint32_t address) {
  for (unsigned first = 1; first <= count; first += TRANSACTION_PORTS) {
    begin_transaction(&batch);
    for (unsigned port = first; port < first + TRANSACTION_PORTS && port <= count; port++)
      put_published(&batch, (uint16_t)port, address, (uint16_t)port, BRIDGE, "beside");
    commit(fd, &batch);
  }
}

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 100);
  uint64_t* each_ns = new_times(options.count);
  int fd = open_netlink_of(NETLINK_NETFILTER);
  publish_beside(fd, options.beside, FIRST_ADDRESS + options.count);

  const uint64_t start = now_ns();
  for (unsigned i = 0; i < options.count; i++) {
    const uint64_t begun = now_ns();
    begin_transaction(&batch);
    put_published(&batch, (uint16_t)(FIRST_PORT + i), FIRST_ADDRESS + i, 80, BRIDGE, "port");
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
