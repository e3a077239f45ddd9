// Attaches containers to a bridge one after another, by the shortest sequence that the kernel allows: for
// each a new named namespace, a veth pair whose far end is made in it, an address, lo and eth0 up and a
// default route.
#include "settle.h"
#include <limits.h>
#include <semaphore.h>

#define BRIDGE "br-bench"
#define NETWORK 0x0a000000u // 10.0.0.0/16; the bridge is .0.1, containers follow from .0.2
#define GATEWAY (NETWORK + 1)

#define NO_MORE UINT_MAX

static struct options options;
static struct batch batch;

// What the helper thread is asked for and what it hands back. The thread stays in the namespace that it made
// last: going back to the first one is not part of the least.
static struct {
  sem_t asked, answered;
  unsigned number; // NO_MORE ends the thread
  int netns, socket;
} helper;

static void* make_namespaces(void* unused) {
  for (;;) {
    char path[64];
    sem_wait(&helper.asked);
    if (helper.number == NO_MORE)
      return unused;
    netns_path(path, helper.number);
    create_netns(path);
    helper.netns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    check(helper.netns, "open(ns/net)");
    helper.socket = open_netlink();
    sem_post(&helper.answered);
  }
}

static void put_queues(void) {
  if (options.queues == 0)
    return;
  put_u32(&batch, IFLA_NUM_TX_QUEUES, options.queues);
  put_u32(&batch, IFLA_NUM_RX_QUEUES, options.queues);
}

static struct link make_pair(int fd, const char* name, int master, int netns) {
  struct rtattr* nests[3];
  struct link near;
  link_message(&batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, IFF_UP);
  put_string(&batch, IFLA_IFNAME, name);
  put_u32(&batch, IFLA_MASTER, (uint32_t)master);
  put_queues();
  begin_peer(&batch, nests);
  put_string(&batch, IFLA_IFNAME, "eth0");
  put_u32(&batch, IFLA_NET_NS_FD, (uint32_t)netns);
  put_queues();
  end_peer(&batch, nests);
  get_link(&batch, 0, name);
  exchange(fd, &batch, read_link, &near);
  return near;
}

static void put_default_route(int ifindex) {
  const struct rtmsg header = {.rtm_family = AF_INET,
                               .rtm_table = RT_TABLE_MAIN,
                               .rtm_protocol = RTPROT_BOOT,
                               .rtm_scope = RT_SCOPE_UNIVERSE,
                               .rtm_type = RTN_UNICAST};
  message(&batch, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
  put_u32(&batch, RTA_GATEWAY, htonl(GATEWAY));
  put_u32(&batch, RTA_OIF, (uint32_t)ifindex);
}

static struct link configure_peer(int fd, int ifindex, uint32_t address) {
  struct link peer;
  link_message(&batch, RTM_NEWLINK, 0, 1, IFF_UP); // lo is always the first
  put_new_address(&batch, 0, ifindex, address, 16);
  link_message(&batch, RTM_NEWLINK, 0, ifindex, IFF_UP);
  put_default_route(ifindex);
  get_link(&batch, ifindex, NULL);
  exchange(fd, &batch, read_link, &peer);
  return peer;
}

static void attach(int fd, unsigned number) {
  char name[IFNAMSIZ];
  const unsigned char no_mac[6] = {0};
  snprintf(name, sizeof name, "veth%u", number);
  helper.number = number;
  sem_post(&helper.asked);
  sem_wait(&helper.answered);
  const int master = ifindex_of(fd, BRIDGE);
  const struct link near = make_pair(fd, name, master, helper.netns);
  const struct link peer = configure_peer(helper.socket, near.peer_ifindex, NETWORK + 2 + number);
  close(helper.socket);
  close(helper.netns);
  if (master == 0 || near.master != master || strcmp(near.name, name) != 0 || !(near.flags & IFF_UP) ||
      memcmp(near.mac, no_mac, 6) == 0)
    die("%s is not what was asked for", name);
  if (peer.ifindex != near.peer_ifindex || peer.peer_ifindex != near.ifindex ||
      strcmp(peer.name, "eth0") != 0 || !(peer.flags & IFF_UP) || memcmp(peer.mac, no_mac, 6) == 0)
    die("the peer of %s is not what was asked for", name);
}

static void make_bridge(int fd) {
  link_message(&batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 0, IFF_UP);
  put_string(&batch, IFLA_IFNAME, BRIDGE);
  struct rtattr* info = nest(&batch, IFLA_LINKINFO);
  put_string(&batch, IFLA_INFO_KIND, "bridge");
  end_nest(&batch, info);
  exchange(fd, &batch, ignore, NULL);
  put_new_address(&batch, NLM_F_ACK, ifindex_of(fd, BRIDGE), GATEWAY, 16);
  exchange(fd, &batch, ignore, NULL);
}

static void attach_all(unsigned count, uint64_t* each_ns) {
  pthread_t thread;
  int fd = open_netlink();
  if (pthread_create(&thread, NULL, make_namespaces, NULL) != 0)
    die("pthread_create");
  for (unsigned i = 0; i < count; i++) {
    const uint64_t begun = now_ns();
    attach(fd, i);
    each_ns[i] = now_ns() - begun;
  }
  helper.number = NO_MORE;
  sem_post(&helper.asked);
  pthread_join(thread, NULL);
  close(fd);
}

static void remove_all(int fd, unsigned count) {
  char path[64];
  for (unsigned i = 0; i < count; i++) {
    netns_path(path, i);
    delete_netns(path);
  }
  settle(fd, &batch);
}

int main(int argc, char** argv) {
  options = parse_options(argc, argv, 100);
  uint64_t* each_ns = new_times(options.count);
  int fd = open_netlink();
  share_netns_directory();
  make_bridge(fd);
  sem_init(&helper.asked, 0, 0);
  sem_init(&helper.answered, 0, 0);
  for (unsigned done = 0; done < options.warm; done += options.count) {
    attach_all(options.count, each_ns);
    remove_all(fd, options.count);
  }

  const uint64_t start = now_ns();
  attach_all(options.count, each_ns);
  const uint64_t total_ns = now_ns() - start;

  print_result(total_ns, each_ns, options.count);
  hold_if_asked(&options);
  remove_all(fd, options.count);
  delete_link(fd, &batch, BRIDGE);
  return 0;
}
