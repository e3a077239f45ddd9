#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "place.h"
#include "result.h"

namespace netlink {

class Environment;

/// Work for one of the addon's threads, and what the JavaScript thread answers when it is done. Jobs are made
/// and destroyed on the JavaScript thread, because they hold references to its values.
class Job {
public:
  explicit Job(int place) : place(place) {}
  virtual ~Job() = default;

  virtual void Run() = 0;
  /// The job could not be run.
  virtual void Fail(Failure failure) = 0;
  /// The arguments for `done`.
  virtual std::vector<napi_value> Answer(Environment& environment) = 0;

  const int place;
  /// Empty if the JavaScript thread waits for the job, or will ask for its answer (Workers::Collect()).
  Napi::FunctionReference done;
};

} // namespace netlink
