/** Checksums of packets that rules write into, as those who get them see: they are right, and where there was none there is none. */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { accept, ip, ip6, payload, rule, type Statement, tcp, transaction, udp } from '../../src/nftables.js'
import { FAMILIES, withNetwork } from './nat-network.js'
import { needNftables } from './needs.js'
import { seconds } from './patience.js'
import { execIn, hasTool } from './support.js'

needNftables()

const inT = { family: 'inet', table: 't' } as const

/** Sends from ports 9000, 9001, … to ports 8000, 8001, …: by udp, by tcp, or by udp without a checksum as VXLAN has it. */
const SEND = `
import socket, sys
address, *ways = sys.argv[1:]
is6 = ':' in address
for i, way in enumerate(ways):
  with socket.socket(socket.AF_INET6 if is6 else socket.AF_INET, socket.SOCK_STREAM if way == 'tcp' else socket.SOCK_DGRAM) as sending:
    # SO_NO_CHECK, UDP_NO_CHECK6_TX
    if way == 'no-check': sending.setsockopt(*((socket.IPPROTO_UDP, 101) if is6 else (socket.SOL_SOCKET, 11)), 1)
    sending.setblocking(False)
    sending.bind(('', 9000 + i))
    sending.connect_ex((address, 8000 + i))
    if way != 'tcp': sending.send(b'who?')
`

/**
 * Prints of packets of UDP and TCP that get to a machine, as they come: from which port and address, to which port, with what, and whether
 * the checksums of IPv4 and of what it carries are right: the sum of all words in ones' complement is 0xffff (RFC 1071).
 */
const SEE = `
import json, socket, sys
address, count = sys.argv[1], int(sys.argv[2])
is6 = ':' in address
def is_right(data):
  total = sum(int.from_bytes(data[i:i + 2].ljust(2, b'\\0'), 'big') for i in range(0, len(data), 2))
  return total > 0 and total % 0xffff == 0
# ETH_P_IPV6, ETH_P_IP
seeing = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86dd if is6 else 0x0800))
seeing.settimeout(int(sys.argv[3]))
print('ready', flush=True)
while count > 0:
  ip = seeing.recv(2000)
  start, protocol, ends = (40, ip[6], ip[8:40]) if is6 else (20, ip[9], ip[12:20])
  half = len(ends) // 2
  if protocol not in (6, 17) or ends[half:] != socket.inet_pton(socket.AF_INET6 if is6 else socket.AF_INET, address): continue
  carried = ip[start:40 + int.from_bytes(ip[4:6], 'big') if is6 else int.from_bytes(ip[2:4], 'big')]
  pseudo = ends + bytes([0, protocol]) + len(carried).to_bytes(2, 'big')
  none = protocol == 17 and carried[6:8] == bytes(2)
  print(json.dumps({
    'from': int.from_bytes(carried[:2], 'big'), 'to': int.from_bytes(carried[2:4], 'big'),
    'address': socket.inet_ntop(socket.AF_INET6 if is6 else socket.AF_INET, ends[:half]),
    'data': carried[8:].decode() if protocol == 17 else '',
    'sum': 'none' if none else 'right' if is_right(pseudo + carried) else 'wrong',
    'header': is6 or is_right(ip[:20]),
  }))
  count -= 1
`

/** What gets to a machine of what is sent, in the order of the ports that it is from. */
async function seen(netns: string, address: string, count: number, send: () => void) {
  const options = ['netns', 'exec', netns, 'python3', '-c', SEE, address, `${count}`, seconds(10)]
  const seeing = spawn('ip', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  const packets: { readonly from: number }[] = []
  for await (const line of createInterface(seeing.stdout))
    if (line === 'ready') send()
    else packets.push(JSON.parse(line))
  return packets.sort((a, b) => a.from - b.from)
}

type Way = 'udp' | 'tcp' | 'no-check'
const ADDRESS = { 4: '192.168.16.77', 6: '2001:db8:16::77' } as const
const address = (version: 4 | 6) => (version === 4 ? ip : ip6).saddr.set(ADDRESS[version])

/** What is written into which packets, and what is seen of it. */
const WRITTEN: readonly (readonly [way: Way, write: (version: 4 | 6) => Statement, shown: object])[] = [
  ['udp', () => udp.dport.set(81), { to: 81 }],
  ['no-check', () => udp.dport.set(81), { to: 81 }],
  ['tcp', () => tcp.dport.set(81), { to: 81 }],
  ['udp', address, {}],
  ['no-check', address, {}],
  ['tcp', address, {}],
  ['udp', () => payload('inner-header', 0, 4).set(0x796f7521), { data: 'you!' }],
  ['udp', () => payload('inner-header', 1, 1).set(0x6f), { data: 'woo?' }],
]

it.skipIf(!['python3', 'ethtool'].every(hasTool)).each(FAMILIES)(
  'checksums are right of IPv$version',
  ({ version, red: to, green: from }) =>
    withNetwork(async ({ router, red, green }) => {
      // Otherwise nobody makes checksums between namespaces, and what a rule leaves undone is not to be seen.
      execIn(green, 'ethtool', '-K', 'eth0', 'tx', 'off')
      await transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't' })
          tx.addChain({ ...inT, name: 'c', type: 'filter', hook: 'prerouting', priority: 'raw' })
          for (const [i, [way, write]] of WRITTEN.entries()) {
            const { dport } = way === 'tcp' ? tcp : udp
            tx.addRule({ ...inT, chain: 'c', rule: rule(dport(8000 + i), write(version), accept()) })
          }
        },
        { netns: router },
      )
      const ways = WRITTEN.map(([way]) => way)
      const packets = await seen(red, to, WRITTEN.length, () =>
        execIn(green, 'python3', '-c', SEND, to, ...ways),
      )
      expect(packets).toEqual(
        WRITTEN.map(([way, write, shown], i) => ({
          from: 9000 + i,
          to: 8000 + i,
          address: write === address ? ADDRESS[version] : from,
          data: way === 'tcp' ? '' : 'who?',
          sum: way === 'no-check' ? 'none' : 'right',
          header: true,
          ...shown,
        })),
      )
    }),
)
