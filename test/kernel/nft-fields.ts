/** The fields of the builder as nft(8) writes them. */

import type { Selector } from '../../src/nftables/builder/selector.js'
import * as nft from '../../src/nftables/public.js'

const { concat, fib, ip, ipsec, jhash, numgen, symhash, tcp } = nft

/** What nft(8) does not take in a concatenation, or does not know. */
const NOT_TAKEN = [
  ...['ct labels', 'icmpv6 pointer', 'icmpv6 taddr', 'icmpv6 daddr', 'meta bri-broute', 'meta secpath'],
  ...['rt xfrm', 'srh segLeft', 'tunnel path', 'tunnel id'],
]

/** Where this library's errors have the kernel's name. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ len: 'length', prandom: 'random', pkts: 'packets', 'ct-id': 'id', l3protocol: 'l3proto' },
  ...{ 'bri-iifname': 'ibrname', 'bri-oifname': 'obrname', 'bri-iifpvid': 'ibrpvid' },
  ...{ 'bri-iifvproto': 'ibrvproto', 'time-ns': 'time', 'time-day': 'day', 'time-hour': 'hour' },
  ...{ 'src-ip': 'ip saddr', 'dst-ip': 'ip daddr', 'src-ip6': 'ip6 saddr', 'dst-ip6': 'ip6 daddr' },
  ...{ nexthop4: 'ip nexthop', nexthop6: 'ip6 nexthop', tcpmss: 'mtu' },
  ...{ saddrEther: 'saddr ether', saddrIp: 'saddr ip', daddrEther: 'daddr ether', daddrIp: 'daddr ip' },
  ...{ address: 'addr[1]', address2: 'addr[2]', sid: 'sid[1]', sid2: 'sid[2]' },
}

function textOf(name: string): string {
  return name
    .split(' ')
    .map((word) => WORDS[word] ?? word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
    .join(' ')
}

/** All fields that have a name. */
function fieldsIn(value: unknown, depth = 0): Selector[] {
  if (value === null || !['object', 'function'].includes(typeof value) || depth > 3) return []
  if (Object.hasOwn(value as object, 'source')) return [value as Selector]
  return typeof value === 'object'
    ? Object.values(value as object).flatMap((one) => fieldsIn(one, depth + 1))
    : []
}

/** With their numbers, which are not in their names. */
const NUMBERED: readonly (readonly [Selector, string])[] = [
  [numgen('random', 16, 3), 'numgen random mod 16 offset 3'],
  [numgen('incremental', 2), 'numgen inc mod 2'],
  [
    jhash(concat(tcp.dport, ip.saddr), { modulus: 7, seed: 5, offset: 3 }),
    'jhash tcp dport . ip saddr mod 7 seed 0x5 offset 3',
  ],
  [jhash(ip.saddr, { modulus: 4 }), 'jhash ip saddr mod 4'],
  [symhash({ modulus: 4, offset: 2 }), 'symhash mod 4 offset 2'],
  [fib(['daddr'], 'type'), 'fib daddr type'],
  [fib(['saddr', 'mark'], 'oifname'), 'fib saddr . mark oifname'],
  [ipsec('in').spi, 'ipsec in spi'],
  [ipsec('out', 1).saddr, 'ipsec out spnum 1 ip saddr'],
  [ipsec('in').reqid, 'ipsec in reqid'],
  [nft.socket.cgroupv2(1), 'socket cgroupv2 level 1'],
  [nft.payload('network-header', 1, 1), '@nh,8,8'],
  [nft.payload('link-layer-header', 0, 6), '@ll,0,48'],
]

const named = [...new Map(fieldsIn(nft).map((field) => [field.source.name, field])).values()]
  .filter(({ source }) => !NOT_TAKEN.includes(source.name))
  .map((field) => [field, textOf(field.source.name)] as const)
/** Every field of the builder, as nft writes it. */
export const FIELDS: readonly (readonly [Selector, string])[] = [...named, ...NUMBERED]
