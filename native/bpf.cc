#include "bpf.h"

#include <linux/bpf.h>
#include <sys/syscall.h>

namespace netlink {

Result<Descriptor> OpenPinned(const std::string& path) {
  bpf_attr attributes{};
  attributes.pathname = reinterpret_cast<uintptr_t>(path.c_str());
  // Close-on-exec, as all that bpf() opens.
  Descriptor object(static_cast<int>(syscall(SYS_bpf, BPF_OBJ_GET, &attributes, sizeof attributes)));
  if (!object)
    return Failed("bpf");
  return object;
}

} // namespace netlink
