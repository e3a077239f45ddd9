#pragma once

#include <napi.h>

#include <memory>

#include "endpoint.h"
#include "environment.h"
#include "watcher.h"

namespace netlink {

/// NativeSocket of src/socket/native.ts.
class Socket final : public Napi::ObjectWrap<Socket> {
public:
  static Napi::Function Define(Napi::Env env);
  static Napi::Value New(Environment& environment, std::shared_ptr<Endpoint> endpoint);
  explicit Socket(const Napi::CallbackInfo& info);

private:
  Napi::Value Fd(const Napi::CallbackInfo& info);
  Napi::Value Portid(const Napi::CallbackInfo& info);
  Napi::Value Exchange(const Napi::CallbackInfo& info);
  Napi::Value Receive(const Napi::CallbackInfo& info);
  Napi::Value ReceiveOne(const Napi::CallbackInfo& info);
  Napi::Value Nsid(const Napi::CallbackInfo& info);
  void Submit(const Napi::CallbackInfo& info);
  Napi::Value Watch(const Napi::CallbackInfo& info);
  void Unwatch(const Napi::CallbackInfo& info);
  Napi::Value Ifindex(const Napi::CallbackInfo& info);
  Napi::Value Ifname(const Napi::CallbackInfo& info);
  Napi::Value SetOption(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  int fd() const { return endpoint_ ? endpoint_->fd() : -1; }

  std::shared_ptr<Endpoint> endpoint_; // shared with the requests in flight; null when closed
  std::unique_ptr<Watcher> watcher_;   // keeps this object from being collected
  uint32_t portid_ = 0;
  int nsid_ = -1; // of what ReceiveOne() received last
};

} // namespace netlink
