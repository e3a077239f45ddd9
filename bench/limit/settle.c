// Settles and ends: no veth link is left and the namespaces let go before are down. The harness runs it between runs. With --serve it
// does so for each byte that it reads, and answers with one: a worker that forked before it measures would pay for that with a page
// fault at each page it writes to afterwards.
#include "settle.h"
#include <string.h>

static struct batch batch;

int main(int argc, char** argv) {
  int fd = open_netlink();
  if (argc != 2 || strcmp(argv[1], "--serve") != 0) {
    settle(fd, &batch);
    return 0;
  }
  for (char byte; read(STDIN_FILENO, &byte, 1) == 1;) {
    settle(fd, &batch);
    check((int)write(STDOUT_FILENO, &byte, 1), "write");
  }
  return 0;
}
