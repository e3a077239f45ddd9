package main

import (
	"fmt"

	"github.com/vishvananda/netlink"
)

const warmUp = 10000

func checkVeth(link netlink.Link) {
	a := link.Attrs()
	if link.Type() != "veth" || a.Name[0] != 'v' || a.MTU != 1500 || len(a.HardwareAddr) != 6 || a.ParentIndex == 0 {
		die("%s is not one of the links that were made", a.Name)
	}
}

func listLinks(o options) result {
	handle, err := netlink.NewHandle()
	check(err)
	return timed(o.repeat, func(int) {
		links, err := handle.LinkList()
		check(err)
		count := 0
		for _, link := range links {
			if link.Type() == "veth" {
				checkVeth(link)
				count++
			}
		}
		if count != o.count {
			die("%d of %d links", count, o.count)
		}
	}).print()
}

func getLinks(o options) result {
	handle, err := netlink.NewHandle()
	check(err)
	ask := func(number int) {
		link, err := handle.LinkByName(fmt.Sprintf("va%d", number%(o.count/2)))
		check(err)
		checkVeth(link)
	}
	for i := 0; i < warmUp; i++ {
		ask(i)
	}
	return timed(o.repeat, ask).print()
}

func setLinks(o options) result {
	handle, err := netlink.NewHandle()
	check(err)
	pairs := o.count / 2
	// Each link is set to another value than it has.
	set := func(number int) {
		link := &netlink.GenericLink{LinkAttrs: netlink.LinkAttrs{Name: fmt.Sprintf("va%d", number%pairs)}}
		check(handle.LinkSetTxQLen(link, 500+number/pairs%2))
	}
	for i := 0; i < warmUp; i++ {
		set(i)
	}
	return timed(o.repeat, set).print()
}
