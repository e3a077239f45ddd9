#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "descriptor.h"
#include "endpoint.h"
#include "result.h"

namespace netlink {

/// The descriptor of a network namespace.
struct Netns {
  Descriptor fd;
};

struct CreatedNetns {
  Netns netns;
  std::shared_ptr<Endpoint> endpoint;
};

/// Takes the calling thread to a new namespace, with lo up if asked for, and mounts it on a new file if there
/// is a path, whose directory it prepares as ip-netns(8) does: made if missing, a mount of its own, shared.
Result<CreatedNetns> CreateNetns(const std::optional<std::string>& path, const std::vector<int>& settings,
                                 bool loopback);
Result<Netns> OpenNetns(const std::string& path);
/// Mounts an open namespace on a new file, of a directory that it prepares; a failure leaves no file.
Result<Done> NameNetns(int fd, const std::string& path);
Result<Done> RemoveNetns(const std::string& path);

} // namespace netlink
