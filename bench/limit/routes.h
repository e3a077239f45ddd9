// Many IPv4 routes through one veth end, which device.c makes.
#ifndef LIMIT_ROUTES_H
#define LIMIT_ROUTES_H

#include "setup.h"

#define ROUTES_DEV "veth-routes"
#define NEAR_ADDRESS 0x0ac80001u // 10.200.0.1/16
#define GATEWAY_ADDRESS 0x0ac80002u
#define FIRST_ROUTE 0x2c000000u // 44.0.0.0/32, 44.0.0.1/32 …

static inline int make_routes_dev(int fd, struct batch* batch) {
  struct rtattr* nests[3];
  link_message(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 0, 0);
  put_string(batch, IFLA_IFNAME, ROUTES_DEV);
  begin_peer(batch, nests);
  put_string(batch, IFLA_IFNAME, "veth-routes-p");
  end_peer(batch, nests);
  exchange(fd, batch, ignore, NULL);

  const int ifindex = ifindex_of(fd, ROUTES_DEV);
  link_message(batch, RTM_NEWLINK, 0, ifindex, IFF_UP);
  link_message(batch, RTM_NEWLINK, 0, ifindex_of(fd, "veth-routes-p"), IFF_UP);
  put_new_address(batch, NLM_F_ACK, ifindex, NEAR_ADDRESS, 16);
  exchange(fd, batch, ignore, NULL);
  return ifindex;
}

static inline void put_route(struct batch* batch, uint16_t flags, int ifindex, unsigned number) {
  const struct rtmsg header = {.rtm_family = AF_INET,
                               .rtm_dst_len = 32,
                               .rtm_table = RT_TABLE_MAIN,
                               .rtm_protocol = RTPROT_BOOT,
                               .rtm_scope = RT_SCOPE_UNIVERSE,
                               .rtm_type = RTN_UNICAST};
  message(batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL | flags, &header, sizeof header);
  put_u32(batch, RTA_DST, htonl(FIRST_ROUTE + number));
  put_u32(batch, RTA_GATEWAY, htonl(GATEWAY_ADDRESS));
  put_u32(batch, RTA_OIF, (uint32_t)ifindex);
}

// Only the last of a batch asks for an ACK: one on each message costs 40%. Errors come without asking.
static inline void add_routes(int fd, struct batch* batch, int ifindex, unsigned first, unsigned end) {
  for (unsigned i = first; i < end; i++)
    put_route(batch, i + 1 == end ? NLM_F_ACK : 0, ifindex, i);
  exchange(fd, batch, ignore, NULL);
}

static inline int routes_ifindex(int fd) {
  const int ifindex = ifindex_of(fd, ROUTES_DEV);
  if (ifindex == 0)
    die("there is no " ROUTES_DEV ": run `device` meanwhile");
  return ifindex;
}

// 64 in each send; each_ns, if not NULL, takes the time of each send with its answer.
static inline void add_all_routes(int fd, struct batch* batch, int ifindex, unsigned count,
                                  uint64_t* each_ns) {
  for (unsigned first = 0; first < count; first += BATCH_MESSAGES) {
    const uint64_t begun = now_ns();
    const unsigned end = first + BATCH_MESSAGES;
    add_routes(fd, batch, ifindex, first, end < count ? end : count);
    if (each_ns != NULL)
      each_ns[first / BATCH_MESSAGES] = now_ns() - begun;
  }
}

struct routes {
  unsigned count;
  uint64_t sum; // of destinations, gateways and ifindexes: proof that each was decoded
};

static inline void read_route(const struct nlmsghdr* answer, void* context) {
  struct routes* routes = context;
  const struct rtmsg* header = NLMSG_DATA(answer);
  int left = (int)RTM_PAYLOAD(answer);
  if (header->rtm_dst_len != 32 || header->rtm_protocol != RTPROT_BOOT)
    return;
  routes->count++;
  for (struct rtattr* at = RTM_RTA(header); RTA_OK(at, left); at = RTA_NEXT(at, left))
    if (at->rta_type == RTA_DST || at->rta_type == RTA_GATEWAY)
      routes->sum += ntohl(*(uint32_t*)RTA_DATA(at));
    else if (at->rta_type == RTA_OIF)
      routes->sum += *(uint32_t*)RTA_DATA(at);
}

// Dumps the main table, which the kernel filters, and dies unless every route that was added is in it.
static inline void dump_routes(int fd, struct batch* batch, int ifindex, unsigned count) {
  const struct rtmsg header = {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN};
  struct routes routes = {0};
  uint64_t expected = (uint64_t)count * (FIRST_ROUTE + GATEWAY_ADDRESS + (unsigned)ifindex);
  expected += (uint64_t)count * (count - 1) / 2;
  message(batch, RTM_GETROUTE, NLM_F_DUMP, &header, sizeof header);
  exchange(fd, batch, read_route, &routes);
  if (routes.count != count || routes.sum != expected)
    die("the dump has %u of %u routes, or wrong ones", routes.count, count);
}

// Takes away every route that was added: a link that goes down loses them all, sooner than one by one.
static inline void flush_routes(int fd, struct batch* batch, int ifindex) {
  const struct ifinfomsg down = {.ifi_index = ifindex, .ifi_change = IFF_UP};
  message(batch, RTM_NEWLINK, 0, &down, sizeof down);
  link_message(batch, RTM_NEWLINK, NLM_F_ACK, ifindex, IFF_UP);
  exchange(fd, batch, ignore, NULL);
  dump_routes(fd, batch, ifindex, 0);
}

#endif
