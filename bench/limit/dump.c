// Dumps the IPv4 routes that device.c has added, several times; each_ns is one dump, decoded and checked.
#include "routes.h"

static struct batch batch;

// Of this program alone: ru_maxrss would begin with what the process had before its exec().
static long peak_kib(void) {
  char line[256];
  long kib = -1;
  FILE* status = fopen("/proc/self/status", "r");
  while (status != NULL && kib < 0 && fgets(line, sizeof line, status) != NULL)
    sscanf(line, "VmHWM: %ld kB", &kib);
  if (kib < 0)
    die("/proc/self/status tells no VmHWM");
  fclose(status);
  return kib;
}

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 100000);
  uint64_t* each_ns = new_times(options.repeat);
  char more[64];
  int fd = open_netlink();
  const int ifindex = routes_ifindex(fd);
  close(fd);
  const long before = peak_kib();

  const uint64_t start = now_ns();
  fd = open_netlink();
  for (unsigned i = 0; i < options.repeat; i++) {
    const uint64_t begun = now_ns();
    dump_routes(fd, &batch, ifindex, options.count);
    each_ns[i] = now_ns() - begun;
  }
  close(fd);
  const uint64_t total_ns = now_ns() - start;

  snprintf(more, sizeof more, ",\"peak_bytes\":%ld", (peak_kib() - before) * 1024);
  print_result_and(total_ns, each_ns, options.repeat, more);
  return 0;
}
