package main

import (
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
)

const (
	device     = "veth-routes"
	protoBoot  = 3
	firstOctet = 44
	idle       = 200 * time.Millisecond
)

var routesGateway = net.IPv4(10, 200, 0, 2).To4()

func deviceIndex() int {
	link, err := netlink.LinkByName(device)
	check(err)
	return link.Attrs().Index
}

func addRoutes(o options) result {
	handle, err := netlink.NewHandle()
	check(err)
	index := deviceIndex()
	return timed(o.count, func(number int) {
		to := net.IPv4(firstOctet, byte(number>>16), byte(number>>8), byte(number))
		check(handle.RouteAdd(&netlink.Route{
			Dst:       &net.IPNet{IP: to, Mask: net.CIDRMask(32, 32)},
			Gw:        routesGateway,
			LinkIndex: index,
			Protocol:  protoBoot,
		}))
	}).print()
}

func isAdded(route *netlink.Route, index int) bool {
	return route.Dst != nil && route.Dst.IP[0] == firstOctet && route.Gw.Equal(routesGateway) &&
		route.LinkIndex == index
}

func dumpRoutes(o options) result {
	handle, err := netlink.NewHandle()
	check(err)
	index := deviceIndex()
	filter := &netlink.Route{Table: syscall.RT_TABLE_MAIN, Protocol: protoBoot}
	return timed(o.repeat, func(int) {
		routes, err := handle.RouteListFiltered(
			netlink.FAMILY_V4, filter, netlink.RT_FILTER_TABLE|netlink.RT_FILTER_PROTOCOL)
		check(err)
		count := 0
		for i := range routes {
			if isAdded(&routes[i], index) {
				count++
			}
		}
		if count != o.count {
			die("%d of %d routes", count, o.count)
		}
	}).print()
}

// It ends at the first ENOBUFS, as the library does; what comes after that is lost.
func readEvents(o options) result {
	updates := make(chan netlink.RouteUpdate, 1000)
	done := make(chan struct{})
	fed := make(chan struct{})
	check(netlink.RouteSubscribe(updates, done))
	fmt.Println("ready")
	go func() {
		waitForInputEnd()
		close(fed)
	}()
	index := deviceIndex()
	seen, before := 0, -1
	var first, last time.Time
	// One for all events: a timer for each would take the reader's time.
	tick := time.NewTicker(idle)
	defer tick.Stop()
	for seen < o.count {
		select {
		case update, open := <-updates:
			if !open {
				return monitored(o, seen, last.Sub(first))
			}
			if update.Type == syscall.RTM_NEWROUTE && isAdded(&update.Route, index) {
				last = time.Now()
				if seen == 0 {
					first = last
				}
				seen++
			}
		case <-tick.C:
			if isClosed(fed) && seen == before {
				return monitored(o, seen, last.Sub(first))
			}
			before = seen
		}
	}
	return monitored(o, seen, last.Sub(first))
}

func isClosed(channel <-chan struct{}) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
}

func monitored(o options, seen int, took time.Duration) result {
	lost := o.count - seen
	return result{TotalNs: took.Nanoseconds(), Lost: &lost}.print()
}
