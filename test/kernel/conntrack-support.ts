/** What the tests of tracked connections share: some that conntrack makes. */

import type { ConntrackEntry } from '../../src/conntrack.js'
import { conntrack, printedEntries } from './conntrack-oracle.js'
import { hasTool, withNetns } from './support.js'

export const V4 = { src: '10.0.0.1', dst: '10.0.0.2' }

export const V6 = { src: '2001:db8::1', dst: '2001:db8::2' }

export const PORTS = { sport: 1000, dport: 2000 }

export const TCP = { protocol: 'tcp', ...V4, ...PORTS } as const

export const UDP = { protocol: 'udp', ...V4, ...PORTS } as const

export const TCP6 = { protocol: 'tcp', ...V6, ...PORTS } as const

/** Commands of conntrack that make connections. */
export const EVERY_COMMAND = [
  '-I -p tcp -s 10.0.0.1 -d 10.0.0.2 --sport 1 --dport 80 --state ESTABLISHED -t 600 -u SEEN_REPLY,ASSURED',
  '-I -p tcp -s 10.0.0.1 -d 10.0.0.2 --sport 2 --dport 80 --state CLOSE_WAIT -t 600 --mark 7',
  '-I -p tcp -s 10.0.0.1 -d 10.0.0.3 --sport 3 --dport 443 --state SYN_RECV -t 600 --mark 263',
  '-I -p tcp -s 2001:db8::1 -d 2001:db8::2 --sport 4 --dport 80 --state ESTABLISHED -t 600',
  '-I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 5 --dport 53 -t 600 --dst-nat 172.17.0.2:5353',
  '-I -p udp -s 10.1.0.1 -d 10.0.0.2 --sport 6 --dport 53 -t 600 --src-nat 172.17.0.1:4000 -w 5',
  '-I -p udp -s 2001:db8::1 -d 2001:db8::3 --sport 7 --dport 53 -t 600 -u FIXED_TIMEOUT',
  '-I -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 8 --dport 8000 -t 600 --orig-zone 6',
  '-I -p icmp -s 10.0.0.1 -d 10.0.0.2 --icmp-type 8 --icmp-code 0 --icmp-id 77 -t 600',
  '-I -p icmpv6 -s 2001:db8::1 -d 2001:db8::2 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 77 -t 600',
  '-I -p sctp -s 10.0.0.1 -d 10.0.0.2 --sport 9 --dport 10 --state ESTABLISHED --orig-vtag 1 --reply-vtag 2 -t 600',
  '-I -p gre -s 10.0.0.1 -d 10.0.0.2 --srckey 5 --dstkey 6 -t 600',
]

/** Whether this kernel has zones: CONFIG_NF_CONNTRACK_ZONES. */
export const hasZones =
  hasTool('conntrack') &&
  (await withNetns((netns) => {
    try {
      conntrack(EVERY_COMMAND.find((command) => command.includes(' -w '))!, netns)
      return true
    } catch (error) {
      if (!String(error).includes('Operation not supported')) throw error
      return false
    }
  }))

/** Whether this kernel tracks a protocol by what it has for ports: Linux 7.3 has no UDP-Lite any more, and GRE can be left out. */
export function tracks(protocol: string, ports: string, netns: string): boolean {
  conntrack(`-I -p ${protocol} -s 10.0.0.8 -d 10.0.0.9 ${ports} -t 600`, netns)
  const [line] = printedEntries(netns)
  conntrack('-F', netns)
  return /(sport|srckey)=(0x)?7 /.test(line!)
}

export const lackedProtocols = !hasTool('conntrack')
  ? []
  : await withNetns((netns) =>
      [
        ['udplite', '--sport 7 --dport 9'],
        ['gre', '--srckey 7 --dstkey 9'],
      ].flatMap(([protocol, ports]) => (tracks(protocol!, ports!, netns) ? [] : [protocol!])),
    )

export const COMMANDS = EVERY_COMMAND.filter(
  (command) =>
    (hasZones || !/ -w |zone/.test(command)) &&
    !lackedProtocols.some((protocol) => command.includes(`-p ${protocol} `)),
)

export function withEntries(work: (netns: string) => Promise<void>): Promise<void> {
  return withNetns(async (netns) => {
    for (const command of COMMANDS) conntrack(command, netns)
    await work(netns)
  })
}

/** What does not change when an entry is deleted and made again. */
export function lasting({ id: _id, timeout: _timeout, use: _use, ...rest }: ConntrackEntry) {
  return rest
}

export const byText = (a: ConntrackEntry, b: ConntrackEntry) =>
  JSON.stringify(lasting(a)) < JSON.stringify(lasting(b)) ? -1 : 1
