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
  std::unique_lock lock(mutex_);
  queue_.push_front(std::move(job));
  Summon();
  while (!answer_) {
    answered_.wait(lock);
    Summon();
  }
  return std::move(answer_);
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
      for (; !queue_.empty(); queue_.pop_front()) {
        queue_.front()->Fail({error, "pthread_create"});
        Finish(std::move(queue_.front()));
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
  self->workers->Serve(std::unique_lock(self->workers->mutex_), *self);
  return nullptr;
}

void Workers::Serve(std::unique_lock<std::mutex> lock, Thread& thread) {
  Whereabouts whereabouts;
  for (;;) {
    ++idle_;
    queued_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_)
      return;
    std::unique_ptr<Job> job = std::move(queue_.front());
    queue_.pop_front();

    lock.unlock();
    if (auto failure = whereabouts.Go(job->place))
      job->Fail(*failure);
    else
      job->Run();
    lock.lock();

    if (queue_.empty() || queue_.front()->place == kHome) {
      lock.unlock();
      const bool lost = whereabouts.GoHome().has_value();
      lock.lock();
      if (lost) {
        thread.state = State::kEnded;
        answered_.notify_one();
        return Finish(std::move(job));
      }
    }
    Finish(std::move(job));
  }
}

void Workers::Finish(std::unique_ptr<Job> job) {
  if (!job->done.IsEmpty())
    return finished_(std::move(job));
  answer_ = std::move(job);
  answered_.notify_one();
}

} // namespace netlink
