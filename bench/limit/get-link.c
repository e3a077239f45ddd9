// Asks for links by name, each of `--count` in turn, `--repeat` times; the first 10,000 are not timed.
#include "links.h"

#define WARM_UP 10000

static struct batch batch;

static void ask(int fd, unsigned number) {
  char name[IFNAMSIZ];
  struct link link;
  snprintf(name, sizeof name, "va%u", number);
  get_link(&batch, 0, name);
  exchange(fd, &batch, read_link, &link);
  check_veth(&link);
  if (strcmp(link.name, name) != 0)
    die("asked for %s, got %s", name, link.name);
}

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 1000);
  const unsigned pairs = options.count / 2;
  uint64_t* each_ns = new_times(options.repeat);
  int fd = open_netlink();
  for (unsigned i = 0; i < WARM_UP; i++)
    ask(fd, i % pairs);

  const uint64_t start = now_ns();
  for (unsigned i = 0; i < options.repeat; i++) {
    const uint64_t begun = now_ns();
    ask(fd, i % pairs);
    each_ns[i] = now_ns() - begun;
  }
  const uint64_t total_ns = now_ns() - start;

  print_result(total_ns, each_ns, options.repeat);
  return 0;
}
