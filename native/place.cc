#include "place.h"

#include <fcntl.h>
#include <sched.h>

namespace netlink {

std::optional<Failure> Whereabouts::Go(int place) {
  if (place == kAnywhere)
    return std::nullopt;
  if (place == kHome)
    return GoHome();
  if (!home_) {
    home_ = Descriptor(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!home_)
      return Failed("open");
  }
  if (place != kNew && setns(place, CLONE_NEWNET) != 0)
    return Failed("setns");
  away_ = true;
  return std::nullopt;
}

std::optional<Failure> Whereabouts::GoHome() {
  if (away_ && setns(home_.get(), CLONE_NEWNET) != 0)
    return Failed("setns");
  away_ = false;
  return std::nullopt;
}

} // namespace netlink
