# Read by uml.sh and qemu.sh: writes $work/init, which runs the words of the command line in the guest, with $kernels/$(uname -r) as its modules.
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
for module in ipv6 tun ovpn br_netfilter mpls_router mpls_iptunnel ip6_tunnel fou fou6 xfrm_interface vrf netdevsim wwan_hwsim iptable_filter iptable_nat ip6table_filter ip6table_nat; do /run/modprobe -q \$module; done
# Fallback tunnels (gre0 …) in every new namespace would have the numbers that tests give to their own interfaces.
echo 1 >/proc/sys/net/core/fb_tunnels_only_for_init_net
ip link set lo up
exec 3<"$work/run"
# What vitest and the tests write goes into memory.
for directory in "$root/node_modules/.vite" "$root/node_modules/.vite-temp" /tmp; do mount -t tmpfs tmpfs "\$directory"; done
case \$(uname -r) in
  # hostfs opens no file there that an overlay asks for. Tests write into this directory alone.
  5.*) [ ! -d "$PWD/build/test" ] || mount -t tmpfs tmpfs "$PWD/build/test" ;;
  *)
    mkdir /run/written /run/work
    /run/modprobe -q overlay
    mount -t overlay -o lowerdir="$PWD",upperdir=/run/written,workdir=/run/work overlay "$PWD"
    ;;
esac
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
