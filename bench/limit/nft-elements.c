// Makes a set of IPv4 addresses and puts them into it, all in one transaction and one send.
#define BUFFER_BYTES (8 << 20)
#include "nft.h"

#define BENCH "bench"
#define FIRST_ELEMENT 0x2c000000u // 44.0.0.0, 44.0.0.1 …
#define MESSAGE_ELEMENTS 4000     // a list of elements is an attribute, of at most 65,535 bytes
#define IPV4_ADDR 7               // the type by which nft(8) shows the keys

static struct batch batch;

static void put_table_and_set(void) {
  nft_message(&batch, NFT_MSG_NEWTABLE, NLM_F_CREATE);
  put_string(&batch, NFTA_TABLE_NAME, BENCH);
  nft_message(&batch, NFT_MSG_NEWSET, NLM_F_CREATE);
  put_string(&batch, NFTA_SET_TABLE, BENCH);
  put_string(&batch, NFTA_SET_NAME, "addresses");
  put_be32(&batch, NFTA_SET_KEY_TYPE, IPV4_ADDR);
  put_be32(&batch, NFTA_SET_KEY_LEN, 4);
  put_be32(&batch, NFTA_SET_ID, 1);
}

int main(int argc, char** argv) {
  const struct options options = parse_options(argc, argv, 100000);
  const int bytes = BUFFER_BYTES;

  const uint64_t start = now_ns();
  int fd = open_netlink_of(NETLINK_NETFILTER);
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
    check(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes), "SO_SNDBUF");
  begin_transaction(&batch);
  put_table_and_set();
  for (unsigned first = 0; first < options.count; first += MESSAGE_ELEMENTS) {
    struct rtattr* list;
    begin_elements(&batch, BENCH, "addresses", &list);
    for (unsigned i = first; i < first + MESSAGE_ELEMENTS && i < options.count; i++) {
      const uint32_t key = htonl(FIRST_ELEMENT + i);
      put_element(&batch, &(struct element){&key, sizeof key, NULL, 0, NULL});
    }
    end_nest(&batch, list);
  }
  commit(fd, &batch);
  close(fd);
  const uint64_t total_ns = now_ns() - start;
  if (options.hold)
    print_ready();
  hold_if_asked(&options);
  print_result(total_ns, NULL, 0);
  return 0;
}
