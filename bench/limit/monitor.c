// Reads the events of `--count` new routes, from the first to the last. Says "ready" once it has joined; when
// standard input ends, it takes what is still there and tells how many the kernel has dropped.
#include "routes.h"
#include <poll.h>

#define RECEIVE_BUFFER (32 << 20) // the library's default
#define MESSAGES 64
#define EVENT_BYTES 4096

static int open_monitor(void) {
  const int size = RECEIVE_BUFFER;
  const struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                      .nl_groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
  int fd = open_netlink();
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
    check(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size), "SO_RCVBUF");
  check(bind(fd, (const struct sockaddr*)&address, sizeof address), "bind(RTMGRP_IPV4_ROUTE)");
  return fd;
}

static void read_event(const unsigned char* bytes, unsigned length, struct routes* routes) {
  int left = (int)length;
  for (const struct nlmsghdr* at = (const void*)bytes; NLMSG_OK(at, left); at = NLMSG_NEXT(at, left))
    if (at->nlmsg_type == RTM_NEWROUTE)
      read_route(at, routes);
}

// What is there now, up to MESSAGES events. Returns how many, 0 if none is there.
static int read_events(int fd, struct routes* routes, int* overflows) {
  static _Alignas(NLMSG_ALIGNTO) unsigned char bytes[MESSAGES][EVENT_BYTES];
  static struct mmsghdr headers[MESSAGES];
  static struct iovec vectors[MESSAGES];
  for (int i = 0; i < MESSAGES; i++) {
    vectors[i] = (struct iovec){bytes[i], EVENT_BYTES};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  const int count = recvmmsg(fd, headers, MESSAGES, MSG_DONTWAIT, NULL);
  if (count < 0 && errno == ENOBUFS)
    return ++*overflows;
  if (count < 0 && errno == EAGAIN)
    return 0;
  check(count, "recvmmsg");
  for (int i = 0; i < count; i++)
    read_event(bytes[i], headers[i].msg_len, routes);
  return count;
}

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 50000);
  struct routes routes = {0};
  struct pollfd waiting[] = {{.fd = open_monitor(), .events = POLLIN},
                             {.fd = STDIN_FILENO, .events = POLLIN}};
  int overflows = 0;
  uint64_t start = 0, end = 0;
  char more[64];
  print_ready();
  for (int fed = 0; routes.count < options.count;) {
    check(poll(waiting, fed ? 1 : 2, fed ? 0 : -1), "poll");
    const unsigned before = routes.count;
    const int any = read_events(waiting[0].fd, &routes, &overflows);
    if (start == 0 && routes.count > 0)
      start = now_ns();
    if (routes.count > before)
      end = now_ns();
    if (fed && !any)
      break;
    fed = fed || (waiting[1].revents != 0);
  }
  if (routes.count < options.count && overflows == 0)
    die("%u of %u events, and no overflow", routes.count, options.count);
  snprintf(more, sizeof more, ",\"lost\":%u", options.count - routes.count);
  print_result_and(end - start, NULL, 0, more);
  return 0;
}
