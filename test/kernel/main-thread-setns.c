/*
 * What a namespace library must not do: an addon that enters a new network namespace on the JavaScript thread and comes back.
 * threads.test.ts proves with it that its sampler would see such a library. The declarations are those of node_api.h, so that
 * no headers of Node are needed.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

typedef void *napi_value;
typedef napi_value (*napi_callback)(void *env, void *info);
int napi_create_function(void *env, const char *name, size_t length, napi_callback callback, void *data,
                         napi_value *result);

static napi_value leave(void *env, void *info) {
  (void)env, (void)info;
  int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (home < 0 || unshare(CLONE_NEWNET) != 0 || setns(home, CLONE_NEWNET) != 0)
    _exit(1);
  close(home);
  return NULL;
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(void *env, napi_value exports) {
  (void)exports;
  napi_value function;
  return napi_create_function(env, "leave", 5, leave, NULL, &function) == 0 ? function : NULL;
}
