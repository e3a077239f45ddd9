#pragma once

#include <string>

#include "descriptor.h"
#include "result.h"

namespace netlink {

/// Opens what is pinned at a path of a BPF filesystem, as the process sees it.
Result<Descriptor> OpenPinned(const std::string& path);

} // namespace netlink
