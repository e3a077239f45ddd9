// Waits until the kernel has taken down the namespaces that were let go, so that one run does not slow the
// next.
#ifndef LIMIT_SETTLE_H
#define LIMIT_SETTLE_H

#include "setup.h"
#include <pthread.h>

static inline void count_link(const struct nlmsghdr* answer, void* count) {
  (void)answer;
  ++*(unsigned*)count;
}

static inline unsigned count_veths(int fd, struct batch* batch) {
  unsigned count = 0;
  dump_veths(batch);
  exchange(fd, batch, count_link, &count);
  return count;
}

static inline int subscribe_to_links(void) {
  const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  int fd = open_netlink();
  check(bind(fd, (const struct sockaddr*)&address, sizeof address), "bind(RTMGRP_LINK)");
  return fd;
}

// Each event of the monitor is a reason to count again; an overflow (ENOBUFS) is one too, so none is missed.
static inline void wait_until_no_veth(int fd, struct batch* batch, int monitor) {
  static unsigned char event[BUFFER_BYTES];
  const uint64_t deadline = now_ns() + REAPED_WITHIN_MS * 1000000ull;
  while (count_veths(fd, batch) > 0) {
    struct pollfd wait = {.fd = monitor, .events = POLLIN};
    if (now_ns() > deadline || poll(&wait, 1, REAPED_WITHIN_MS) == 0)
      die("veth links of deleted namespaces are still there after %d ms", REAPED_WITHIN_MS);
    while (recv(monitor, event, sizeof event, MSG_DONTWAIT) > 0 || errno == ENOBUFS)
      ;
  }
}

static inline void* open_new_netns(void* result) {
  check(unshare(CLONE_NEWNET), "unshare");
  *(int*)result = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  check(*(int*)result, "open(ns/net)");
  return NULL;
}

// The kernel takes namespaces down on one thread, first come first served: once the far end of this veth is
// gone, so are all the namespaces that were let go before.
static inline void make_sentinel(int fd, struct batch* batch) {
  struct rtattr* nests[3];
  pthread_t thread;
  int netns = -1;
  if (pthread_create(&thread, NULL, open_new_netns, &netns) != 0 || pthread_join(thread, NULL) != 0)
    die("pthread_create");
  link_message(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 0, 0);
  put_string(batch, IFLA_IFNAME, "sentinel");
  begin_peer(batch, nests);
  put_u32(batch, IFLA_NET_NS_FD, (uint32_t)netns);
  end_peer(batch, nests);
  exchange(fd, batch, ignore, NULL);
  close(netns);
}

static inline void settle(int fd, struct batch* batch) {
  int monitor = subscribe_to_links();
  wait_until_no_veth(fd, batch, monitor);
  make_sentinel(fd, batch);
  wait_until_no_veth(fd, batch, monitor);
  close(monitor);
}

#endif
