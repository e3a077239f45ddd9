#include "watcher.h"

#include <memory>
#include <utility>

namespace netlink {

int Watcher::Start(int fd) {
  auto poll = std::make_unique<uv_poll_t>();
  if (int error = uv_poll_init(environment_.loop(), poll.get(), fd))
    return error;
  poll_ = poll.release();
  poll_->data = this;
  environment_.Opened(this);
  return uv_poll_start(poll_, UV_READABLE, Ready);
}

void Watcher::Close() {
  if (poll_ == nullptr)
    return;
  environment_.Closing(this);
  poll_->data = &environment_;
  uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(poll_, nullptr)), [](uv_handle_t* handle) {
    static_cast<Environment*>(handle->data)->Closed();
    delete reinterpret_cast<uv_poll_t*>(handle);
  });
}

void Watcher::Ready(uv_poll_t* poll, int status, int) {
  auto* self = static_cast<Watcher*>(poll->data);
  // libuv stops polling when a socket has an error (ENOBUFS). The reader learns of it by receiving, and goes
  // on.
  if (status < 0)
    uv_poll_start(poll, UV_READABLE, Ready);
  Napi::HandleScope scope(self->environment_.env());
  self->environment_.Call(self->readable_.Value(), {});
}

} // namespace netlink
