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
kernels=$kernel/lib/modules
version=$(ls "$kernels")

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

. "$root/test/kernels/guest.sh"

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
