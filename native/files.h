#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "result.h"

namespace netlink {

using Bytes = std::vector<uint8_t>;

Result<Bytes> ReadFile(const std::string& path);
/// Writes at once what /proc/sys takes at once; the file is neither created nor emptied.
Result<Done> WriteFile(const std::string& path, const Bytes& bytes);

} // namespace netlink
