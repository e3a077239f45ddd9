// Takes away every route that was added.
#include "routes.h"

static struct batch batch;

int main(void) {
  int fd = open_netlink();
  flush_routes(fd, &batch, routes_ifindex(fd));
  return 0;
}
