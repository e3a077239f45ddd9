#!/bin/sh
# Downloads a Debian kernel by apt-get, unpacks it, and prints where it lies (vmlinuz and lib/modules/VERSION):
#   test/kernels/fetch.sh CACHE 6.12           the newest 6.12 that apt-get offers on Debian 12, with the modules of MORE, below
#   test/kernels/fetch.sh CACHE backports      the newest of trixie-backports, from the mirror that apt-get uses
#   test/kernels/fetch.sh CACHE PACKAGE        any other package that apt-get offers
#   test/kernels/fetch.sh CACHE uml            user-mode Linux (the file linux), built from the newest source of trixie-backports
#   test/kernels/fetch.sh CACHE uml-6.1        the same of a source that apt-get offers, linux-source-6.1 here
#   test/kernels/fetch.sh CACHE 5.10           user-mode Linux of Debian 11 (usr/bin/linux.uml), from the mirror that apt-get uses
#   test/kernels/fetch.sh CACHE iproute2       no kernel: the ip of bookworm-backports, which knows options that Debian 12's does not
#   test/kernels/fetch.sh CACHE cni            no kernel: the CNI plugins of Debian 14, the first that know version 1.1 of the specification
#   test/kernels/fetch.sh CACHE qemu           no kernel: QEMU, with what it needs and this machine lacks
# Nothing is installed, and apt-get's own lists stay as they are.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=$1
package=$2

# Debian builds no module for these kinds of link, nor for simulated cards and modems; their source and what it takes to build them are in its packages.
MORE='amt.c bareudp.c pfcp.c wireless/virtual/virt_wifi.c wwan/wwan_hwsim.c netdevsim/'
suite=
case $package in
  6.12) package=linux-image-6.12-amd64 ;;
  backports) package=linux-image-amd64 suite=trixie-backports ;;
  uml) package=linux-source suite=trixie-backports ;;
  uml-*) package=linux-source-${package#uml-} ;;
  5.10) package=user-mode-linux suite=bullseye ;;
  iproute2) suite=bookworm-backports ;;
  cni) package=containernetworking-plugins suite=forky ;;
esac
kernel=$cache/$package${suite:+-$suite}
[ "$2" != 6.12 ] || kernel=$kernel-$(echo "$MORE" | cksum | cut -d " " -f 1) # not what the package of that name has
[ ! -d "$kernel" ] || { echo "$kernel"; exit; }
echo "$0: downloading $package${suite:+ of $suite}" >&2
rm -rf "$kernel.part"
mkdir -p "$kernel.part/deb" "$kernel.part/apt/lists/partial"

cat >"$kernel.part/apt/conf" <<CONF
APT::Sandbox::User "root";
CONF
if [ -n "$suite" ]; then
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -1)
  [ -n "$mirror" ] || { echo "$0: apt-get knows no mirror of Debian" >&2; exit 1; }
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$kernel.part/apt/list"
  cat >>"$kernel.part/apt/conf" <<CONF
Dir::Cache "$kernel.part/apt";
Dir::State::Lists "$kernel.part/apt/lists";
Dir::Etc::SourceList "$kernel.part/apt/list";
Dir::Etc::SourceParts "-";
Acquire::Languages "none";
CONF
  APT_CONFIG=$kernel.part/apt/conf apt-get -qq update >&2
fi
export APT_CONFIG="$kernel.part/apt/conf"

# Downloads packages and unpacks them into a directory.
unpack() {
  into=$1
  shift
  (cd "$kernel.part/deb" && apt-get -qq download "$@")
  for deb in "$kernel.part/deb"/*.deb; do
    dpkg -x "$deb" "$into"
    rm "$deb"
  done
}

# What was made is there when all of it is.
finish() {
  rm -r "$kernel.part/deb" "$kernel.part/apt"
  mv "$kernel.part" "$kernel"
  echo "$kernel"
  exit
}

# Links of every kind and all of nftables; it takes some 1500 files to compile. Guests of Linux 6.16 and newer are entered by seccomp instead
# of ptrace, and newer ones have more than one processor.
build_uml() {
  for tool in gcc make flex bison bc xz depmod; do
    command -v $tool >/dev/null || { echo "$0: $tool is missing (apt-get install gcc make flex bison bc xz-utils kmod)" >&2; exit 127; }
  done
  source=$package
  [ "$package" != linux-source ] || source=$(apt-cache depends "$package" | awk '$1 == "Depends:" {print $2; exit}')
  unpack "$kernel.part" "$source"
  mkdir "$kernel.part/source"
  tar -xJf "$kernel.part/usr/src/$source.tar.xz" -C "$kernel.part/source" --strip-components=1
  um() { make -s -C "$kernel.part/source" ARCH=um O="$kernel.part/build" "$@" >&2; }
  um x86_64_defconfig
  cat "$here/uml.config" >>"$kernel.part/build/.config"
  um olddefconfig
  um -j "$(nproc)" linux modules
  um INSTALL_MOD_PATH="$kernel.part" INSTALL_MOD_STRIP=1 modules_install
  strip -o "$kernel.part/linux" "$kernel.part/build/linux"
  rm -r "$kernel.part/source" "$kernel.part/build" "$kernel.part/usr"
  rm -f "$kernel.part/lib/modules"/*/build
}

if [ "$2" = iproute2 ] || [ "$2" = 5.10 ] || [ "$2" = cni ]; then
  unpack "$kernel.part" "$package/$suite" # what is installed here would be taken otherwise
  finish
fi
if [ "$2" = qemu ]; then
  unpack "$kernel.part" $(apt-get -s --no-install-recommends --reinstall install qemu-system-x86 | awk '/^Inst/ {print $2}')
  finish
fi
case $2 in uml | uml-*)
  build_uml
  finish
  ;;
esac

# What the package is made of: its parts depend on each other, and a name without a version on the newest.
unpack "$kernel.part" $(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$package" |
  grep -E '^linux-(image|binary|modules|base)-[0-9]+\.[0-9]+\.[0-9]+[^ ]*amd64$')
[ -d "$kernel.part/lib" ] || ln -s usr/lib "$kernel.part/lib"
version=$(ls "$kernel.part/lib/modules")
[ -f "$kernel.part/boot/vmlinuz-$version" ] && image=boot/vmlinuz-$version || image=lib/modules/$version/vmlinuz
ln -s "$image" "$kernel.part/vmlinuz"

headers=$kernel.part/headers
build_modules() {
  command -v "$1" >/dev/null && command -v make >/dev/null || { echo "$0: no $1 or no make: nothing built for $MORE" >&2; return 0; }
  unpack "$headers" "linux-headers-$version" "linux-headers-${version%-*}-common" "linux-kbuild-${version%-*}" "$2"
  mkdir "$kernel.part/build"
  tar -xJf "$headers/usr/src/$2.tar.xz" -C "$kernel.part/build" --strip-components=3 \
    $(printf "$2/drivers/net/%s\n" $MORE)
  echo "obj-m := $MORE" | sed 's/\.c\>/.o/g' >"$kernel.part/build/Makefile"
  echo "include $headers/usr/src/linux-headers-${version%-*}-common/Makefile" >"$headers/usr/src/linux-headers-$version/Makefile"
  # Without type information, which takes a tool more.
  make -s -C "$headers/usr/src/linux-headers-$version" M="$kernel.part/build" CONFIG_DEBUG_INFO_BTF_MODULES= CONFIG_NETDEVSIM=m modules >&2
  mkdir "$kernel.part/lib/modules/$version/updates"
  find "$kernel.part/build" -name '*.ko' -exec cp -t "$kernel.part/lib/modules/$version/updates" {} +
  rm -r "$headers" "$kernel.part/build"
}
[ "$2" != 6.12 ] || build_modules x86_64-linux-gnu-gcc-12 linux-source-6.12

depmod -b "$kernel.part" "$version"
finish
