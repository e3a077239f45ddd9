#pragma once

#include <napi.h>

#include <memory>

#include "descriptor.h"
#include "endpoint.h"
#include "environment.h"
#include "files.h"
#include "netns.h"
#include "result.h"

namespace netlink {

// What JavaScript gets for a result.

Napi::Value ToValue(Environment& environment, Failure failure);
Napi::Value ToValue(Environment& environment, Done);
/// A descriptor that JavaScript closes with close(), or the environment when it ends, unless it was let go of
/// with release(): the answer may never get there.
Napi::Value ToValue(Environment& environment, Descriptor fd);
Napi::Value ToValue(Environment& environment, Netns netns);
Napi::Value ToValue(Environment& environment, std::shared_ptr<Endpoint> endpoint);
Napi::Value ToValue(Environment& environment, CreatedNetns created);
Napi::Value ToValue(Environment& environment, const Bytes& bytes);

template <typename T> Napi::Value ToValue(Environment& environment, Result<T> result) {
  return std::visit([&](auto& value) { return ToValue(environment, std::move(value)); }, result);
}

} // namespace netlink
