/** A program that says it is a router, in Python: what it sends is the kernel's and its own alone. */

import { expect } from 'vitest'
import { PATIENCE } from './patience.js'
import { execIn, ipJson, type Printed } from './support.js'

const SEND = `
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
packet = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0)
packet += struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 3600, 3600, 0) + socket.inet_pton(socket.AF_INET6, '2001:db8:5::')
s.sendto(packet, ('ff02::1', 0, 0, socket.if_nametoindex('eth0')))
`

/** Sends an advertisement out of eth0 of a namespace; returns when the interface of the host that it reaches has heard it. */
export async function advertise(netns: string, dev: string): Promise<void> {
  // The kernel makes it some time after the interface has its carrier.
  const locals = () => {
    const [link] = ipJson(`-6 address show dev ${dev} scope link`)
    return ((link?.['addr_info'] ?? []) as Printed[]).map(({ local }) => String(local))
  }
  await expect.poll(locals, { timeout: 5000 * PATIENCE }).toHaveLength(1)
  const [local] = locals()
  execIn(netns, 'python3', '-c', SEND)
  // What comes behind it, and is answered.
  execIn(netns, 'ping', '-6', '-c1', '-W5', `${local}%eth0`)
}
