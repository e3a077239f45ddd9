#include "files.h"

#include <fcntl.h>

#include <algorithm>

#include "descriptor.h"

namespace netlink {

namespace {

/// As much of a parameter does the kernel take, and tell at least, at once.
constexpr size_t kPage = 4096;

} // namespace

// Non-blocking: a FIFO must not keep the thread, and with it the end of the process.

Result<Bytes> ReadFile(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file)
    return Failed("open");
  Bytes bytes;
  size_t length = 0;
  for (;;) {
    bytes.resize(length + kPage);
    const ssize_t got = Retry([&] { return read(file.get(), bytes.data() + length, bytes.size() - length); });
    if (got < 0)
      return Failed("read");
    length += got;
    if (got == 0)
      break;
  }
  // A parameter that is a list (net.ipv4.ip_local_reserved_ports) tells nothing more to a second read.
  for (size_t room = kPage; length == room;) {
    bytes.resize(room *= 2);
    const ssize_t got = Retry([&] { return pread(file.get(), bytes.data(), bytes.size(), 0); });
    if (got < 0)
      return Failed("read");
    if (static_cast<size_t>(got) <= length) // no list, but as long as a page
      break;
    length = got;
  }
  bytes.resize(length);
  return bytes;
}

Result<Done> WriteFile(const std::string& path, const Bytes& bytes) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file)
    return Failed("open");
  size_t written = 0;
  // A list that is longer than a page is added to by the writes behind the first.
  for (bool more = true; more;) {
    const size_t left = bytes.size() - written;
    const ssize_t taken = Retry([&] { return write(file.get(), bytes.data() + written, left); });
    if (taken < 0)
      return Failed("write");
    written += taken;
    more = taken > 0 && left >= kPage && written < bytes.size();
  }
  // Linux 6.1 counts one byte of a parameter that routes depend on (net.ipv6.conf.*: forwarding and the
  // like), and has taken the number.
  if (std::any_of(bytes.begin() + written, bytes.end(), [](uint8_t byte) { return byte != '\n'; }))
    return Failure{EIO, "write"};
  return Done{};
}

} // namespace netlink
