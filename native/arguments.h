#pragma once

#include <napi.h>

#include <optional>
#include <string>
#include <vector>

#include "files.h"

namespace netlink {

/// Reads the arguments of a call. The first one of a wrong type throws a TypeError, and valid() is false from
/// then on.
class Arguments {
public:
  explicit Arguments(const Napi::CallbackInfo& info) : info_(info) {}

  Napi::Env env() const { return info_.Env(); }
  bool valid() const { return valid_; }

  int Int(size_t index);
  /// The descriptor of a namespace, or -1.
  int Netns(size_t index);
  bool Bool(size_t index);
  /// A string without NUL, for a system call.
  std::string String(size_t index);
  /// The settings of openNetlink().
  std::vector<int> Settings(size_t index);
  Napi::Uint8Array Bytes(size_t index);
  /// A length in `bytes`.
  size_t Length(size_t index, const Napi::Uint8Array& bytes);
  /// Ascending lengths, each below `length`.
  std::vector<size_t> Ends(size_t index, size_t length);
  Napi::Function Function(size_t index);
  bool Null(size_t index) const { return info_[index].IsNull(); }
  bool Has(size_t index) const { return !info_[index].IsUndefined(); }
  /// Throws for the argument unless the condition holds. Whether all have been as they must be.
  bool Expect(bool condition, size_t index, const char* what);

private:
  /// The elements of an Int32Array; none of anything else.
  std::vector<int> Ints(size_t index) const;

  const Napi::CallbackInfo& info_;
  bool valid_ = true;
};

} // namespace netlink
