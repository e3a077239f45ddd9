#include <fcntl.h>

#include "any-socket.h"
#include "arguments.h"
#include "bpf.h"
#include "environment.h"
#include "files.h"
#include "netns.h"
#include "operation.h"
#include "socket.h"
#include "tun.h"
#include "value.h"

// The functions of Addon in src/socket/native.ts: arguments in, a job, its answer out.

namespace netlink {
namespace {

/// Does `work` in `place`: blocks and returns the answer, or gives it to the `done` at `index` of the
/// arguments; then a worker does what the calling thread would.
template <typename T, typename Work>
Napi::Value Perform(Arguments& arguments, size_t index, int place, Work work) {
  const bool blocking = !arguments.Has(index);
  const auto done = blocking ? Napi::Function() : arguments.Function(index);
  if (!arguments.valid())
    return {};
  auto& environment = Environment::Of(arguments.env());
  if (place == kCaller && blocking)
    return ToValue<T>(environment, work());
  std::unique_ptr<Job> job =
      std::make_unique<Operation<T>>(place == kCaller ? kHome : place, std::move(work));
  if (blocking)
    return {arguments.env(), environment.netns().Wait(std::move(job))->Answer(environment)[0]};
  job->done = Napi::Persistent(done);
  environment.Submit(environment.netns(), std::move(job));
  return arguments.env().Undefined();
}

/// The bytes of an argument, for a job that outlives the call.
Bytes Copy(Arguments& arguments, size_t index) {
  const auto array = arguments.Bytes(index);
  return arguments.valid() ? Bytes(array.Data(), array.Data() + array.ByteLength()) : Bytes();
}

Napi::Value OpenNetlink(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int netns = arguments.Netns(0), protocol = arguments.Int(1);
  const std::vector<int> settings = arguments.Settings(2);
  return Perform<std::shared_ptr<Endpoint>>(arguments, 3, netns,
                                            [=] { return Endpoint::Open(protocol, settings); });
}

Napi::Value OpenSocket(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int netns = arguments.Netns(0);
  const int family = arguments.Int(1), type = arguments.Int(2), protocol = arguments.Int(3);
  const Bytes address = Copy(arguments, 4);
  return Perform<Descriptor>(arguments, 5, netns,
                             [=] { return OpenAnySocket(family, type, protocol, address); });
}

Napi::Value OpenTun(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int netns = arguments.Netns(0);
  const TunSettings settings{arguments.String(1), arguments.Int(2), arguments.Int(3), arguments.Int(4),
                             arguments.Bool(5)};
  return Perform<Descriptor>(arguments, 6, netns, [=] { return netlink::OpenTun(settings); });
}

/// What makes the namespace that the first three arguments ask for.
auto Creation(Arguments& arguments) {
  std::optional<std::string> path;
  if (!arguments.Null(0))
    path = arguments.String(0);
  const std::vector<int> settings = arguments.Settings(1);
  const bool loopback = arguments.Bool(2);
  return [=] { return netlink::CreateNetns(path, settings, loopback); };
}

Napi::Value CreateNetns(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto work = Creation(arguments);
  return Perform<CreatedNetns>(arguments, 3, kNew, work);
}

Napi::Value BeginNetns(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto work = Creation(arguments);
  if (!arguments.valid())
    return {};
  auto& environment = Environment::Of(info.Env());
  auto job = std::make_unique<Operation<CreatedNetns>>(kNew, work);
  return Napi::Number::New(info.Env(), environment.Begin(environment.netns(), std::move(job)));
}

Napi::Value FinishNetns(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int number = arguments.Int(0);
  const bool blocking = !arguments.Has(1);
  const auto done = blocking ? Napi::Function() : arguments.Function(1);
  if (!arguments.valid())
    return {};
  auto& environment = Environment::Of(info.Env());
  Job* const job = environment.Begun(number);
  if (!arguments.Expect(job != nullptr, 0, "what beginNetns() returned"))
    return {};
  if (blocking)
    return {info.Env(), environment.netns().Collect(job)->Answer(environment)[0]};
  environment.Collect(environment.netns(), job, Napi::Persistent(done));
  return info.Env().Undefined();
}

Napi::Value OpenNetns(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const std::string path = arguments.String(0);
  if (!arguments.valid())
    return {};
  return ToValue<Netns>(Environment::Of(info.Env()), netlink::OpenNetns(path));
}

Napi::Value NameNetns(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int fd = arguments.Int(0);
  const std::string path = arguments.String(1);
  return Perform<Done>(arguments, 2, kCaller, [=] { return netlink::NameNetns(fd, path); });
}

Napi::Value RemoveNetns(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const std::string path = arguments.String(0);
  return Perform<Done>(arguments, 1, kCaller, [=] { return netlink::RemoveNetns(path); });
}

Napi::Value ReadFile(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int netns = arguments.Netns(0);
  const std::string path = arguments.String(1);
  return Perform<Bytes>(arguments, 2, netns, [=] { return netlink::ReadFile(path); });
}

Napi::Value WriteFile(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int netns = arguments.Netns(0);
  const std::string path = arguments.String(1);
  const Bytes bytes = Copy(arguments, 2);
  return Perform<Done>(arguments, 3, netns, [=] { return netlink::WriteFile(path, bytes); });
}

Napi::Value OpenPinned(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const std::string path = arguments.String(0);
  return Perform<Descriptor>(arguments, 1, kCaller, [=] { return netlink::OpenPinned(path); });
}

Napi::Value Duplicate(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int fd = arguments.Int(0);
  if (!arguments.valid())
    return {};
  auto& environment = Environment::Of(info.Env());
  Descriptor copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return copy ? ToValue(environment, std::move(copy)) : ToValue(environment, Failed("fcntl"));
}

Napi::Value Close(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int fd = arguments.Int(0);
  if (!arguments.valid())
    return {};
  Environment::Of(info.Env()).Disown(fd);
  // Linux has let go of the descriptor when close() is interrupted: it must not be repeated.
  return Napi::Number::New(info.Env(), close(fd) != 0 && errno != EINTR ? -errno : 0);
}

Napi::Value Release(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int fd = arguments.Int(0);
  if (arguments.valid())
    Environment::Of(info.Env()).Disown(fd);
  return info.Env().Undefined();
}

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  auto* environment = new Environment(env);
  env.SetInstanceData(environment);
  environment->socket_class() = Napi::Persistent(Socket::Define(env));
  exports.Set("openNetlink", Napi::Function::New<OpenNetlink>(env));
  exports.Set("openSocket", Napi::Function::New<OpenSocket>(env));
  exports.Set("openTun", Napi::Function::New<OpenTun>(env));
  exports.Set("createNetns", Napi::Function::New<CreateNetns>(env));
  exports.Set("beginNetns", Napi::Function::New<BeginNetns>(env));
  exports.Set("finishNetns", Napi::Function::New<FinishNetns>(env));
  exports.Set("openNetns", Napi::Function::New<OpenNetns>(env));
  exports.Set("nameNetns", Napi::Function::New<NameNetns>(env));
  exports.Set("removeNetns", Napi::Function::New<RemoveNetns>(env));
  exports.Set("readFile", Napi::Function::New<ReadFile>(env));
  exports.Set("writeFile", Napi::Function::New<WriteFile>(env));
  exports.Set("openPinned", Napi::Function::New<OpenPinned>(env));
  exports.Set("duplicate", Napi::Function::New<Duplicate>(env));
  exports.Set("close", Napi::Function::New<Close>(env));
  exports.Set("release", Napi::Function::New<Release>(env));
  return exports;
}

NODE_API_MODULE(netlink, Initialize)

} // namespace
} // namespace netlink
