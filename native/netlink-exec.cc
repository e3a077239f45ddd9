// netlink-exec [-a ARGV0] [-u UID] [-g GID] FD NAME CMD [ARG...]: runs a command in the network namespace of
// the inherited descriptor FD, with the view of /sys and /etc that ip-netns(8) gives it. NAME is the
// namespace's name, or '' if it has none. The command gets ARGV0 as its argv[0]. It runs as UID and GID,
// which are taken on here because entering the namespace needs the rights of the caller.

#include <dirent.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>

namespace {

/// Of a user or group: the number behind it means none.
constexpr int64_t kMaxId = 0xfffffffe;

enum Status { kNotEntered = 125, kNotExecutable = 126, kNotFound = 127 };

[[noreturn]] void Exit(Status status, const char* what) {
  std::fprintf(stderr, "netlink-exec: %s: %s\n", what, std::strerror(errno));
  std::exit(status);
}

/// What is to be run, and as whom.
struct Command {
  const char* argv0 = nullptr;
  int64_t uid = -1;
  int64_t gid = -1;
  int fd = -1;
  const char* netns = nullptr;
  char** argv = nullptr;
};

/// A number from 0 to `max`, or -1.
int64_t ParseNumber(const char* text, int64_t max) {
  char* end;
  errno = 0;
  const long long number = std::strtoll(text, &end, 10);
  const bool whole = errno == 0 && *text != '\0' && *end == '\0';
  return whole && number >= 0 && number <= max ? number : -1;
}

bool Parse(int argc, char** argv, Command& command) {
  for (int option; (option = getopt(argc, argv, "+a:u:g:")) != -1;) {
    if (option == '?')
      return false;
    if (option == 'a') {
      command.argv0 = optarg;
      continue;
    }
    int64_t& id = option == 'u' ? command.uid : command.gid;
    if ((id = ParseNumber(optarg, kMaxId)) < 0)
      return false;
  }
  if (argc - optind < 3)
    return false;
  command.fd = static_cast<int>(ParseNumber(argv[optind], INT_MAX));
  command.netns = argv[optind + 1];
  command.argv = argv + optind + 2;
  return command.fd >= 0;
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

/// In the order in which Node does it, supplementary groups included.
void BecomeUser(int64_t uid, int64_t gid) {
  if (uid >= 0 || gid >= 0)
    setgroups(0, nullptr); // an ordinary user may not, and has none to lose
  if (gid >= 0 && setgid(gid) != 0)
    Exit(kNotEntered, "setgid");
  if (uid >= 0 && setuid(uid) != 0)
    Exit(kNotEntered, "setuid");
}

/// Whether there is such a file. execvp() says EACCES also for a directory in PATH that may not be searched.
bool Found(const std::string& file) {
  if (file.find('/') != std::string::npos)
    return true;
  const char* path = std::getenv("PATH");
  std::istringstream directories(path != nullptr ? path : "/bin:/usr/bin");
  for (std::string directory; std::getline(directories, directory, ':');)
    if (access(((directory.empty() ? "." : directory) + "/" + file).c_str(), F_OK) == 0)
      return true;
  return false;
}

} // namespace

int main(int argc, char** argv) {
  Command command;
  if (!Parse(argc, argv, command)) {
    std::fputs("usage: netlink-exec [-a ARGV0] [-u UID] [-g GID] FD NAME CMD [ARG...]\n", stderr);
    return kNotEntered;
  }
  if (setns(command.fd, CLONE_NEWNET) != 0)
    Exit(kNotEntered, "setns");
  close(command.fd);
  if (unshare(CLONE_NEWNS) != 0)
    Exit(kNotEntered, "unshare");
  // So that no mount gets out to the other mount namespaces.
  if (mount("", "/", "none", MS_SLAVE | MS_REC, nullptr) != 0)
    Exit(kNotEntered, "mount --make-rslave /");
  MountSys(command.netns);
  if (*command.netns)
    BindEtc(command.netns);
  ResetSignals();
  BecomeUser(command.uid, command.gid);
  const std::string file = command.argv[0];
  if (command.argv0 != nullptr)
    command.argv[0] = const_cast<char*>(command.argv0); // execvp() takes it as it is
  execvp(file.c_str(), command.argv);
  const int error = errno;
  errno = error == EACCES && !Found(file) ? ENOENT : error;
  Exit(errno == ENOENT || errno == ENOTDIR ? kNotFound : kNotExecutable, file.c_str());
}
