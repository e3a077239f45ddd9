// What every limit program does outside its measured time: options, the result line, devices made and
// removed.
#ifndef LIMIT_SETUP_H
#define LIMIT_SETUP_H

#include "message.h"
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#define BATCH_MESSAGES 64
#define NETNS_DIRECTORY "/run/netns"
#define REAPED_WITHIN_MS 60000

struct options {
  unsigned count;
  unsigned queues; // 0: as many as the kernel likes
  unsigned repeat; // how often the same is asked for
  unsigned warm;   // at least so many are made and removed before anything is measured
  unsigned beside; // so many are there already
  int hold;        // keep what was made until standard input ends
};

static inline struct options parse_options(int argc, char** argv, unsigned count) {
  static const struct option known[] = {{"count", required_argument, NULL, 'c'},
                                        {"queues", required_argument, NULL, 'q'},
                                        {"repeat", required_argument, NULL, 'r'},
                                        {"warm", required_argument, NULL, 'w'},
                                        {"beside", required_argument, NULL, 'b'},
                                        {"hold", no_argument, NULL, 'h'},
                                        {0}};
  struct options options = {.count = count, .repeat = 10};
  for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
    if (option == 'c')
      options.count = (unsigned)strtoul(optarg, NULL, 10);
    else if (option == 'q')
      options.queues = (unsigned)strtoul(optarg, NULL, 10);
    else if (option == 'r')
      options.repeat = (unsigned)strtoul(optarg, NULL, 10);
    else if (option == 'w')
      options.warm = (unsigned)strtoul(optarg, NULL, 10);
    else if (option == 'b')
      options.beside = (unsigned)strtoul(optarg, NULL, 10);
    else if (option == 'h')
      options.hold = 1;
    else
      exit(1);
  }
  if (options.repeat == 0 || optind != argc)
    die("usage: %s [--count N] [--queues N] [--repeat N] [--warm N] [--beside N] [--hold]", argv[0]);
  return options;
}

static inline uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline uint64_t* new_times(unsigned count) {
  uint64_t* times = calloc(count + 1, sizeof *times);
  if (times == NULL)
    die("out of memory");
  return times;
}

// The one line that each competitor writes to standard output; `more` is further members, or empty.
static inline void print_result_and(uint64_t total_ns, const uint64_t* each_ns, unsigned count,
                                    const char* more) {
  printf("{\"total_ns\":%llu%s,\"each_ns\":[", (unsigned long long)total_ns, more);
  for (unsigned i = 0; i < count; i++)
    printf("%s%llu", i ? "," : "", (unsigned long long)each_ns[i]);
  printf("]}\n");
  fflush(stdout);
}

static inline void print_result(uint64_t total_ns, const uint64_t* each_ns, unsigned count) {
  print_result_and(total_ns, each_ns, count, "");
}

static inline void print_ready(void) {
  puts("ready");
  fflush(stdout);
}

static inline void hold_if_asked(const struct options* options) {
  char byte;
  while (options->hold && read(STDIN_FILENO, &byte, 1) > 0)
    ;
}

static inline void ignore(const struct nlmsghdr* answer, void* context) {
  (void)answer;
  (void)context;
}

static inline void read_link(const struct nlmsghdr* answer, void* context) {
  struct link* link = context;
  const struct ifinfomsg* header = NLMSG_DATA(answer);
  *link = (struct link){.ifindex = header->ifi_index, .flags = header->ifi_flags};
  int left = (int)IFLA_PAYLOAD(answer);
  for (struct rtattr* at = IFLA_RTA(header); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if (at->rta_type == IFLA_IFNAME)
      snprintf(link->name, sizeof link->name, "%s", (char*)RTA_DATA(at));
    else if (at->rta_type == IFLA_ADDRESS && RTA_PAYLOAD(at) == sizeof link->mac)
      memcpy(link->mac, RTA_DATA(at), sizeof link->mac);
    else if (at->rta_type == IFLA_LINK)
      link->peer_ifindex = *(int*)RTA_DATA(at);
    else if (at->rta_type == IFLA_MASTER)
      link->master = *(int*)RTA_DATA(at);
    else if (at->rta_type == IFLA_MTU)
      link->mtu = *(unsigned*)RTA_DATA(at);
    else if ((at->rta_type & NLA_TYPE_MASK) == IFLA_LINKINFO) {
      struct rtattr* kind = RTA_DATA(at); // IFLA_INFO_KIND comes first
      if (kind->rta_type == IFLA_INFO_KIND)
        snprintf(link->kind, sizeof link->kind, "%s", (char*)RTA_DATA(kind));
    }
  }
}

// One SIOCGIFINDEX on a netlink socket answers for that socket's own namespace; 0 when there is no such link.
static inline int ifindex_of(int fd, const char* name) {
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  return ioctl(fd, SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : 0;
}

static inline void delete_link(int fd, struct batch* batch, const char* name) {
  link_message(batch, RTM_DELLINK, NLM_F_ACK, 0, 0);
  put_string(batch, IFLA_IFNAME, name);
  exchange(fd, batch, ignore, NULL);
}

// Everything put between the two describes the far end of the veth link that the batch's last message makes.
static inline void begin_peer(struct batch* batch, struct rtattr* nests[3]) {
  const struct ifinfomsg header = {0}; // IFF_UP in it is refused: ENOTCONN, after 17 ms
  nests[0] = nest(batch, IFLA_LINKINFO);
  put_string(batch, IFLA_INFO_KIND, "veth");
  nests[1] = nest(batch, IFLA_INFO_DATA);
  nests[2] = nest(batch, VETH_INFO_PEER);
  memcpy(reserve(batch, sizeof header), &header, sizeof header);
}

static inline void end_peer(struct batch* batch, struct rtattr* nests[3]) {
  for (int i = 2; i >= 0; i--)
    end_nest(batch, nests[i]);
}

static inline void put_new_address(struct batch* batch, uint16_t flags, int ifindex, uint32_t address,
                                   unsigned char prefix) {
  struct ifaddrmsg header = {.ifa_family = AF_INET, .ifa_prefixlen = prefix, .ifa_index = (unsigned)ifindex};
  message(batch, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | flags, &header, sizeof header);
  put_u32(batch, IFA_LOCAL, htonl(address));
  put_u32(batch, IFA_ADDRESS, htonl(address));
}

// What these programs make and flush must not be the machine's: `npm run bench` runs them in namespaces of
// their own (test/isolated).
__attribute__((constructor)) static void require_isolation(void) {
  if (getenv("NETLINK_TS_ISOLATED") == NULL)
    die("run me by `npm run bench`, or below test/isolated%s", "");
}

// As iproute2 does: without it, a later `ip netns add` would mount over the names that were made here.
static inline void share_netns_directory(void) {
  if (mkdir(NETNS_DIRECTORY, 0755) < 0 && errno != EEXIST)
    die(NETNS_DIRECTORY ": %s", strerror(errno));
  if (mount("", NETNS_DIRECTORY, "none", MS_SHARED | MS_REC, NULL) == 0)
    return;
  check(mount(NETNS_DIRECTORY, NETNS_DIRECTORY, "none", MS_BIND | MS_REC, NULL), "mount --bind");
  check(mount("", NETNS_DIRECTORY, "none", MS_SHARED | MS_REC, NULL), "mount --make-rshared");
}

static inline void netns_path(char path[64], unsigned number) {
  snprintf(path, 64, NETNS_DIRECTORY "/c%u", number);
}

// Moves the calling thread into a new namespace and gives that a name.
static inline void create_netns(const char* path) {
  check(unshare(CLONE_NEWNET), "unshare");
  int file = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
  check(file, path);
  close(file);
  check(mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL), "mount");
}

static inline void delete_netns(const char* path) {
  check(umount2(path, MNT_DETACH), path);
  check(unlink(path), path);
}

#endif
