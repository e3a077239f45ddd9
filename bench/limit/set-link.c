// Sets the length of the transmit queue of links by name, each of `--count` in turn, `--repeat` times; the first 10,000 are not timed.
#include "links.h"

#define WARM_UP 10000

static struct batch batch;

static void read_nothing(const struct nlmsghdr* message, void* context) {
  (void)context;
  die("an answer of type %u", message->nlmsg_type);
}

static void set(int fd, unsigned number, unsigned turn) {
  char name[IFNAMSIZ];
  snprintf(name, sizeof name, "va%u", number);
  link_message(&batch, RTM_NEWLINK, NLM_F_ACK, 0, 0);
  put_string(&batch, IFLA_IFNAME, name);
  put_u32(&batch, IFLA_TXQLEN, 500 + turn % 2);
  exchange(fd, &batch, read_nothing, NULL);
}

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 1000);
  const unsigned pairs = options.count / 2;
  uint64_t* each_ns = new_times(options.repeat);
  int fd = open_netlink();
  // Each link is set to another value than it has.
  for (unsigned i = 0; i < WARM_UP; i++)
    set(fd, i % pairs, i / pairs);

  const uint64_t start = now_ns();
  for (unsigned i = 0; i < options.repeat; i++) {
    const uint64_t begun = now_ns();
    set(fd, i % pairs, i / pairs);
    each_ns[i] = now_ns() - begun;
  }
  const uint64_t total_ns = now_ns() - start;

  print_result(total_ns, each_ns, options.repeat);
  return 0;
}
