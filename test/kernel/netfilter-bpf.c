/*
 * Attaches a BPF program that accepts all to the hook input of IPv4 in this namespace, prints its id, and takes it away when its standard
 * input ends. Ends with 77 on a kernel that has no such programs (Linux 6.4, CONFIG_NETFILTER_BPF_LINK), or does not take them from this user.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/netfilter.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the headers of Debian 12 lack. */
#define PROG_TYPE_NETFILTER 32
#define ATTACH_TYPE_NETFILTER 45
#define PRIORITY -5

static int bpf(int command, void *attributes, unsigned size) {
  return (int)syscall(SYS_bpf, command, attributes, size);
}

static int fail(const char *what) {
  int status = errno == EINVAL || errno == ENOSYS || errno == EPERM ? 77 : 1;
  perror(what);
  return status;
}

int main(void) {
  const struct bpf_insn accept[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = NF_ACCEPT},
      {.code = BPF_JMP | BPF_EXIT},
  };
  union bpf_attr load = {
      .prog_type = PROG_TYPE_NETFILTER,
      .insns = (uint64_t)(uintptr_t)accept,
      .insn_cnt = sizeof(accept) / sizeof(*accept),
      .license = (uint64_t)(uintptr_t) "GPL",
      .expected_attach_type = ATTACH_TYPE_NETFILTER,
  };
  int program = bpf(BPF_PROG_LOAD, &load, sizeof(load));
  if (program < 0) return fail("BPF_PROG_LOAD");

  /* As in union bpf_attr: link_create.netfilter is behind four numbers. */
  struct {
    uint32_t program, target, attach_type, flags;
    uint32_t family, hook;
    int32_t priority;
    uint32_t netfilter_flags;
  } link = {(uint32_t)program, 0, ATTACH_TYPE_NETFILTER, 0, NFPROTO_IPV4, NF_INET_LOCAL_IN, PRIORITY, 0};
  if (bpf(BPF_LINK_CREATE, &link, sizeof(link)) < 0) return fail("BPF_LINK_CREATE");

  struct bpf_prog_info info = {0};
  union bpf_attr ask = {
      .info = {.bpf_fd = (uint32_t)program, .info_len = sizeof(info), .info = (uint64_t)(uintptr_t)&info}};
  if (bpf(BPF_OBJ_GET_INFO_BY_FD, &ask, sizeof(ask)) < 0) return fail("BPF_OBJ_GET_INFO_BY_FD");
  printf("%u\n", info.id);
  fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  return 0;
}
