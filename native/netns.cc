#include "netns.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cstring>

namespace netlink {
namespace {

constexpr char kOwnNetns[] = "/proc/thread-self/ns/net";

/// The file on which a namespace is mounted. It goes away again unless it is kept.
class Name {
public:
  explicit Name(const char* path) : path_(path) {}
  ~Name() {
    if (mounted_)
      umount2(path_, MNT_DETACH);
    if (created_)
      unlink(path_);
  }

  bool Create() {
    Descriptor file(open(path_, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
    return created_ = static_cast<bool>(file);
  }
  bool Mount(const char* netns) { return mounted_ = mount(netns, path_, "none", MS_BIND, nullptr) == 0; }
  void Keep() { created_ = mounted_ = false; }

private:
  const char* path_;
  bool created_ = false;
  bool mounted_ = false;
};

/// Cheaper than a request, which would be another turn of the routing lock and of the JavaScript thread. Of
/// the calling thread's namespace.
int RaiseLoopback() {
  const Descriptor any(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  return any ? ioctl(any.get(), SIOCSIFFLAGS, &request) : -1;
}

/// mkdir -p
int MakeDirectory(const std::string& path) {
  for (size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1))
    if (mkdir(path.substr(0, end).c_str(), 0755) != 0 && errno != EEXIST)
      return -1;
  return mkdir(path.c_str(), 0755) != 0 && errno != EEXIST ? -1 : 0;
}

} // namespace

Result<CreatedNetns> CreateNetns(const std::optional<std::string>& path, const std::vector<int>& settings,
                                 bool loopback) {
  Name name(path ? path->c_str() : nullptr);
  if (path && !name.Create())
    return Failed("open");
  if (unshare(CLONE_NEWNET) != 0)
    return Failed("unshare");
  CreatedNetns created;
  created.netns.fd = Descriptor(open(kOwnNetns, O_RDONLY | O_CLOEXEC));
  if (!created.netns.fd)
    return Failed("open");
  if (path && !name.Mount(kOwnNetns))
    return Failed("mount");
  auto opened = Endpoint::Open(NETLINK_ROUTE, settings);
  if (auto* failure = std::get_if<Failure>(&opened))
    return *failure;
  created.endpoint = std::get<0>(opened);
  if (loopback && RaiseLoopback() != 0)
    return Failed("ioctl");
  name.Keep();
  return created;
}

Result<Netns> OpenNetns(const std::string& path) {
  // Non-blocking: the path may be that of a FIFO.
  Netns netns{Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))};
  if (!netns.fd)
    return Failed("open");
  struct statfs filesystem;
  if (fstatfs(netns.fd.get(), &filesystem) != 0)
    return Failed("fstatfs");
  // Other file systems may give the request another meaning.
  if (filesystem.f_type != NSFS_MAGIC || ioctl(netns.fd.get(), NS_GET_NSTYPE) != CLONE_NEWNET)
    return Failure{EINVAL, "ioctl"};
  return netns;
}

Result<Done> NameNetns(int fd, const std::string& path) {
  Name name(path.c_str());
  if (!name.Create())
    return Failed("open");
  if (!name.Mount(("/proc/self/fd/" + std::to_string(fd)).c_str()))
    return Failed("mount");
  name.Keep();
  return Done{};
}

Result<Done> RemoveNetns(const std::string& path) {
  // A name that is a link to another program's mount is unlinked without touching that mount.
  if (umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0 && errno != EINVAL)
    return Failed("umount2");
  if (unlink(path.c_str()) != 0)
    return Failed("unlink");
  return Done{};
}

// As ip-netns(8) does it. The lock keeps two programs from each putting a mount of its own on the directory.
Result<Done> ShareDirectory(const std::string& path) {
  const auto open_directory = [&] { return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); };
  Descriptor directory(open_directory());
  if (!directory && errno == ENOENT) {
    if (MakeDirectory(path) != 0)
      return Failed("mkdir");
    directory = Descriptor(open_directory());
  }
  if (!directory)
    return Failed("open");
  Retry([&] { return flock(directory.get(), LOCK_EX); }); // where it cannot be had, iproute2 goes on as well
  const char* target = path.c_str();
  if (mount("", target, "none", MS_SHARED | MS_REC, nullptr) == 0)
    return Done{};
  if (errno != EINVAL) // EINVAL: not yet a mount
    return Failed("mount");
  if (mount(target, target, "none", MS_BIND | MS_REC, nullptr) != 0 ||
      mount("", target, "none", MS_SHARED | MS_REC, nullptr) != 0)
    return Failed("mount");
  return Done{};
}

} // namespace netlink
