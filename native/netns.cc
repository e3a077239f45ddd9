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
#include <functional>

namespace netlink {
namespace {

constexpr char kOwnNetns[] = "/proc/thread-self/ns/net";

/// mkdir -p
int MakeDirectory(const std::string& path) {
  for (size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1))
    if (mkdir(path.substr(0, end).c_str(), 0755) != 0 && errno != EEXIST)
      return -1;
  return mkdir(path.c_str(), 0755) != 0 && errno != EEXIST ? -1 : 0;
}

/// The directory of a path, as ip-netns(8) prepares it for names: made if missing, a mount of its own, shared.
/// The lock keeps two programs from each putting a mount on it; who has to wait for it calls `leave` first.
std::optional<Failure> PrepareDirectory(const std::string& path, const std::function<void()>& leave) {
  const std::string directory = path.substr(0, path.rfind('/'));
  const auto failed = [](const char* syscall) { return Failure{errno, syscall, true}; };
  const char* const target = directory.c_str();
  const auto open_directory = [&] { return open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC); };
  Descriptor opened(open_directory());
  if (!opened && errno == ENOENT) {
    if (MakeDirectory(directory) != 0)
      return failed("mkdir");
    opened = Descriptor(open_directory());
  }
  if (!opened)
    return failed("open");
  // Where it cannot be had, iproute2 goes on as well.
  if (flock(opened.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    leave();
    Retry([&] { return flock(opened.get(), LOCK_EX); });
  }
  if (mount("", target, "none", MS_SHARED | MS_REC, nullptr) == 0)
    return std::nullopt;
  if (errno != EINVAL) // EINVAL: not yet a mount
    return failed("mount");
  if (mount(target, target, "none", MS_BIND | MS_REC, nullptr) != 0 ||
      mount("", target, "none", MS_SHARED | MS_REC, nullptr) != 0)
    return failed("mount");
  return std::nullopt;
}

/// The file on which a namespace is mounted. It goes away again unless it is kept.
class Name {
public:
  explicit Name(const std::string& path) : path_(path) {}
  ~Name() {
    if (mounted_)
      umount2(path_.c_str(), MNT_DETACH);
    if (created_)
      unlink(path_.c_str());
  }

  std::optional<Failure> Create(const std::function<void()>& leave) {
    if (auto failure = PrepareDirectory(path_, leave))
      return failure;
    const Descriptor file(open(path_.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
    if (!file)
      return Failed("open");
    created_ = true;
    return std::nullopt;
  }
  bool Mount(const char* netns) {
    return mounted_ = mount(netns, path_.c_str(), "none", MS_BIND, nullptr) == 0;
  }
  void Keep() { created_ = mounted_ = false; }

private:
  const std::string path_;
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

} // namespace

Result<CreatedNetns> CreateNetns(const std::optional<std::string>& path, const std::vector<int>& settings,
                                 bool loopback) {
  // The thread may stand in a namespace of an earlier job, which it would keep while it waits for another program.
  bool entered = false;
  const auto enter = [&] { return entered = entered || unshare(CLONE_NEWNET) == 0; };
  std::optional<Name> name;
  if (path)
    if (auto failure = name.emplace(*path).Create(enter))
      return *failure;
  if (!enter())
    return Failed("unshare");
  CreatedNetns created;
  created.netns.fd = Descriptor(open(kOwnNetns, O_RDONLY | O_CLOEXEC));
  if (!created.netns.fd)
    return Failed("open");
  if (name && !name->Mount(kOwnNetns))
    return Failed("mount");
  auto opened = Endpoint::Open(NETLINK_ROUTE, settings);
  if (auto* failure = std::get_if<Failure>(&opened))
    return *failure;
  created.endpoint = std::get<0>(opened);
  if (loopback && RaiseLoopback() != 0)
    return Failed("ioctl");
  if (name)
    name->Keep();
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
  Name name(path);
  if (auto failure = name.Create([] {})) // at home
    return *failure;
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

} // namespace netlink
