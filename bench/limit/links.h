// Many veth links, and one of them by its name; shared by make-links.c, links.c, get-link.c and set-link.c.
#ifndef LIMIT_LINKS_H
#define LIMIT_LINKS_H

#include "setup.h"

static inline void check_veth(const struct link* link) {
  if (strcmp(link->kind, "veth") != 0 || link->name[0] != 'v' || link->peer_ifindex == 0 ||
      link->mtu != 1500 || (link->mac[0] & 2) == 0 || (link->flags & IFF_BROADCAST) == 0)
    die("'%s' is not one of the veth links that were made", link->name);
}

#endif
