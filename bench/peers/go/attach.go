package main

import (
	"fmt"
	"net"
	"syscall"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

const (
	bridgeName = "br-bench"
	lo         = 1
)

var gateway = net.IPv4(10, 0, 0, 1)

// Opening a socket in a namespace and making one move this thread there: it comes back each time.
func attach(o options) result {
	home, err := netns.Get()
	check(err)
	handle, err := netlink.NewHandle()
	check(err)
	makeBridge(handle)
	one := func(number int) { attachOne(handle, home, number) }
	for done := 0; done < o.warm; done += o.count {
		timed(o.count, one)
		deleteNamed(o.count)
		settle()
	}
	timed(o.count, one).print()
	if o.hold {
		waitForInputEnd()
	}
	deleteNamed(o.count)
	bridge, err := handle.LinkByName(bridgeName)
	check(err)
	check(handle.LinkDel(bridge))
	return result{}
}

func deleteNamed(count int) {
	for number := 0; number < count; number++ {
		check(netns.DeleteNamed(fmt.Sprintf("c%d", number)))
	}
}

func makeBridge(handle *netlink.Handle) {
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: bridgeName}}
	check(handle.LinkAdd(bridge))
	check(handle.AddrAdd(bridge, network(gateway)))
	check(handle.LinkSetUp(bridge))
}

func network(ip net.IP) *netlink.Addr {
	return &netlink.Addr{IPNet: &net.IPNet{IP: ip, Mask: net.CIDRMask(16, 32)}}
}

// known is a link whose index is known, which the library asks the kernel for otherwise.
func known(index int) netlink.Link {
	return &netlink.Device{LinkAttrs: netlink.LinkAttrs{Index: index}}
}

func attachOne(host *netlink.Handle, home netns.NsHandle, number int) {
	namespace, err := netns.NewNamed(fmt.Sprintf("c%d", number))
	check(err)
	check(netns.Set(home))
	bridge, err := host.LinkByName(bridgeName)
	check(err)
	name := fmt.Sprintf("veth%d", number)
	attributes := netlink.NewLinkAttrs()
	attributes.Name = name
	attributes.MasterIndex = bridge.Attrs().Index
	attributes.Flags = net.FlagUp
	veth := &netlink.Veth{LinkAttrs: attributes, PeerName: "eth0", PeerNamespace: netlink.NsFd(int(namespace))}
	check(host.LinkAdd(veth))
	near, err := host.LinkByName(name)
	check(err)

	// Without the sockets of netfilter and XFRM that a handle has otherwise.
	inside, err := netlink.NewHandleAt(namespace, syscall.NETLINK_ROUTE)
	check(err)
	eth0 := near.Attrs().ParentIndex
	check(inside.LinkSetUp(known(lo)))
	check(inside.AddrAdd(known(eth0), network(net.IPv4(10, 0, byte((number+2)>>8), byte(number+2)))))
	check(inside.LinkSetUp(known(eth0)))
	check(inside.RouteAdd(&netlink.Route{Gw: gateway, LinkIndex: eth0}))
	peer, err := inside.LinkByIndex(eth0)
	check(err)
	inside.Delete()
	check(namespace.Close())

	if near.Attrs().MasterIndex != bridge.Attrs().Index || near.Attrs().Flags&net.FlagUp == 0 ||
		peer.Attrs().Flags&net.FlagUp == 0 || peer.Attrs().Name != "eth0" || peer.Attrs().ParentIndex != near.Attrs().Index {
		die("container %d is not what was asked for", number)
	}
}

func createAndDelete(o options) result {
	made := timed(o.count, func(number int) {
		namespace, err := netns.NewNamed(fmt.Sprintf("c%d", number))
		check(err)
		check(namespace.Close())
	})
	if o.hold {
		fmt.Println("ready")
		waitForInputEnd()
	}
	deleted := timed(o.count, func(number int) {
		check(netns.DeleteNamed(fmt.Sprintf("c%d", number)))
	})
	return result{TotalNs: made.TotalNs + deleted.TotalNs}.print()
}
