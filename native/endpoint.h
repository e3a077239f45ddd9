#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "descriptor.h"
#include "result.h"

namespace netlink {

/// A bound netlink socket: what both the JavaScript thread and the sending thread use of it.
class Endpoint {
public:
  /// Opens in the calling thread's namespace. `settings` as in src/socket/native.ts.
  static Result<std::shared_ptr<Endpoint>> Open(int protocol, const std::vector<int>& settings);

  int fd() const { return fd_.get(); }
  uint32_t portid() const { return portid_; }

  /// Sends to the kernel: 0 or -errno. Without bytes nothing is sent.
  int Send(const uint8_t* bytes, size_t length);
  /// Receives one datagram, waiting for it if `wait`, and what else is there already, each at a multiple of 4
  /// bytes; `most` where there will be no more, which saves asking. Bytes received or -errno.
  ssize_t Receive(uint8_t* into, size_t size, bool wait, size_t most = SIZE_MAX);
  /// Receives what is there behind what has been received: `before` and the result as Receive() returns them,
  /// -EAGAIN for none.
  ssize_t ReceiveMore(uint8_t* into, size_t size, ssize_t before);

  /// Receives one datagram, if there is one. `nsid` is the id of the namespace that it came from, -1 for the
  /// socket's own (NETLINK_LISTEN_ALL_NSID). Bytes received or -errno.
  ssize_t ReceiveOne(uint8_t* into, size_t size, int& nsid);

private:
  /// One datagram that is not to be dropped, whole: its length or -errno.
  ssize_t ReceiveDatagram(uint8_t* into, size_t size, int* nsid);
  explicit Endpoint(Descriptor fd) : fd_(std::move(fd)) {}

  Descriptor fd_;
  uint32_t portid_ = 0;
  /// An errno that came after bytes had been received: it is told by the next Receive().
  std::atomic<int> deferred_{0};
};

} // namespace netlink
