// Makes the veth link that routes go through, with `--count` routes on it; keeps it until standard input
// ends.
#include "routes.h"

static struct batch batch;

int main(int argc, char** argv) {
  struct options options = parse_options(argc, argv, 0);
  int fd = open_netlink();
  const int ifindex = make_routes_dev(fd, &batch);
  add_all_routes(fd, &batch, ifindex, options.count, NULL);
  print_ready();
  options.hold = 1;
  hold_if_asked(&options);
  delete_link(fd, &batch, ROUTES_DEV);
  return 0;
}
