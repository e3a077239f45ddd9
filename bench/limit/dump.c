// Adds IPv4 routes, then dumps them several times; each_ns is one dump, decoded and checked.
#include "routes.h"

#define DUMPS 10

static struct batch batch;

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 100000);
  uint64_t each_ns[DUMPS];
  int fd = open_netlink();
  const int ifindex = make_routes_dev(fd, &batch);
  for (unsigned first = 0; first < options.count; first += BATCH_MESSAGES) {
    const unsigned end = first + BATCH_MESSAGES;
    add_routes(fd, &batch, ifindex, first, end < options.count ? end : options.count);
  }

  const uint64_t start = now_ns();
  for (unsigned i = 0; i < DUMPS; i++) {
    const uint64_t begun = now_ns();
    dump_routes(fd, &batch, ifindex, options.count);
    each_ns[i] = now_ns() - begun;
  }
  const uint64_t total_ns = now_ns() - start;

  print_result(total_ns, each_ns, DUMPS);
  delete_link(fd, &batch, ROUTES_DEV);
  return 0;
}
