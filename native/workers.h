#pragma once

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "job.h"

namespace netlink {

/// Threads of the addon's own, started when they are first needed. A thread without a further job goes back
/// to the process's namespace before it hands over the one it has finished, so that no idle thread holds a
/// namespace; if it cannot get back it ends.
class Workers {
public:
  using Finished = std::function<void(std::unique_ptr<Job>)>;

  /// At most `limit` threads; `finished` is called on them. Jobs of a single thread run in order.
  Workers(const char* name, size_t limit, Finished finished);

  /// A job without `done` keeps its answer for Collect().
  void Submit(std::unique_ptr<Job> job);
  /// Runs a job ahead of those submitted and blocks until it is finished.
  std::unique_ptr<Job> Wait(std::unique_ptr<Job> job);
  /// Blocks until a job that was submitted without `done` is finished.
  std::unique_ptr<Job> Collect(const Job* job);
  /// Gives such a job its `done`, which need not have been called when this returns.
  void Collect(Job* job, Napi::FunctionReference done);
  /// Finds a thread for the jobs left behind by one that ended.
  void Resume();
  /// Drops the jobs not yet begun and ends the threads.
  void Stop();

private:
  enum class State { kEmpty, kRunning, kEnded };
  struct Thread {
    Workers* workers;
    State state = State::kEmpty;
    pthread_t id;
  };

  // With mutex_ held, and on the JavaScript thread, which is at home.
  void Summon();
  int Start(Thread& thread);

  static void* Main(void* thread);
  void Serve(Thread& thread);
  std::unique_ptr<Job> Answered(const Job* job);
  std::unique_ptr<Job> Next();
  std::unique_ptr<Job> NextAway();
  std::unique_ptr<Job> Take();
  void Finish(std::unique_ptr<Job> job, Thread* lost);

  const char* const name_;
  const Finished finished_;
  std::mutex mutex_;
  std::condition_variable queued_;
  std::condition_variable answered_;
  std::deque<std::unique_ptr<Job>> queue_;
  std::vector<std::unique_ptr<Job>> answers_; // for Collect()
  std::vector<Thread> threads_;
  size_t idle_ = 0;
  bool stopping_ = false;
};

} // namespace netlink
