#include "environment.h"

#include "watcher.h"

namespace netlink {

Environment::Environment(Napi::Env env)
    : env_(env), async_context_(std::make_unique<Napi::AsyncContext>(env, "netlink")),
      io_("netlink-io", 1, [this](auto job) { Complete(std::move(job)); }),
      netns_("netlink-netns", 4, [this](auto job) { Complete(std::move(job)); }) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  uv_async_init(loop, &completions_,
                [](uv_async_t* handle) { static_cast<Environment*>(handle->data)->Deliver(); });
  completions_.data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(&completions_));
  handles_ = 1;
  napi_add_async_cleanup_hook(env, CleanUp, this, nullptr);
}

void Environment::Submit(Workers& workers, std::unique_ptr<Job> job) {
  Expect();
  workers.Submit(std::move(job));
}

void Environment::Submit(std::unique_ptr<Job> finished) {
  Expect();
  Complete(std::move(finished));
}

int Environment::Begin(Workers& workers, std::unique_ptr<Job> job) {
  begun_[++last_begun_] = job.get();
  workers.Submit(std::move(job));
  return last_begun_;
}

Job* Environment::Begun(int number) {
  const auto found = begun_.find(number);
  Job* const job = found == begun_.end() ? nullptr : found->second;
  begun_.erase(number);
  return job;
}

void Environment::Collect(Workers& workers, Job* job, Napi::FunctionReference done) {
  Expect();
  workers.Collect(job, std::move(done));
}

void Environment::Expect() {
  if (expected_++ == 0)
    uv_ref(reinterpret_cast<uv_handle_t*>(&completions_));
}

void Environment::Complete(std::unique_ptr<Job> job) {
  std::lock_guard lock(mutex_);
  completed_.push_back(std::move(job));
  uv_async_send(&completions_);
}

void Environment::Deliver() {
  std::vector<std::unique_ptr<Job>> jobs;
  {
    std::lock_guard lock(mutex_);
    jobs.swap(completed_);
  }
  netns_.Resume();
  for (auto& job : jobs) {
    Napi::HandleScope scope(env_);
    if (--expected_ == 0)
      uv_unref(reinterpret_cast<uv_handle_t*>(&completions_));
    if (!Runs()) // a descriptor that nobody is told of closes with its job
      continue;
    const Napi::Function done = job->done.Value();
    const std::vector<napi_value> answer = job->Answer(*this);
    job.reset(); // with the descriptor of a socket closed meanwhile
    Call(done, answer);
  }
}

bool Environment::Runs() const {
  bool equal;
  const napi_value any = env_.Undefined(); // to compare is the cheapest call that needs JavaScript
  return napi_strict_equals(env_, any, any, &equal) == napi_ok;
}

void Environment::Call(Napi::Function callback, const std::vector<napi_value>& arguments) {
  Napi::CallbackScope scope(env_, *async_context_);
  callback.Call(arguments);
  if (env_.IsExceptionPending())
    napi_fatal_exception(env_, env_.GetAndClearPendingException().Value());
}

int Environment::Adopt(Descriptor fd) {
  adopted_.insert(fd.get());
  return fd.Release();
}

void Environment::Opened(Watcher* watcher) {
  watchers_.insert(watcher);
  ++handles_;
}

void Environment::Closed() {
  if (--handles_ == 0)
    napi_remove_async_cleanup_hook(hook_);
}

void Environment::CleanUp(napi_async_cleanup_hook_handle hook, void* environment) {
  auto* self = static_cast<Environment*>(environment);
  self->hook_ = hook;
  self->Stop();
}

void Environment::Stop() {
  io_.Stop();
  netns_.Stop();
  completed_.clear();
  while (!watchers_.empty())
    (*watchers_.begin())->Close();
  for (int fd : adopted_)
    close(fd);
  socket_class_.Reset();
  async_context_.reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&completions_),
           [](uv_handle_t* handle) { static_cast<Environment*>(handle->data)->Closed(); });
}

} // namespace netlink
