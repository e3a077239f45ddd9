#!/bin/sh
# Runs a command under a Debian kernel in QEMU (no KVM needed, 5 s to start), with this machine's files as its root (read only):
#   test/kernels/qemu.sh npx vitest run --project kernel test/kernel/kinds.test.ts
# QEMU and the kernel come from apt-get download and are unpacked, not installed, into node_modules/.cache/kernels (NETLINK_KERNELS
# names another directory) by test/kernels/fetch.sh; NETLINK_KERNEL names another kernel.
set -eu
for tool in apt-get dpkg busybox modprobe depmod; do
  command -v $tool >/dev/null || { echo "$0: $tool is missing (Debian: apt-get install kmod busybox-static)" >&2; exit 127; }
done
root=$(cd "$(dirname "$0")/../.." && pwd)
cache=${NETLINK_KERNELS:-$root/node_modules/.cache/kernels}

qemu=$("$root/test/kernels/fetch.sh" "$cache" qemu)
kernel=$("$root/test/kernels/fetch.sh" "$cache" "${NETLINK_KERNEL:-6.12}")
version=$(ls "$kernel/lib/modules")

work=$(mktemp -d)
files=
pid=
clean() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  [ -z "$files" ] || kill "$files" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$root/node_modules/.vite" "$root/node_modules/.vite-temp"

# Quotes each word for the shell that reads the script.
command=
for word; do command="$command '$(printf %s "$word" | sed "s/'/'\\\\''/g")'"; done

# The first root: enough to reach the files of this machine.
mkdir -p "$work/first/bin" "$work/first/proc" "$work/first/dev" "$work/first/modules" "$work/first/root"
cp "$(command -v busybox)" "$work/first/bin/busybox"
ln -s busybox "$work/first/bin/sh"
number=10
for module in $(for name in virtio_pci virtiofs; do modprobe -d "$kernel" -S "$version" --show-depends $name; done | awk '$1 == "insmod" && !seen[$2]++ {print $2}'); do
  number=$((number + 1))
  cp "$module" "$work/first/modules/$number.ko"
done
cat >"$work/first/init" <<INIT
#!/bin/sh
busybox() { /bin/busybox "\$@"; }
busybox mount -t proc proc /proc
busybox mount -t devtmpfs devtmpfs /dev
for module in \$(busybox ls /modules); do busybox insmod /modules/\$module; done
busybox mount -t virtiofs -o ro host /root || busybox poweroff -f
exec /bin/busybox switch_root /root "$work/init"
INIT
chmod +x "$work/first/init"
(cd "$work/first" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/initrd"

cat >"$work/init" <<INIT
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
mkdir -p /run/netns /run/modules/lib/modules
# Modules lie where no modprobe looks.
ln -s "$kernel/lib/modules/$version" /run/modules/lib/modules/
printf '#!/bin/sh\nexec /sbin/modprobe -d /run/modules "\$@"\n' >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
# What the kernel does not load by itself. Tests could not: test/isolated hides /run/modules.
for module in tun ovpn br_netfilter mpls_router mpls_iptunnel ip6_tunnel xfrm_interface vrf; do /run/modprobe -q \$module; done
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
echo "guest: started"
/bin/sh /proc/self/fd/3
echo "guest: status \$?"
busybox poweroff -f
INIT
cat >"$work/run" <<RUN
cd "$PWD"
$command
RUN
chmod +x "$work/init"

libraries=$qemu/usr/lib/x86_64-linux-gnu:$qemu/lib/x86_64-linux-gnu
LD_LIBRARY_PATH=$libraries "$qemu/usr/lib/qemu/virtiofsd" -f --socket-path="$work/socket" \
  -o source=/,cache=always,sandbox=chroot,log_level=err >"$work/files.log" 2>&1 &
files=$!
tries=0
while [ ! -S "$work/socket" ]; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] && kill -0 $files 2>/dev/null || { cat "$work/files.log" >&2; exit 1; }
  sleep 0.05
done
: >"$work/log"
LD_LIBRARY_PATH=$libraries "$qemu/usr/bin/qemu-system-x86_64" \
  -L "$qemu/usr/share/seabios" -L "$qemu/usr/share/qemu" \
  -M pc,accel=tcg,memory-backend=memory -object memory-backend-memfd,id=memory,size=2G,share=on -m 2G -smp 2 -cpu max \
  -chardev socket,id=files,path="$work/socket" -device vhost-user-fs-pci,chardev=files,tag=host,queue-size=1024 \
  -vga none -display none -monitor none -serial stdio -nic none -no-reboot -kernel "$kernel/vmlinuz" -initrd "$work/initrd" \
  -append 'console=ttyS0 quiet loglevel=1 panic=-1 netlink-ts.guest' </dev/null >"$work/log" 2>"$work/qemu.log" &
pid=$!
tail -f --pid=$pid "$work/log" &
wait $pid || cat "$work/qemu.log" >&2
pid=
wait $! || true
status=$(sed -n 's/.*guest: status \([0-9]*\).*/\1/p' "$work/log")
exit "${status:-1}"
