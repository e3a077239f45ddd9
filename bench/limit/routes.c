// Adds IPv4 routes, 64 in each send; each_ns is one send with its answer.
#include "routes.h"

static struct batch batch;

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 100000);
  const unsigned sends = (options.count + BATCH_MESSAGES - 1) / BATCH_MESSAGES;
  uint64_t* each_ns = new_times(sends);
  int fd = open_netlink();
  const int ifindex = make_routes_dev(fd, &batch);

  const uint64_t start = now_ns();
  for (unsigned i = 0; i < sends; i++) {
    const uint64_t begun = now_ns();
    const unsigned first = i * BATCH_MESSAGES;
    const unsigned end = first + BATCH_MESSAGES;
    add_routes(fd, &batch, ifindex, first, end < options.count ? end : options.count);
    each_ns[i] = now_ns() - begun;
  }
  const uint64_t total_ns = now_ns() - start;

  dump_routes(fd, &batch, ifindex, options.count);
  print_result(total_ns, each_ns, sends);
  delete_link(fd, &batch, ROUTES_DEV);
  return 0;
}
