#pragma once

#include <napi.h>
#include <uv.h>

#include "environment.h"

namespace netlink {

/// Calls back on the event loop whenever a descriptor is readable. Must be closed before the descriptor is.
class Watcher {
public:
  Watcher(Environment& environment, Napi::Function readable)
      : environment_(environment), readable_(Napi::Persistent(readable)) {}
  Watcher(const Watcher&) = delete;
  ~Watcher() { Close(); }

  /// 0 or -errno.
  int Start(int fd);
  void Close();

private:
  static void Ready(uv_poll_t* poll, int status, int events);

  Environment& environment_;
  Napi::FunctionReference readable_;
  uv_poll_t* poll_ = nullptr; // outlives this object until libuv has let go of it
};

} // namespace netlink
