#include "arguments.h"

namespace netlink {

bool Arguments::Expect(bool condition, size_t index, const char* what) {
  if (condition)
    return valid_;
  if (valid_)
    Napi::TypeError::New(env(), "argument " + std::to_string(index) + " must be " + what)
        .ThrowAsJavaScriptException();
  return valid_ = false;
}

int Arguments::Int(size_t index) {
  const double value = info_[index].IsNumber() ? info_[index].As<Napi::Number>().DoubleValue() : 0.5;
  const bool whole = value >= INT32_MIN && value <= INT32_MAX && value == static_cast<int>(value);
  return Expect(whole, index, "a 32-bit integer") ? static_cast<int>(value) : 0;
}

int Arguments::Netns(size_t index) {
  const int netns = Int(index);
  return Expect(netns >= -1, index, "a descriptor or -1") ? netns : -1;
}

bool Arguments::Bool(size_t index) {
  return Expect(info_[index].IsBoolean(), index, "a boolean") && info_[index].As<Napi::Boolean>().Value();
}

std::string Arguments::String(size_t index) {
  std::string text =
      info_[index].IsString() ? info_[index].As<Napi::String>().Utf8Value() : std::string(1, 0);
  return Expect(text.find('\0') == std::string::npos, index, "a string without NUL") ? text : "";
}

std::vector<int> Arguments::Ints(size_t index) const {
  const Napi::Value value = info_[index];
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array)
    return {};
  const auto array = value.As<Napi::Int32Array>();
  return {array.Data(), array.Data() + array.ElementLength()};
}

std::vector<int> Arguments::Settings(size_t index) {
  const std::vector<int> settings = Ints(index);
  const bool complete = settings.size() >= 2 && (settings.size() - 2) % 3 == 0;
  return Expect(complete, index, "an Int32Array of 2 + 3n elements") ? settings : std::vector<int>();
}

std::vector<size_t> Arguments::Ends(size_t index, size_t length) {
  std::vector<size_t> ends;
  size_t last = 0;
  for (const int end : Ints(index)) {
    if (!Expect(end > 0 && static_cast<size_t>(end) > last && static_cast<size_t>(end) < length, index,
                "an Int32Array of ascending lengths"))
      return {};
    ends.push_back(last = end);
  }
  return ends;
}

Napi::Uint8Array Arguments::Bytes(size_t index) {
  const Napi::Value value = info_[index];
  const bool bytes =
      value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
  return Expect(bytes, index, "a Uint8Array") ? value.As<Napi::Uint8Array>() : Napi::Uint8Array();
}

size_t Arguments::Length(size_t index, const Napi::Uint8Array& bytes) {
  const int length = Int(index);
  if (!valid())
    return 0;
  const bool within = length >= 0 && static_cast<size_t>(length) <= bytes.ByteLength();
  return Expect(within, index, "a length within the array before it") ? length : 0;
}

Napi::Function Arguments::Function(size_t index) {
  return Expect(info_[index].IsFunction(), index, "a function") ? info_[index].As<Napi::Function>()
                                                                : Napi::Function();
}

} // namespace netlink
