#!/bin/sh
# Downloads a Debian kernel by apt-get, unpacks it, and prints where it lies (vmlinuz and lib/modules/VERSION):
#   test/kernels/fetch.sh CACHE 6.12           the newest 6.12 that apt-get offers on Debian 12, with modules for amt and bareudp
#   test/kernels/fetch.sh CACHE backports      the newest of trixie-backports, from the mirror that apt-get uses
#   test/kernels/fetch.sh CACHE PACKAGE        any other package that apt-get offers
# Nothing is installed, and apt-get's own lists stay as they are.
set -eu
cache=$1
package=$2
suite=
case $package in
  6.12) package=linux-image-6.12-amd64 ;;
  backports) package=linux-image-amd64 suite=trixie-backports ;;
esac
kernel=$cache/$package${suite:+-$suite}
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
  for deb in "$kernel.part/deb"/*.deb; do dpkg -x "$deb" "$into" && rm "$deb"; done
}

# What the package is made of: its parts depend on each other, and a name without a version on the newest.
unpack "$kernel.part" $(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$package" |
  grep -E '^linux-(image|binary|modules|base)-[0-9]+\.[0-9]+\.[0-9]+[^ ]*amd64$')
[ -d "$kernel.part/lib" ] || ln -s usr/lib "$kernel.part/lib"
version=$(ls "$kernel.part/lib/modules")
[ -f "$kernel.part/boot/vmlinuz-$version" ] && image=boot/vmlinuz-$version || image=lib/modules/$version/vmlinuz
ln -s "$image" "$kernel.part/vmlinuz"

# Debian builds no module for two kinds of link; their source and what it takes to build them are in its packages.
headers=$kernel.part/headers
build_modules() {
  command -v "$1" >/dev/null && command -v make >/dev/null || { echo "$0: no $1 or no make: nothing built for amt and bareudp" >&2; return 0; }
  unpack "$headers" "linux-headers-$version" "linux-headers-${version%-*}-common" "linux-kbuild-${version%-*}" "$2"
  mkdir "$kernel.part/build"
  tar -xJf "$headers/usr/src/$2.tar.xz" -C "$kernel.part/build" --strip-components=3 "$2/drivers/net/amt.c" "$2/drivers/net/bareudp.c"
  echo 'obj-m := amt.o bareudp.o' >"$kernel.part/build/Makefile"
  echo "include $headers/usr/src/linux-headers-${version%-*}-common/Makefile" >"$headers/usr/src/linux-headers-$version/Makefile"
  # Without type information, which takes a tool more.
  make -s -C "$headers/usr/src/linux-headers-$version" M="$kernel.part/build" CONFIG_DEBUG_INFO_BTF_MODULES= modules >&2
  mkdir "$kernel.part/lib/modules/$version/updates"
  cp "$kernel.part/build"/*.ko "$kernel.part/lib/modules/$version/updates"
  rm -r "$headers" "$kernel.part/build"
}
[ "$2" != 6.12 ] || build_modules x86_64-linux-gnu-gcc-12 linux-source-6.12

depmod -b "$kernel.part" "$version"
rm -r "$kernel.part/deb" "$kernel.part/apt"
mv "$kernel.part" "$kernel"
echo "$kernel"
