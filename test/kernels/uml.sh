#!/bin/sh
# Runs a command under user-mode Linux, with this machine's files as its root (read only) and network namespaces of its own:
#   test/kernels/uml.sh npx vitest run --project kernel test/kernel/kinds.test.ts
# Debian: apt-get install user-mode-linux kmod busybox-static
# NETLINK_KERNEL=backports builds one of Debian's newest source instead, NETLINK_KERNEL=uml-6.1 one of Debian 12's, and NETLINK_KERNEL=5.10 downloads
# Debian 11's (test/kernels/fetch.sh), into node_modules/.cache/kernels.
set -eu
for tool in busybox modprobe $([ -n "${NETLINK_KERNEL:-}" ] || echo linux.uml); do
  command -v $tool >/dev/null || { echo "$0: $tool is missing (apt-get install user-mode-linux kmod busybox-static)" >&2; exit 127; }
done
root=$(cd "$(dirname "$0")/../.." && pwd)
linux=linux.uml
kernels=/usr/lib/uml/modules
processors=
fetched() { "$root/test/kernels/fetch.sh" "${NETLINK_KERNELS:-$root/node_modules/.cache/kernels}" "$1"; }
case ${NETLINK_KERNEL:-} in
  backports)
    kernel=$(fetched uml)
    linux=$kernel/linux kernels=$kernel/lib/modules processors='ncpus=2 seccomp=auto'
    ;;
  uml-*)
    kernel=$(fetched "$NETLINK_KERNEL")
    linux=$kernel/linux kernels=$kernel/lib/modules
    ;;
  5.10)
    kernel=$(fetched 5.10)
    linux=$kernel/usr/bin/linux.uml kernels=$kernel/usr/lib/uml/modules
    ;;
esac
work=$(mktemp -d)
pid=
clean() {
  # A kernel that is told to end may go on until it is told again.
  for signal in TERM TERM KILL; do
    [ -n "$pid" ] && kill -$signal "$pid" 2>/dev/null || break
    sleep 0.3
  done
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM

. "$root/test/kernels/guest.sh"

: >"$work/log"
# shellcheck disable=SC2086
"$linux" $processors mem=4G root=/dev/root rootfstype=hostfs rootflags=/ ro \
  con=null con0=null,fd:1 quiet init="$work/init" </dev/null >"$work/log" 2>&1 &
pid=$!
tail -f --pid=$pid "$work/log" &
wait $pid || true
wait $! || true
pid=
status=$(sed -n 's/.*guest: status \([0-9]*\).*/\1/p' "$work/log")
exit "${status:-1}"
