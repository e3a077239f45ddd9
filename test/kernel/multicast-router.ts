/** A routing daemon in small: multicast routes are made by socket options, and last as long as the socket. */

import { seconds } from './patience.js'
import { start } from './program.js'

/** Multicast routes in through eth0 (ifindex 10), out through eth1 (11) above a time to live: one of each family. */
const ROUTER = `
import socket, struct, sys
four = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
four.setsockopt(socket.IPPROTO_IP, 200, 1)
for vif, ifindex in ((0, 10), (1, 11)):
    four.setsockopt(socket.IPPROTO_IP, 202, struct.pack('HBBIi4s', vif, 8, 1, 0, ifindex, bytes(4)))
def mfc4(source, group, ttl):
    ttls = bytearray(32)
    ttls[1] = ttl
    four.setsockopt(socket.IPPROTO_IP, 204, struct.pack('4s4sH32sIIIi', socket.inet_aton(source),
        socket.inet_aton(group), 0, bytes(ttls), 0, 0, 0, 0))
mfc4('192.0.2.7', '239.1.2.3', 5)
six = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
six.setsockopt(socket.IPPROTO_IPV6, 200, 1)
for mif, ifindex in ((0, 10), (1, 11)):
    six.setsockopt(socket.IPPROTO_IPV6, 202, struct.pack('HBBHI', mif, 0, 1, ifindex, 0))
def sockaddr(text):
    return struct.pack('HHI16sI', socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, text), 0)
six.setsockopt(socket.IPPROTO_IPV6, 204, sockaddr('2001:db8::7') + sockaddr('ff0e::1:2:3') +
    struct.pack('HxxI28x', 0, 1 << 1))
print('ready', flush=True)
sys.stdin.readline()
`

/** Runs `work` while a multicast router is at work in a namespace with eth0 and eth1. */
export async function withMulticastRouter(netns: string, work: () => Promise<void>): Promise<void> {
  const router = start(['timeout', '-k1', seconds(60), 'ip', 'netns', 'exec', netns, 'python3', '-c', ROUTER])
  const early = router.ended.then(({ status, stderr }) => {
    throw new Error(`the router ended with ${status}: ${stderr}`)
  })
  await Promise.race([router.ready, early])
  try {
    await work()
  } finally {
    router.go()
    await router.ended
  }
}
