#pragma once

#include <cerrno>
#include <variant>

namespace netlink {

/// A system call that failed.
struct Failure {
  int error;
  const char* syscall;
  bool of_directory = false; // of the one that a path lies in, not of what the call is about
};

/// Success without a value: 0 in JavaScript.
struct Done {};

template <typename T> using Result = std::variant<T, Failure>;

inline Failure Failed(const char* syscall) {
  return {errno, syscall};
}

/// Repeats a system call for as long as a signal interrupts it.
template <typename Call> auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR)
    result = call();
  return result;
}

} // namespace netlink
