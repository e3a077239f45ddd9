#pragma once

#include <string>

#include "descriptor.h"
#include "result.h"

namespace netlink {

struct TunSettings {
  std::string name;
  int flags;
  /// Ids of a user and of a group that may open the device, as the 32 bits of a uid_t; -1 for none.
  int owner, group;
  /// The device outlives its last descriptor.
  bool persist;
};

/// Makes a TUN or TAP device in the calling thread's namespace, or attaches to one that is there.
Result<Descriptor> OpenTun(const TunSettings& settings);

} // namespace netlink
