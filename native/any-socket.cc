#include "any-socket.h"

#include <sys/socket.h>

namespace netlink {

Result<Descriptor> OpenAnySocket(int family, int type, int protocol, const Bytes& address) {
  Descriptor fd(socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!fd)
    return Failed("socket");
  if (address.empty())
    return fd;
  // A server that was started again gets its port, as Node's own sockets do.
  const int on = 1;
  if (type == SOCK_STREAM && setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
    return Failed("setsockopt");
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(address.data()), address.size()) != 0)
    return Failed("bind");
  return fd;
}

} // namespace netlink
