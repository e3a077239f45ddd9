#!/bin/sh
# Runs a command under user-mode Linux, with this machine's files as its root (read only) and network namespaces of its own:
#   test/kernels/uml.sh npx vitest run --project kernel test/kernel/kinds.test.ts
# Debian: apt-get install user-mode-linux kmod busybox-static
# NETLINK_KERNEL=backports builds one of Debian's newest source instead (test/kernels/fetch.sh), into node_modules/.cache/kernels.
set -eu
for tool in busybox modprobe $([ "${NETLINK_KERNEL:-}" = backports ] || echo linux.uml); do
  command -v $tool >/dev/null || { echo "$0: $tool is missing (apt-get install user-mode-linux kmod busybox-static)" >&2; exit 127; }
done
root=$(cd "$(dirname "$0")/../.." && pwd)
linux=linux.uml
kernels=/usr/lib/uml/modules
processors=
if [ "${NETLINK_KERNEL:-}" = backports ]; then
  built=$("$root/test/kernels/fetch.sh" "${NETLINK_KERNELS:-$root/node_modules/.cache/kernels}" uml)
  linux=$built/linux kernels=$built/lib/modules processors='ncpus=2 seccomp=auto'
fi
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

mkdir -p "$root/node_modules/.vite" "$root/node_modules/.vite-temp"

# Quotes each word for the shell that reads the script.
command=
for word; do command="$command '$(printf %s "$word" | sed "s/'/'\\\\''/g")'"; done

cat >"$work/init" <<INIT
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/shm /dev/pts 2>/dev/null
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
mkdir -p /run/netns /run/modules/lib/modules
# Modules lie where no modprobe looks.
ln -s "$kernels/\$(uname -r)" /run/modules/lib/modules/
printf '#!/bin/sh\nexec /sbin/modprobe -d /run/modules "\$@"\n' >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
# What the kernel does not load by itself. Tests could not: test/isolated hides /run/modules.
for module in ipv6 tun ovpn br_netfilter mpls_router mpls_iptunnel ip6_tunnel xfrm_interface vrf; do /run/modprobe -q \$module; done
# Fallback tunnels (gre0 …) in every new namespace would have the numbers that tests give to their own interfaces.
echo 1 >/proc/sys/net/core/fb_tunnels_only_for_init_net
ip link set lo up
exec 3<"$work/run"
# What vitest and the tests write goes into memory.
for directory in "$root/node_modules/.vite" "$root/node_modules/.vite-temp" /tmp; do mount -t tmpfs tmpfs "\$directory"; done
mkdir /run/written /run/work
/run/modprobe -q overlay
mount -t overlay -o lowerdir="$PWD",upperdir=/run/written,workdir=/run/work overlay "$PWD"
export PATH="$root/node_modules/.bin:$PATH" HOME=/run NETLINK_TS_ISOLATED=1 NETLINK_REQUIRE="${NETLINK_REQUIRE:-}" NETLINK_IP="${NETLINK_IP:-}" CI=1 NO_COLOR=1 NETLINK_PATIENCE=10
echo "uml: started"
/bin/sh /proc/self/fd/3
echo "uml: status \$?"
busybox poweroff -f
INIT
cat >"$work/run" <<RUN
cd "$PWD"
$command
RUN
chmod +x "$work/init"

: >"$work/log"
# shellcheck disable=SC2086
"$linux" $processors mem=4G root=/dev/root rootfstype=hostfs rootflags=/ ro \
  con=null con0=null,fd:1 quiet init="$work/init" </dev/null >"$work/log" 2>&1 &
pid=$!
tail -f --pid=$pid "$work/log" &
wait $pid || true
wait $! || true
pid=
status=$(sed -n 's/.*uml: status \([0-9]*\).*/\1/p' "$work/log")
exit "${status:-1}"
