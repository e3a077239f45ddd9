#include "endpoint.h"

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>

namespace netlink {
namespace {

int SetOption(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value);
}

/// Sizes a buffer beyond net.core.{w,r}mem_max where the process may, otherwise up to it.
int SetBuffer(int fd, int force, int plain, int size) {
  if (size == 0 || SetOption(fd, SOL_SOCKET, force, size) == 0)
    return 0;
  return errno == EPERM ? SetOption(fd, SOL_SOCKET, plain, size) : -1;
}

int ApplySettings(int fd, const std::vector<int>& settings) {
  if (SetBuffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, settings[0]) != 0)
    return -1;
  if (SetBuffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, settings[1]) != 0)
    return -1;
  for (size_t i = 2; i + 2 < settings.size(); i += 3)
    if (SetOption(fd, settings[i], settings[i + 1], settings[i + 2]) != 0)
      return -1;
  return 0;
}

size_t Align(size_t length) {
  return (length + 3) & ~size_t{3};
}

/// The id of the namespace that a datagram came from; -1 where the kernel does not tell: from the socket's
/// own.
int Origin(msghdr& message) {
  int nsid = -1;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part))
    if (part->cmsg_level == SOL_NETLINK && part->cmsg_type == NETLINK_LISTEN_ALL_NSID)
      std::memcpy(&nsid, CMSG_DATA(part), sizeof nsid);
  return nsid;
}

} // namespace

Result<std::shared_ptr<Endpoint>> Endpoint::Open(int protocol, const std::vector<int>& settings) {
  Descriptor fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!fd)
    return Failed("socket");
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd.get(), generic, sizeof address) != 0)
    return Failed("bind");
  socklen_t length = sizeof address;
  if (getsockname(fd.get(), generic, &length) != 0)
    return Failed("getsockname");
  if (ApplySettings(fd.get(), settings) != 0) // after bind(), which leaves the groups joined before
    return Failed("setsockopt");
  std::shared_ptr<Endpoint> endpoint(new Endpoint(std::move(fd)));
  endpoint->portid_ = address.nl_pid;
  return endpoint;
}

int Endpoint::Send(const uint8_t* bytes, size_t length) {
  if (length == 0)
    return 0;
  return Retry([&] { return send(fd(), bytes, length, 0); }) < 0 ? -errno : 0;
}

ssize_t Endpoint::Receive(uint8_t* into, size_t size, bool wait, size_t most) {
  if (int error = deferred_.exchange(0))
    return -error;
  size_t used = 0;
  for (;;) {
    const size_t start = Align(used);
    if (used > 0 && start > size / 2) // the rest might be too short for the next datagram
      return used;
    const ssize_t length = ReceiveDatagram(into + start, size - start, nullptr);
    const int error = length < 0 ? -length : 0;
    if (error == EAGAIN && used == 0 && wait) {
      pollfd readable{fd(), POLLIN, 0};
      if (Retry([&] { return poll(&readable, 1, -1); }) < 0)
        return -errno;
      continue;
    }
    if (error == 0) {
      std::memset(into + used, 0, start - used);
      used = start + length;
      if (--most == 0)
        return used;
      continue;
    }
    if (used == 0)
      return -error;
    if (error != EAGAIN)
      deferred_ = error;
    return used;
  }
}

ssize_t Endpoint::ReceiveOne(uint8_t* into, size_t size, int& nsid) {
  const int error = deferred_.exchange(0);
  return error != 0 ? -error : ReceiveDatagram(into, size, &nsid);
}

ssize_t Endpoint::ReceiveDatagram(uint8_t* into, size_t size, int* nsid) {
  for (;;) {
    sockaddr_nl from{};
    iovec part{into, size};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (nsid != nullptr) {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
    }
    const ssize_t length = Retry([&] { return recvmsg(fd(), &message, MSG_DONTWAIT); });
    if (length < 0)
      return -errno;
    if (from.nl_pid != 0)
      continue;
    if (message.msg_flags & MSG_TRUNC)
      return -EMSGSIZE;
    if (nsid != nullptr)
      *nsid = Origin(message);
    return length;
  }
}

ssize_t Endpoint::ReceiveMore(uint8_t* into, size_t size, ssize_t before) {
  if (before <= 0)
    return before == -EAGAIN ? Receive(into, size, false) : before;
  const size_t start = Align(before);
  if (start > size / 2)
    return before;
  const ssize_t length = Receive(into + start, size - start, false);
  if (length > 0) {
    std::memset(into + before, 0, start - before);
    return start + length;
  }
  if (length != -EAGAIN)
    deferred_ = -length;
  return before;
}

} // namespace netlink
