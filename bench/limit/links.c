// Dumps the veth links that make-links.c has made, several times; each_ns is one dump, decoded and checked.
#include "links.h"

static struct batch batch;

static void count_veth(const struct nlmsghdr* answer, void* count) {
  struct link link;
  read_link(answer, &link);
  check_veth(&link);
  ++*(unsigned*)count;
}

static void dump_links(int fd, unsigned expected) {
  unsigned count = 0;
  dump_veths(&batch);
  exchange(fd, &batch, count_veth, &count);
  if (count != expected)
    die("the dump has %u of %u veth links", count, expected);
}

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 1000);
  uint64_t* each_ns = new_times(options.repeat);

  const uint64_t start = now_ns();
  int fd = open_netlink();
  for (unsigned i = 0; i < options.repeat; i++) {
    const uint64_t begun = now_ns();
    dump_links(fd, options.count);
    each_ns[i] = now_ns() - begun;
  }
  close(fd);
  const uint64_t total_ns = now_ns() - start;

  print_result(total_ns, each_ns, options.repeat);
  return 0;
}
