#include "workers.h"

#include <signal.h>

#include <algorithm>

namespace netlink {

Workers::Workers(const char* name, size_t limit, Finished finished)
    : name_(name), finished_(std::move(finished)), threads_(limit, Thread{this, State::kEmpty, {}}) {}

void Workers::Submit(std::unique_ptr<Job> job) {
  std::unique_lock lock(mutex_);
  queue_.push_back(std::move(job));
  if (int error = Summon()) {
    job = std::move(queue_.back());
    queue_.pop_back();
    lock.unlock();
    job->Fail({error, "pthread_create"});
    finished_(std::move(job));
  }
}

std::unique_ptr<Job> Workers::Wait(std::unique_ptr<Job> job) {
  std::unique_lock lock(mutex_);
  queue_.push_front(std::move(job));
  if (int error = Summon()) {
    job = std::move(queue_.front());
    queue_.pop_front();
    job->Fail({error, "pthread_create"});
    return job;
  }
  answered_.wait(lock, [this] { return answer_ != nullptr; });
  return std::move(answer_);
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

int Workers::Summon() {
  queued_.notify_one();
  if (queue_.size() <= idle_)
    return 0;
  auto running = [](const Thread& thread) { return thread.state == State::kRunning; };
  auto free = std::find_if_not(threads_.begin(), threads_.end(), running);
  int error = free == threads_.end() ? 0 : Start(*free);
  return std::any_of(threads_.begin(), threads_.end(), running) ? 0 : error;
}

int Workers::Start(Thread& thread) {
  if (thread.state == State::kEnded)
    pthread_join(thread.id, nullptr);
  thread.state = State::kEmpty;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all,
                  &before); // the new thread inherits the mask: signals are JavaScript's affair
  int error = pthread_create(&thread.id, nullptr, Main, &thread);
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
  std::unique_lock lock(mutex_);
  std::unique_ptr<Job> job = Take(lock, true);
  while (job) {
    lock.unlock();
    if (auto failure = whereabouts.Go(job->place))
      job->Fail(*failure);
    else
      job->Run();
    lock.lock();
    std::unique_ptr<Job> next = Take(lock, false);
    if (!next) {
      lock.unlock();
      bool lost = whereabouts.GoHome().has_value();
      lock.lock();
      next = Take(lock, false);
      if (lost && !next) {
        thread.state = State::kEnded;
        lock.unlock();
        return Finish(std::move(job));
      }
    }
    lock.unlock();
    Finish(std::move(job));
    lock.lock();
    job = next ? std::move(next) : Take(lock, true);
  }
}

std::unique_ptr<Job> Workers::Take(std::unique_lock<std::mutex>& lock, bool wait) {
  if (wait) {
    ++idle_;
    queued_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
  }
  if (stopping_ || queue_.empty())
    return nullptr;
  std::unique_ptr<Job> job = std::move(queue_.front());
  queue_.pop_front();
  return job;
}

void Workers::Finish(std::unique_ptr<Job> job) {
  if (!job->done.IsEmpty())
    return finished_(std::move(job));
  std::lock_guard lock(mutex_);
  answer_ = std::move(job);
  answered_.notify_one();
}

} // namespace netlink
