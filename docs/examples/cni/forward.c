// What a runtime starts: hands its call to daemon.ts, and the answer back, in a millisecond. Without a daemon
// the plugin itself is started.
//
//   cc -O2 -o bridge forward.c -DSOCKET='"/run/netlink-ts-cni.sock"' -DPLUGIN='"/opt/netlink-ts/plugin.mjs"';
//   ln -s bridge portmap
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

extern char** environ;

// An error in the form and the numbers of the specification: 5 is I/O, 11 try again.
static int refuse(int code, const char* text) {
  printf("{\"cniVersion\":\"1.0.0\",\"code\":%d,\"msg\":\"%s\"}\n", code, text);
  return 1;
}

static int send_all(int to, const char* data, size_t length) {
  while (length > 0) {
    ssize_t sent = write(to, data, length);
    if (sent < 0)
      return -1;
    data += sent;
    length -= (size_t)sent;
  }
  return 0;
}

static int copy(int from, int to) {
  char data[65536];
  ssize_t length;
  while ((length = read(from, data, sizeof data)) > 0)
    if (send_all(to, data, (size_t)length) < 0)
      return -1;
  return (int)length;
}

// Each CNI_ variable with its NUL, a NUL, the configuration, a NUL.
static int ask(int to) {
  for (char** one = environ; *one != NULL; one++)
    if (strncmp(*one, "CNI_", 4) == 0 && send_all(to, *one, strlen(*one) + 1) < 0)
      return -1;
  return send_all(to, "", 1) < 0 || copy(STDIN_FILENO, to) < 0 ? -1 : send_all(to, "", 1);
}

int main(void) {
  const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET};
  int daemon = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (daemon < 0 || connect(daemon, (const struct sockaddr*)&address, sizeof address) != 0) {
    execl(PLUGIN, PLUGIN, (char*)NULL);
    return refuse(11, "nobody listens on " SOCKET ", and " PLUGIN " cannot be started");
  }
  signal(SIGPIPE, SIG_IGN);
  char status;
  if (ask(daemon) < 0 || read(daemon, &status, 1) != 1)
    return refuse(5, "the daemon ended before it answered");
  return copy(daemon, STDOUT_FILENO) < 0 ? 1 : status - '0';
}
