// Takes away every route that was added: a link that goes down loses them all, sooner than one by one.
#include "routes.h"

static struct batch batch;

int main(void) {
  int fd = open_netlink();
  const int ifindex = routes_ifindex(fd);
  const struct ifinfomsg down = {.ifi_index = ifindex, .ifi_change = IFF_UP};
  message(&batch, RTM_NEWLINK, 0, &down, sizeof down);
  link_message(&batch, RTM_NEWLINK, NLM_F_ACK, ifindex, IFF_UP);
  exchange(fd, &batch, ignore, NULL);
  dump_routes(fd, &batch, ifindex, 0);
  return 0;
}
