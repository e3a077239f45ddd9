// Creates named namespaces, all of them, then deletes all of them. Both are in the time; each_ns is the
// creation and the deletion of one. With --hold it waits in between.
#include "settle.h"

static struct options options;
static uint64_t* each_ns;
static struct batch batch;

// On a thread of its own, which keeps no namespace once it has ended. An open descriptor is a library's
// handle.
static void* create_and_delete(void* unused) {
  char path[64];
  for (unsigned i = 0; i < options.count; i++) {
    const uint64_t begun = now_ns();
    netns_path(path, i);
    create_netns(path);
    int handle = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    check(handle, "open(ns/net)");
    close(handle);
    each_ns[i] = now_ns() - begun;
  }
  if (options.hold) {
    print_ready();
    hold_if_asked(&options);
  }
  for (unsigned i = 0; i < options.count; i++) {
    const uint64_t begun = now_ns();
    netns_path(path, i);
    delete_netns(path);
    each_ns[i] += now_ns() - begun;
  }
  return unused;
}

static void run(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, create_and_delete, NULL) != 0 || pthread_join(thread, NULL) != 0)
    die("pthread_create");
}

int main(int argc, char** argv) {
  options = parse_options(argc, argv, 100);
  each_ns = new_times(options.count);
  int fd = open_netlink();
  share_netns_directory();
  for (unsigned done = 0; done < options.warm; done += options.count) {
    run();
    settle(fd, &batch);
  }

  const uint64_t start = now_ns();
  run();
  const uint64_t total_ns = now_ns() - start;

  print_result(total_ns, each_ns, options.count);
  settle(fd, &batch);
  return 0;
}
