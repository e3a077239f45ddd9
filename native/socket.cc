#include "socket.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "arguments.h"

namespace netlink {
namespace {

/// One submit(): sends, and receives what is there.
class Submission final : public Job {
public:
  Submission(std::shared_ptr<Endpoint> endpoint, Napi::Uint8Array request, std::vector<size_t> ends,
             Napi::Uint8Array into)
      : Job(kAnywhere), endpoint_(std::move(endpoint)), bytes_(request.Data()), ends_(std::move(ends)),
        into_(into.Data()),
        size_(into.ByteLength()), held_{Napi::Persistent(request), Napi::Persistent(into)} {}

  void Run() override {
    size_t start = 0;
    for (const size_t end : ends_) {
      const size_t length = end - start;
      sent_ = endpoint_->Send(bytes_ + start, length);
      if (sent_ != 0)
        break;
      start = end;
      if (length > 0)
        left_++;
      received_ = endpoint_->ReceiveMore(into_, size_, received_); // or the answers gather in the socket
    }
  }

  void Fail(Failure failure) override { sent_ = received_ = -failure.error; }

  std::vector<napi_value> Answer(Environment& environment) override {
    const auto number = [&](double value) { return Napi::Number::New(environment.env(), value); };
    return {number(sent_), number(received_), number(left_)};
  }

private:
  const std::shared_ptr<Endpoint> endpoint_;
  const uint8_t* const bytes_;
  const std::vector<size_t> ends_;
  uint8_t* const into_;
  const size_t size_;
  const Napi::Reference<Napi::Uint8Array> held_[2];
  int sent_ = 0;
  int left_ = 0; // how many were sent
  ssize_t received_ = -EAGAIN;
};

int Option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value) != 0 ? -errno : 0;
}

} // namespace

Napi::Function Socket::Define(Napi::Env env) {
  return DefineClass(env, "NativeSocket",
                     {
                         InstanceAccessor<&Socket::Fd>("fd"),
                         InstanceAccessor<&Socket::Portid>("portid"),
                         InstanceAccessor<&Socket::Nsid>("nsid"),
                         InstanceMethod<&Socket::Exchange>("exchange"),
                         InstanceMethod<&Socket::Receive>("receive"),
                         InstanceMethod<&Socket::ReceiveOne>("receiveOne"),
                         InstanceMethod<&Socket::Submit>("submit"),
                         InstanceMethod<&Socket::Watch>("watch"),
                         InstanceMethod<&Socket::Unwatch>("unwatch"),
                         InstanceMethod<&Socket::Ifindex>("ifindex"),
                         InstanceMethod<&Socket::Ifname>("ifname"),
                         InstanceMethod<&Socket::SetOption>("setOption"),
                         InstanceMethod<&Socket::Close>("close"),
                     });
}

Napi::Value Socket::New(Environment& environment, std::shared_ptr<Endpoint> endpoint) {
  auto external = Napi::External<std::shared_ptr<Endpoint>>::New(environment.env(), &endpoint);
  return environment.socket_class().New({external});
}

Socket::Socket(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  if (!info[0].IsExternal()) {
    Napi::TypeError::New(info.Env(), "sockets are made by openNetlink()").ThrowAsJavaScriptException();
    return;
  }
  if (IsEmpty()) // not wrapped, as the environment is ending: this object is never destroyed
    return;
  endpoint_ = *info[0].As<Napi::External<std::shared_ptr<Endpoint>>>().Data();
  portid_ = endpoint_->portid();
}

Napi::Value Socket::Fd(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), fd());
}

Napi::Value Socket::Portid(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), portid_);
}

Napi::Value Socket::Exchange(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto request = arguments.Bytes(0);
  const size_t length = arguments.Length(1, request);
  auto into = arguments.Bytes(2);
  const int answers = arguments.Has(3) ? arguments.Int(3) : 0;
  if (!arguments.valid() || !arguments.Expect(answers >= 0, 3, "a number of datagrams"))
    return {};
  const size_t most = answers == 0 ? SIZE_MAX : answers;
  ssize_t answer = endpoint_ ? endpoint_->Send(request.Data(), length) : -EBADF;
  if (answer == 0)
    answer = endpoint_->Receive(into.Data(), into.ByteLength(), true, most);
  return Napi::Number::New(info.Env(), answer);
}

Napi::Value Socket::Receive(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  auto into = arguments.Bytes(0);
  const bool wait = arguments.Bool(1);
  if (!arguments.valid())
    return {};
  const ssize_t answer = endpoint_ ? endpoint_->Receive(into.Data(), into.ByteLength(), wait) : -EBADF;
  return Napi::Number::New(info.Env(), answer);
}

Napi::Value Socket::ReceiveOne(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  auto into = arguments.Bytes(0);
  if (!arguments.valid())
    return {};
  nsid_ = -1;
  const ssize_t answer = endpoint_ ? endpoint_->ReceiveOne(into.Data(), into.ByteLength(), nsid_) : -EBADF;
  return Napi::Number::New(info.Env(), answer);
}

Napi::Value Socket::Nsid(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), nsid_);
}

void Socket::Submit(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto request = arguments.Bytes(0);
  const size_t length = arguments.Length(1, request);
  const auto into = arguments.Bytes(2);
  const auto done = arguments.Function(3);
  std::vector<size_t> ends = arguments.Has(4) ? arguments.Ends(4, length) : std::vector<size_t>();
  if (!arguments.valid())
    return;
  ends.push_back(length);
  auto& environment = Environment::Of(info.Env());
  auto job = std::make_unique<Submission>(endpoint_, request, std::move(ends), into);
  job->done = Napi::Persistent(done);
  if (endpoint_)
    return environment.Submit(environment.io(), std::move(job));
  job->Fail({EBADF, "sendmsg"});
  environment.Submit(std::move(job));
}

Napi::Value Socket::Watch(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const auto readable = arguments.Function(0);
  if (!arguments.valid())
    return {};
  if (!endpoint_ || watcher_)
    return Napi::Number::New(info.Env(), endpoint_ ? -EBUSY : -EBADF);
  watcher_ = std::make_unique<Watcher>(Environment::Of(info.Env()), readable);
  Ref();
  const int error = watcher_->Start(fd());
  if (error != 0)
    Unwatch(info);
  return Napi::Number::New(info.Env(), error);
}

void Socket::Unwatch(const Napi::CallbackInfo&) {
  if (!watcher_)
    return;
  watcher_.reset();
  Unref();
}

Napi::Value Socket::Ifindex(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const std::string name = arguments.String(0);
  if (!arguments.valid())
    return {};
  ifreq request{};
  if (name.size() >= sizeof request.ifr_name)
    return Napi::Number::New(info.Env(), -EINVAL);
  std::memcpy(request.ifr_name, name.c_str(), name.size());
  const int error = ioctl(fd(), SIOCGIFINDEX, &request);
  return Napi::Number::New(info.Env(), error != 0 ? -errno : request.ifr_ifindex);
}

Napi::Value Socket::Ifname(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  ifreq request{};
  request.ifr_ifindex = arguments.Int(0);
  if (!arguments.valid())
    return {};
  if (ioctl(fd(), SIOCGIFNAME, &request) != 0)
    return Napi::Number::New(info.Env(), -errno);
  return Napi::String::New(info.Env(), request.ifr_name);
}

Napi::Value Socket::SetOption(const Napi::CallbackInfo& info) {
  Arguments arguments(info);
  const int level = arguments.Int(0), name = arguments.Int(1), value = arguments.Int(2);
  if (!arguments.valid())
    return {};
  return Napi::Number::New(info.Env(), Option(fd(), level, name, value));
}

void Socket::Close(const Napi::CallbackInfo& info) {
  Unwatch(info);
  endpoint_.reset();
}

} // namespace netlink
