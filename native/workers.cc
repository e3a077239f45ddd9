#include "workers.h"

#include <signal.h>

#include <algorithm>

namespace netlink {

Workers::Workers(const char* name, size_t limit, Finished finished)
    : name_(name), finished_(std::move(finished)), threads_(limit, Thread{this, State::kEmpty, {}}) {}

void Workers::Submit(std::unique_ptr<Job> job) {
  std::lock_guard lock(mutex_);
  queue_.push_back(std::move(job));
  Summon();
}

std::unique_ptr<Job> Workers::Wait(std::unique_ptr<Job> job) {
  const Job* const awaited = job.get();
  {
    std::lock_guard lock(mutex_);
    queue_.push_front(std::move(job));
    Summon();
  }
  return Collect(awaited);
}

std::unique_ptr<Job> Workers::Collect(const Job* job) {
  std::unique_lock lock(mutex_);
  std::unique_ptr<Job> answer;
  while (!(answer = Answered(job))) {
    answered_.wait(lock);
    Summon();
  }
  return answer;
}

void Workers::Collect(Job* job, Napi::FunctionReference done) {
  std::unique_ptr<Job> answer;
  {
    std::lock_guard lock(mutex_);
    job->done = std::move(done);
    answer = Answered(job);
  }
  if (answer)
    finished_(std::move(answer));
}

/// With mutex_ held: the job if it is finished.
std::unique_ptr<Job> Workers::Answered(const Job* job) {
  const auto is = [job](const auto& answer) { return answer.get() == job; };
  const auto found = std::find_if(answers_.begin(), answers_.end(), is);
  if (found == answers_.end())
    return nullptr;
  std::unique_ptr<Job> answer = std::move(*found);
  answers_.erase(found);
  return answer;
}

void Workers::Resume() {
  std::lock_guard lock(mutex_);
  Summon();
}

void Workers::Stop() {
  std::vector<pthread_t> started;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
    queued_.notify_all();
    for (const Thread& thread : threads_)
      if (thread.state != State::kEmpty)
        started.push_back(thread.id);
  }
  for (pthread_t id : started)
    pthread_join(id, nullptr);
}

/// Makes sure that somebody takes the jobs queued.
void Workers::Summon() {
  if (queue_.size() > idle_) {
    auto running = [](const Thread& thread) { return thread.state == State::kRunning; };
    auto free = std::find_if_not(threads_.begin(), threads_.end(), running);
    const int error = free == threads_.end() ? 0 : Start(*free);
    if (std::none_of(threads_.begin(), threads_.end(), running))
      while (!queue_.empty()) {
        std::unique_ptr<Job> job = Take();
        job->Fail({error, "pthread_create"});
        job->done.IsEmpty() ? answers_.push_back(std::move(job)) : finished_(std::move(job));
      }
  }
  queued_.notify_one();
}

int Workers::Start(Thread& thread) {
  if (thread.state == State::kEnded)
    pthread_join(thread.id, nullptr);
  thread.state = State::kEmpty;
  // The new thread inherits the mask: signals are handled by Node's threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int error = pthread_create(&thread.id, nullptr, Main, &thread);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error == 0) {
    thread.state = State::kRunning;
    pthread_setname_np(thread.id, name_);
  }
  return error;
}

void* Workers::Main(void* thread) {
  auto* self = static_cast<Thread*>(thread);
  self->workers->Serve(*self);
  return nullptr;
}

void Workers::Serve(Thread& thread) {
  Whereabouts whereabouts;
  std::unique_ptr<Job> next = NextAway();
  while (std::unique_ptr<Job> job = next ? std::move(next) : Next()) {
    if (auto failure = whereabouts.Go(job->place))
      job->Fail(*failure);
    else
      job->Run();
    next = NextAway();
    const bool lost = !next && whereabouts.GoHome();
    Finish(std::move(job), lost ? &thread : nullptr);
    if (lost)
      return;
  }
}

/// A job that a thread takes where it is; null where there is none. Then the thread counts as idle, also
/// while it goes home: whoever gets its answer need not start another.
std::unique_ptr<Job> Workers::NextAway() {
  std::lock_guard lock(mutex_);
  if (!queue_.empty() && queue_.front()->place != kHome)
    return Take();
  ++idle_;
  return nullptr;
}

/// Waits for a job, at home; null when the threads are to end.
std::unique_ptr<Job> Workers::Next() {
  std::unique_lock lock(mutex_);
  queued_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  --idle_;
  return stopping_ ? nullptr : Take();
}

/// With mutex_ held and a job in the queue.
std::unique_ptr<Job> Workers::Take() {
  std::unique_ptr<Job> job = std::move(queue_.front());
  queue_.pop_front();
  return job;
}

/// Wakes the JavaScript thread without holding the lock that it takes first, and does not take it again: who
/// starts another thread in the place of the `lost` one waits for its end with the lock held.
void Workers::Finish(std::unique_ptr<Job> job, Thread* lost) {
  {
    std::lock_guard lock(mutex_);
    if (lost != nullptr) {
      --idle_;
      lost->state = State::kEnded;
    }
    if (job->done.IsEmpty())
      answers_.push_back(std::move(job));
  }
  answered_.notify_one(); // also where this thread ends: Collect() may need another
  if (job)
    finished_(std::move(job));
}

} // namespace netlink
