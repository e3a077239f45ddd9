#pragma once

#include <optional>

#include "descriptor.h"
#include "result.h"

namespace netlink {

/// Where a job runs: the descriptor of a network namespace, or one of these.
enum Place : int {
  kCaller = -1,   // on the calling thread, which never changes namespace
  kHome = -2,     // on a worker in the process's own namespace
  kAnywhere = -3, // on a worker, wherever that is
  kNew = -4,      // on a worker, which the job takes to a namespace that it makes
};

/// The namespace that the calling thread is in. Only threads of the addon's own may have one of these.
class Whereabouts {
public:
  std::optional<Failure> Go(int place);
  std::optional<Failure> GoHome();

private:
  Descriptor home_;
  bool away_ = false;
};

} // namespace netlink
