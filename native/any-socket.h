#pragma once

#include "descriptor.h"
#include "files.h"
#include "result.h"

namespace netlink {

/// Opens a socket of any kind, bound to `address` (a struct sockaddr) unless that is empty.
Result<Descriptor> OpenAnySocket(int family, int type, int protocol, const Bytes& address);

} // namespace netlink
