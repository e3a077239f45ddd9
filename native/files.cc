#include "files.h"

#include <fcntl.h>

#include <algorithm>

#include "descriptor.h"

namespace netlink {

// Non-blocking: a FIFO must not keep the thread, and with it the end of the process.

Result<Bytes> ReadFile(const std::string& path) {
  Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file)
    return Failed("open");
  Bytes bytes;
  size_t length = 0;
  for (;;) {
    bytes.resize(length + 4096);
    const ssize_t got = Retry([&] { return read(file.get(), bytes.data() + length, bytes.size() - length); });
    if (got < 0)
      return Failed("read");
    length += got;
    if (got == 0)
      break;
  }
  bytes.resize(length);
  return bytes;
}

Result<Done> WriteFile(const std::string& path, const Bytes& bytes) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file)
    return Failed("open");
  const ssize_t written = Retry([&] { return write(file.get(), bytes.data(), bytes.size()); });
  if (written < 0)
    return Failed("write");
  // Linux 6.1 counts one byte of a parameter that routes depend on (net.ipv6.conf.*: forwarding and the
  // like), and has taken the number.
  if (std::any_of(bytes.begin() + written, bytes.end(), [](uint8_t byte) { return byte != '\n'; }))
    return Failure{EIO, "write"};
  return Done{};
}

} // namespace netlink
