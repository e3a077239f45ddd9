/*
 * Runs a program as on a kernel that is built without NETLINK_NETFILTER: a socket of that protocol is EPROTONOSUPPORT.
 *
 *     without-netfilter PROGRAM [ARGUMENT...]
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* Goes on where the loaded value is this one, else to the last instruction, which is so many after the next. */
#define ONLY(value, last) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, last)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)

int main(int argc, char **argv) {
  struct sock_filter filter[] = {
      LOAD(nr),      ONLY(SYS_socket, 5),        LOAD(args[0]),         ONLY(AF_NETLINK, 3),
      LOAD(args[2]), ONLY(NETLINK_NETFILTER, 1), RETURN(SECCOMP_RET_ERRNO | EPROTONOSUPPORT),
      RETURN(SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};
  if (argc < 2) return 2;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
    perror("prctl");
    return 1;
  }
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 1;
}
