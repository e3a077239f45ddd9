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
  Bytes bytes(kPage);
  ssize_t length = Retry([&] { return read(file.get(), bytes.data(), bytes.size()); });
  // A parameter that is a list (net.ipv4.ip_local_reserved_ports) tells nothing more to a second read.
  while (length == static_cast<ssize_t>(bytes.size())) {
    bytes.resize(2 * bytes.size());
    length = Retry([&] { return pread(file.get(), bytes.data(), bytes.size(), 0); });
  }
  if (length < 0)
    return Failed("read");
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
