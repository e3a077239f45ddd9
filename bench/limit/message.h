// Builds rtnetlink messages, sends many in one call and reads their answers: the least code between a
// benchmark and the kernel. See netlink(7), rtnetlink(7), linux/if_link.h.
#ifndef LIMIT_MESSAGE_H
#define LIMIT_MESSAGE_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// The kernel fills at most 32 KiB for one receive of a dump.
#ifndef BUFFER_BYTES
#define BUFFER_BYTES 65536
#endif

// Several requests that leave in one send; the last one must be answered by the kernel (NLM_F_ACK or a GET).
struct batch {
  size_t length;
  size_t last; // offset of the message under construction
  uint32_t sequence;
  _Alignas(NLMSG_ALIGNTO) unsigned char bytes[BUFFER_BYTES];
};

struct link {
  int ifindex, peer_ifindex, master;
  unsigned flags, mtu;
  char name[IFNAMSIZ], kind[IFNAMSIZ];
  unsigned char mac[6];
};

typedef void on_message(const struct nlmsghdr* message, void* context);

static inline _Noreturn void die(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

static inline void check(int result, const char* what) {
  if (result < 0)
    die("%s: %s", what, strerror(errno));
}

// The socket options are those that the library sets on each of its sockets.
static inline int open_netlink_of(int protocol) {
  const int on = 1;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  check(fd, "socket(AF_NETLINK)");
  check(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on), "NETLINK_EXT_ACK");
  check(setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on), "NETLINK_CAP_ACK");
  check(setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on), "NETLINK_GET_STRICT_CHK");
  return fd;
}

static inline int open_netlink(void) {
  return open_netlink_of(NETLINK_ROUTE);
}

static inline struct nlmsghdr* last_message(struct batch* batch) {
  return (struct nlmsghdr*)(batch->bytes + batch->last);
}

static inline void* reserve(struct batch* batch, size_t length) {
  void* at = batch->bytes + batch->length;
  if (batch->length + NLMSG_ALIGN(length) > sizeof batch->bytes)
    die("batch: too many bytes");
  memset(at, 0, NLMSG_ALIGN(length));
  batch->length += NLMSG_ALIGN(length);
  last_message(batch)->nlmsg_len = (uint32_t)(batch->length - batch->last);
  return at;
}

static inline void message(struct batch* batch, uint16_t type, uint16_t flags, const void* header,
                           size_t length) {
  batch->last = batch->length;
  struct nlmsghdr* head = reserve(batch, sizeof *head);
  head->nlmsg_type = type;
  head->nlmsg_flags = NLM_F_REQUEST | flags;
  head->nlmsg_seq = ++batch->sequence;
  memcpy(reserve(batch, length), header, length);
}

static inline void put(struct batch* batch, uint16_t type, const void* data, size_t length) {
  struct rtattr* attribute = reserve(batch, RTA_LENGTH(length));
  attribute->rta_type = type;
  attribute->rta_len = (uint16_t)RTA_LENGTH(length);
  memcpy(RTA_DATA(attribute), data, length);
}

static inline void put_u32(struct batch* batch, uint16_t type, uint32_t value) {
  put(batch, type, &value, sizeof value);
}

static inline void put_string(struct batch* batch, uint16_t type, const char* text) {
  put(batch, type, text, strlen(text) + 1);
}

static inline struct rtattr* nest(struct batch* batch, uint16_t type) {
  struct rtattr* attribute = reserve(batch, sizeof *attribute);
  attribute->rta_type = type | NLA_F_NESTED;
  return attribute;
}

static inline void end_nest(struct batch* batch, struct rtattr* attribute) {
  attribute->rta_len = (uint16_t)(batch->bytes + batch->length - (unsigned char*)attribute);
}

static inline void link_message(struct batch* batch, uint16_t type, uint16_t flags, int ifindex,
                                unsigned up) {
  struct ifinfomsg header = {.ifi_index = ifindex, .ifi_flags = up, .ifi_change = up};
  message(batch, type, flags, &header, sizeof header);
}

// Asks for one link, by ifindex or (with 0) by name, without its statistics.
static inline void get_link(struct batch* batch, int ifindex, const char* name) {
  link_message(batch, RTM_GETLINK, 0, ifindex, 0);
  if (name != NULL)
    put_string(batch, IFLA_IFNAME, name);
  put_u32(batch, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

// Asks for all veth links, which the kernel picks, without their statistics.
static inline void dump_veths(struct batch* batch) {
  link_message(batch, RTM_GETLINK, NLM_F_DUMP, 0, 0);
  put_u32(batch, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  struct rtattr* info = nest(batch, IFLA_LINKINFO);
  put_string(batch, IFLA_INFO_KIND, "veth");
  end_nest(batch, info);
}

static inline void die_of(const struct nlmsghdr* answer) {
  const struct nlmsgerr* error = NLMSG_DATA(answer);
  const char* text = "";
  if (answer->nlmsg_flags & NLM_F_ACK_TLVS) { // NETLINK_CAP_ACK: the attributes follow the header at once
    int left = (int)NLMSG_PAYLOAD(answer, sizeof *error);
    for (struct rtattr* at = (struct rtattr*)(error + 1); RTA_OK(at, left); at = RTA_NEXT(at, left))
      if (at->rta_type == NLMSGERR_ATTR_MSG)
        text = RTA_DATA(at);
  }
  die("request %u (type %u): %s %s", answer->nlmsg_seq, error->msg.nlmsg_type, strerror(-error->error), text);
}

// Sends the batch in one call and reads until its last message is answered; dies of the first error,
// whichever message it belongs to. Empties the batch.
static inline void exchange(int fd, struct batch* batch, on_message* on_answer, void* context) {
  static _Alignas(NLMSG_ALIGNTO) unsigned char received[BUFFER_BYTES];
  if (send(fd, batch->bytes, batch->length, 0) != (ssize_t)batch->length)
    die("send: %s", strerror(errno));
  batch->length = 0;
  for (int answered = 0; !answered;) {
    ssize_t length = recv(fd, received, sizeof received, MSG_TRUNC);
    check((int)length, "recv");
    if (length > (ssize_t)sizeof received)
      die("recv: an answer of %zd bytes", length);
    int left = (int)length;
    for (struct nlmsghdr* at = (struct nlmsghdr*)received; NLMSG_OK(at, left); at = NLMSG_NEXT(at, left)) {
      const int error = at->nlmsg_type == NLMSG_ERROR ? ((struct nlmsgerr*)NLMSG_DATA(at))->error : 0;
      if (error != 0)
        die_of(at);
      if (at->nlmsg_type == NLMSG_DONE && *(int*)NLMSG_DATA(at) < 0)
        die("dump: %s", strerror(-*(int*)NLMSG_DATA(at)));
      if (at->nlmsg_type >= RTM_BASE)
        on_answer(at, context);
      const int more = at->nlmsg_flags & NLM_F_MULTI && at->nlmsg_type != NLMSG_DONE;
      answered = answered || (at->nlmsg_seq == batch->sequence && !more);
    }
  }
}

#endif
