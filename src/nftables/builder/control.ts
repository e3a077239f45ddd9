/** The headers of ICMP, ICMPv6 and IGMP. */

import { type Datatype, datatypes as t } from '../datatypes.js'
import { u8, u16, u32 } from '../integers.js'
import { type Compiler, type Network, REG } from './compiler.js'
import { header } from './fields.js'
import { emitLookup } from './match.js'
import { anonymous } from './set-ref.js'
import type { Source } from './source.js'

/** IPPROTO_* of linux/in.h */
const ICMP = 1
const IGMP = 2
const ICMPV6 = 58

function control(name: string, network: Network, protocol: number) {
  return {
    name,
    base: 'transport-header' as const,
    depend: (compiler: Compiler) => {
      compiler.needNetwork(network)
      compiler.needTransport(protocol, name)
    },
    checksum: { offset: 2 },
  }
}

const typeOf = (compiler: Compiler, [type]: Uint8Array) => compiler.learnIcmpTypes([type!])

/** The bytes behind the checksum mean something else in packets of other types. */
function ofType(type: Datatype, name: string, ...types: string[]) {
  const numbers = types.map((one) => type.encode(one, name)[0]!)
  const source: Source = {
    name,
    type,
    depend: () => {},
    load: (compiler, dreg) =>
      compiler.emit({ name: 'payload', data: { dreg, base: 'transport-header', offset: 0, len: 1 } }),
  }
  return (compiler: Compiler) => {
    if (compiler.hasIcmpType(numbers, name)) return
    source.load(compiler, REG)
    if (numbers.length > 1) emitLookup(compiler, anonymous(compiler, [source], null, types, null, name), {})
    else compiler.compare(Uint8Array.from(numbers))
    compiler.learnIcmpTypes(numbers)
  }
}

const icmpNeeds = (name: string, ...types: string[]) => ofType(t.icmp_type, `icmp ${name}`, ...types)
const icmpv6Needs = (name: string, ...types: string[]) => ofType(t.icmpv6_type, `icmpv6 ${name}`, ...types)

/** ICMP for IPv4. */
export const icmp = header(
  {
    ...control('icmp', 'ip', ICMP),
    learn: { type: typeOf },
    needs: {
      id: icmpNeeds('id', 'echo-request', 'echo-reply'),
      sequence: icmpNeeds('sequence', 'echo-request', 'echo-reply'),
      mtu: icmpNeeds('mtu', 'destination-unreachable'),
      gateway: icmpNeeds('gateway', 'redirect'),
    },
  },
  {
    type: [0, t.icmp_type],
    code: [1, t.icmp_code],
    checksum: [2, u16],
    id: [4, u16],
    sequence: [6, u16],
    mtu: [6, u16],
    gateway: [4, t.ipv4_addr],
  },
)

/** Those about one address: of a group, a neighbour or a better router (RFC 2710, RFC 4861). */
const OF_ADDRESS = [
  ...['mld-listener-query', 'mld-listener-report', 'mld-listener-done'],
  ...['nd-neighbor-solicit', 'nd-neighbor-advert', 'nd-redirect'],
]

/** ICMP for IPv6. `taddr` is the address that it is about, `daddr` of a redirect the one that is redirected. */
export const icmpv6 = header(
  {
    ...control('icmpv6', 'ip6', ICMPV6),
    learn: { type: typeOf },
    needs: {
      id: icmpv6Needs('id', 'echo-request', 'echo-reply'),
      sequence: icmpv6Needs('sequence', 'echo-request', 'echo-reply'),
      mtu: icmpv6Needs('mtu', 'packet-too-big'),
      pointer: icmpv6Needs('pointer', 'parameter-problem'),
      maxDelay: icmpv6Needs('max-delay', 'mld-listener-query'),
      taddr: icmpv6Needs('taddr', ...OF_ADDRESS),
      daddr: icmpv6Needs('daddr', 'nd-redirect'),
    },
  },
  {
    type: [0, t.icmpv6_type],
    code: [1, t.icmpv6_code],
    checksum: [2, u16],
    id: [4, u16],
    sequence: [6, u16],
    mtu: [4, u32],
    pointer: [4, u32],
    maxDelay: [4, u16],
    taddr: [8, t.ipv6_addr],
    daddr: [24, t.ipv6_addr],
  },
)

/** The header of IGMP, by which hosts join groups of multicast. */
export const igmp = header(control('igmp', 'ip', IGMP), {
  type: [0, t.igmp_type],
  mrt: [1, u8],
  checksum: [2, u16],
  group: [4, t.ipv4_addr],
})
