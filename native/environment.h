#pragma once

#include <napi.h>
#include <uv.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "job.h"
#include "workers.h"

namespace netlink {

class Watcher;

/// What the addon keeps for one Node environment (the main thread, or one of worker_threads).
class Environment {
public:
  static Environment& Of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }
  explicit Environment(Napi::Env env);

  Napi::Env env() const { return env_; }
  uv_loop_t* loop() const { return completions_.loop; }
  Workers& io() { return io_; }
  Workers& netns() { return netns_; }
  Napi::FunctionReference& socket_class() { return socket_class_; }

  /// Runs a job on `workers`; then its `done` is called on the event loop, which stays alive until that.
  void Submit(Workers& workers, std::unique_ptr<Job> job);
  /// Has the `done` of a job that has run already called on the event loop.
  void Submit(std::unique_ptr<Job> finished);
  /// Runs a job whose answer is asked for later, by the number that this returns.
  int Begin(Workers& workers, std::unique_ptr<Job> job);
  /// The job of such a number, which means nothing from then on; null where it never did.
  Job* Begun(int number);
  /// Has `done` called as that of a job that was submitted with it.
  void Collect(Workers& workers, Job* job, Napi::FunctionReference done);
  /// Calls into JavaScript from the event loop. What the callback throws becomes an 'uncaughtException'.
  void Call(Napi::Function callback, const std::vector<napi_value>& arguments);

  /// Descriptors that JavaScript holds as numbers, or is about to get: those not closed by it are closed with
  /// the environment.
  int Adopt(Descriptor fd);
  void Disown(int fd) { adopted_.erase(fd); }

  void Opened(Watcher* watcher);
  void Closing(Watcher* watcher) { watchers_.erase(watcher); }
  /// One of the libuv handles has been closed; the environment ends after its last one.
  void Closed();

private:
  static void CleanUp(napi_async_cleanup_hook_handle hook, void* environment);
  void Stop();
  void Expect();
  void Complete(std::unique_ptr<Job> job);
  void Deliver();
  /// Whether JavaScript runs: not in a worker thread that process.exit() or terminate() ends.
  bool Runs() const;

  const Napi::Env env_;
  std::unique_ptr<Napi::AsyncContext> async_context_;
  Napi::FunctionReference socket_class_;
  napi_async_cleanup_hook_handle hook_ = nullptr;

  uv_async_t completions_{};
  std::mutex mutex_;
  std::vector<std::unique_ptr<Job>> completed_; // under mutex_
  size_t expected_ = 0;                         // jobs whose `done` has still to be called
  size_t handles_ = 0;                          // libuv handles not yet closed

  std::map<int, Job*> begun_;
  int last_begun_ = 0;
  std::set<Watcher*> watchers_;
  std::set<int> adopted_;
  Workers io_;
  Workers netns_;
};

} // namespace netlink
