// Adds IPv4 routes, 64 in each send; each_ns is one send with its answer.
#include "routes.h"

static struct batch batch;

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 100000);
  const unsigned sends = (options.count + BATCH_MESSAGES - 1) / BATCH_MESSAGES;
  uint64_t* each_ns = new_times(sends);
  int fd = open_netlink();
  const int ifindex = routes_ifindex(fd);
  for (unsigned done = 0; done < options.warm; done += options.count) {
    add_all_routes(fd, &batch, ifindex, options.count, NULL);
    flush_routes(fd, &batch, ifindex);
  }

  const uint64_t start = now_ns();
  const int own = open_netlink();
  add_all_routes(own, &batch, ifindex, options.count, each_ns);
  close(own);
  const uint64_t total_ns = now_ns() - start;

  dump_routes(fd, &batch, ifindex, options.count);
  print_result(total_ns, each_ns, sends);
  return 0;
}
