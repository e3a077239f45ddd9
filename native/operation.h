#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "job.h"
#include "result.h"
#include "value.h"

namespace netlink {

/// A job whose answer is one value or a Failure.
template <typename T> class Operation final : public Job {
public:
  Operation(int place, std::function<Result<T>()> work) : Job(place), work_(std::move(work)) {}

  void Run() override { result_ = work_(); }
  void Fail(Failure failure) override { result_ = failure; }
  std::vector<napi_value> Answer(Environment& environment) override {
    return {ToValue<T>(environment, std::move(result_))};
  }

private:
  const std::function<Result<T>()> work_;
  Result<T> result_;
};

} // namespace netlink
