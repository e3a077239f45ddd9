// netlink-exec FD NAME CMD [ARG...]: runs a command in the network namespace of the inherited descriptor FD,
// with the view of /sys and /etc that ip-netns(8) gives it. NAME is the namespace's name, or '' if it has
// none.

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

enum Status { kNotEntered = 125, kNotExecutable = 126, kNotFound = 127 };

[[noreturn]] void Exit(Status status, const char* what) {
  std::fprintf(stderr, "netlink-exec: %s: %s\n", what, std::strerror(errno));
  std::exit(status);
}

/// A descriptor's number, or -1.
int ParseFd(const char* text) {
  char* end;
  errno = 0;
  const long fd = std::strtol(text, &end, 10);
  return errno == 0 && *text != '\0' && *end == '\0' && fd >= 0 && fd <= 0x7fffffff ? static_cast<int>(fd)
                                                                                    : -1;
}

/// /sys shows the namespace in which it was mounted, not that of its reader.
void MountSys(const char* name) {
  struct statvfs old;
  const bool read_only = statvfs("/sys", &old) == 0 && (old.f_flag & ST_RDONLY);
  umount2("/sys", MNT_DETACH); // what cannot be unmounted (in a user namespace) is mounted over
  if (mount(*name ? name : "netns", "/sys", "sysfs", read_only ? MS_RDONLY : 0, nullptr) != 0)
    Exit(kNotEntered, "mount of /sys");
}

/// Puts the files of /etc/netns/NAME over those of /etc.
void BindEtc(const std::string& name) {
  const std::string own = "/etc/netns/" + name;
  DIR* directory = opendir(own.c_str());
  if (directory == nullptr)
    return;
  while (const dirent* entry = readdir(directory)) {
    const std::string file = entry->d_name;
    if (file == "." || file == "..")
      continue;
    const std::string source = own + "/" + file, target = "/etc/" + file;
    if (mount(source.c_str(), target.c_str(), "none", MS_BIND, nullptr) != 0)
      std::fprintf(stderr, "netlink-exec: bind %s on %s: %s\n", source.c_str(), target.c_str(),
                   std::strerror(errno));
  }
  closedir(directory);
}

/// Node ignores SIGPIPE, and a child inherits that.
void ResetSignals() {
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 4 || ParseFd(argv[1]) < 0) {
    std::fputs("usage: netlink-exec FD NAME CMD [ARG...]\n", stderr);
    return kNotEntered;
  }
  const int fd = ParseFd(argv[1]);
  const char* name = argv[2];
  if (setns(fd, CLONE_NEWNET) != 0)
    Exit(kNotEntered, "setns");
  close(fd);
  if (unshare(CLONE_NEWNS) != 0)
    Exit(kNotEntered, "unshare");
  if (mount("", "/", "none", MS_SLAVE | MS_REC, nullptr) !=
      0) // nothing gets out to the other mount namespaces
    Exit(kNotEntered, "mount --make-rslave /");
  MountSys(name);
  if (*name)
    BindEtc(name);
  ResetSignals();
  execvp(argv[3], argv + 3);
  Exit(errno == ENOENT || errno == ENOTDIR ? kNotFound : kNotExecutable, argv[3]);
}
