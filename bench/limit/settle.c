// Ends when no veth link is left and the namespaces let go before are down; the harness runs it between runs.
#include "settle.h"

static struct batch batch;

int main(void) {
  settle(open_netlink(), &batch);
  return 0;
}
