#include "value.h"

#include "socket.h"

namespace netlink {

Napi::Value ToValue(Environment& environment, Failure failure) {
  auto object = Napi::Object::New(environment.env());
  object.Set("errno", failure.error);
  object.Set("syscall", failure.syscall);
  if (failure.of_directory)
    object.Set("ofDirectory", true);
  return object;
}

Napi::Value ToValue(Environment& environment, Done) {
  return Napi::Number::New(environment.env(), 0);
}

Napi::Value ToValue(Environment& environment, Descriptor fd) {
  return Napi::Number::New(environment.env(), environment.Adopt(std::move(fd)));
}

Napi::Value ToValue(Environment& environment, Netns netns) {
  return Napi::Number::New(environment.env(), environment.Adopt(std::move(netns.fd)));
}

Napi::Value ToValue(Environment& environment, std::shared_ptr<Endpoint> endpoint) {
  return Socket::New(environment, std::move(endpoint));
}

Napi::Value ToValue(Environment& environment, CreatedNetns created) {
  auto object = Napi::Object::New(environment.env());
  object.Set("fd", ToValue(environment, std::move(created.netns)));
  object.Set("socket", ToValue(environment, std::move(created.endpoint)));
  return object;
}

Napi::Value ToValue(Environment& environment, const Bytes& bytes) {
  return Napi::Buffer<uint8_t>::Copy(environment.env(), bytes.data(), bytes.size());
}

} // namespace netlink
