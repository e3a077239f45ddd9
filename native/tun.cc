#include "tun.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

#include <algorithm>

namespace netlink {

Result<Descriptor> OpenTun(const TunSettings& settings) {
  Descriptor tun(open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!tun)
    return Failed("open");
  if (settings.name.size() >= IFNAMSIZ)
    return Failure{EINVAL, "ioctl"};
  ifreq request{};
  std::copy(settings.name.begin(), settings.name.end(), request.ifr_name);
  request.ifr_flags = static_cast<short>(settings.flags);
  if (ioctl(tun.get(), TUNSETIFF, &request) != 0 ||
      (settings.owner != -1 && ioctl(tun.get(), TUNSETOWNER, settings.owner) != 0) ||
      (settings.group != -1 && ioctl(tun.get(), TUNSETGROUP, settings.group) != 0) ||
      (settings.persist && ioctl(tun.get(), TUNSETPERSIST, 1) != 0))
    return Failed("ioctl");
  return tun;
}

} // namespace netlink
