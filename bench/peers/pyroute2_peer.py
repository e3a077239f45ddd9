"""The work of bench/limit done by pyroute2: `pyroute2_peer.py WORK --count N [--repeat N] [--warm N] [--hold]`."""

import argparse
import errno
import json
import os
import select
import subprocess
import sys
import time

from pyroute2 import IPRoute, NetNS, netns
from pyroute2.netlink import rtnl

BRIDGE = 'br-bench'
GATEWAY = '10.0.0.1'
DEVICE = 'veth-routes'
ROUTES_GATEWAY = '10.200.0.2'


def timed(count, work):
    """Calls work for 0, 1 … count-1; how long all and each of it took."""
    each = []
    start = time.perf_counter_ns()
    for number in range(count):
        begun = time.perf_counter_ns()
        work(number)
        each.append(time.perf_counter_ns() - begun)
    return time.perf_counter_ns() - start, each


def report(total, each, **more):
    print(json.dumps({'total_ns': total, 'each_ns': each, **more}), flush=True)


def settle():
    """Waits until the kernel has taken down the namespaces that were let go."""
    subprocess.run([os.environ['BENCH_SETTLE']], check=True)


def name_index(ipr, name):
    return ipr.link_lookup(ifname=name)[0]


def attach(options):
    ipr = IPRoute()
    ipr.link('add', ifname=BRIDGE, kind='bridge')
    bridge = name_index(ipr, BRIDGE)
    ipr.addr('add', index=bridge, address=GATEWAY, prefixlen=16)
    ipr.link('set', index=bridge, state='up')

    def one(number):
        name, outer = f'c{number}', f'veth{number}'
        netns.create(name)
        peer = {'ifname': 'eth0', 'net_ns_fd': name}
        master = name_index(ipr, BRIDGE)
        ipr.link('add', ifname=outer, kind='veth', peer=peer, master=master, state='up')
        near = ipr.link('get', ifname=outer)[0]
        inside = NetNS(name)
        inside.link('set', index=1, state='up')
        eth0 = near.get_attr('IFLA_LINK')
        address = f'10.0.{(number + 2) >> 8}.{(number + 2) & 255}'
        inside.addr('add', index=eth0, address=address, prefixlen=16)
        inside.link('set', index=eth0, state='up')
        inside.route('add', dst='default', gateway=GATEWAY, oif=eth0)
        far = inside.link('get', index=eth0)[0]
        inside.close()
        if near.get_attr('IFLA_MASTER') != master or far.get_attr('IFLA_IFNAME') != 'eth0' or far['state'] != 'up':
            raise SystemExit(f'container {number} is not what was asked for')

    def remove():
        for number in range(options.count):
            netns.remove(f'c{number}')

    for _ in range(0, options.warm, options.count):
        timed(options.count, one)
        remove()
        settle()
    report(*timed(options.count, one))
    if options.hold:
        sys.stdin.read()
    remove()
    ipr.link('del', index=bridge)


def create_and_delete(options):
    created, _ = timed(options.count, lambda number: netns.create(f'c{number}'))
    if options.hold:
        print('ready', flush=True)
        sys.stdin.read()
    deleted, _ = timed(options.count, lambda number: netns.remove(f'c{number}'))
    report(created + deleted, [])


def add_routes(options):
    ipr = IPRoute()
    device = name_index(ipr, DEVICE)

    def one(number):
        to = f'44.{number >> 16}.{(number >> 8) & 255}.{number & 255}/32'
        ipr.route('add', dst=to, gateway=ROUTES_GATEWAY, oif=device, proto=3)

    report(*timed(options.count, one))


def dump_routes(options):
    ipr = IPRoute()

    def one(_):
        routes = ipr.get_routes(family=2, table=254, proto=3)
        found = sum(1 for it in routes if it.get_attr('RTA_GATEWAY') == ROUTES_GATEWAY)
        if found != options.count:
            raise SystemExit(f'{found} of {options.count} routes')

    report(*timed(options.repeat, one))


def check_veth(link):
    if (
        link.get_attr('IFLA_LINKINFO').get_attr('IFLA_INFO_KIND') != 'veth'
        or link.get_attr('IFLA_MTU') != 1500
        or not link.get_attr('IFLA_ADDRESS')
        or not link.get_attr('IFLA_LINK')
    ):
        raise SystemExit(f"{link.get_attr('IFLA_IFNAME')} is not one of the links that were made")


def list_links(options):
    ipr = IPRoute()

    def one(_):
        links = [it for it in ipr.get_links() if it.get_attr('IFLA_IFNAME').startswith('v')]
        for link in links:
            check_veth(link)
        if len(links) != options.count:
            raise SystemExit(f'{len(links)} of {options.count} links')

    report(*timed(options.repeat, one))


def get_links(options):
    ipr = IPRoute()

    def one(number):
        check_veth(ipr.link('get', ifname=f'va{number % (options.count // 2)}')[0])

    timed(100, one)
    report(*timed(options.repeat, one))


def monitor(options):
    """Loses what the kernel drops: an overflow of the socket is told once, by ENOBUFS."""
    ipr = IPRoute()
    ipr.bind(groups=rtnl.RTMGRP_IPV4_ROUTE | rtnl.RTMGRP_IPV6_ROUTE)
    print('ready', flush=True)
    seen, first, last, fed = 0, 0, 0, False
    while seen < options.count:
        readable, _, _ = select.select([ipr] if fed else [ipr, sys.stdin], [], [], 0.2 if fed else None)
        fed = fed or sys.stdin in readable
        if ipr not in readable:
            if fed:
                break
            continue
        try:
            events = ipr.get()
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            continue
        for event in events:
            if event['event'] == 'RTM_NEWROUTE' and event['proto'] == 3 and event.get_attr('RTA_DST').startswith('44.'):
                last = time.perf_counter_ns()
                first = first or last
                seen += 1
    report(last - first, [], lost=options.count - seen)


WORKS = {
    'attach': attach,
    'netns': create_and_delete,
    'routes': add_routes,
    'dump': dump_routes,
    'links': list_links,
    'get-link': get_links,
    'monitor': monitor,
}

parser = argparse.ArgumentParser()
parser.add_argument('work', choices=WORKS)
parser.add_argument('--count', type=int, default=100)
parser.add_argument('--repeat', type=int, default=10)
parser.add_argument('--warm', type=int, default=0)
parser.add_argument('--hold', action='store_true')
arguments = parser.parse_args()
WORKS[arguments.work](arguments)
