/** Packets in packets: IPsec states, tunnels, and the headers inside of a tunnel's packet. */

import { show } from '../../codec/fault.js'
import { checkInteger } from '../../netlink/check.js'
import { NFPROTO_NETDEV } from '../../netlink/netfilter.js'
import { datatypes as t } from '../datatypes.js'
import type { Expression, KnownExpression } from '../expression.js'
import { hostU32, u32 } from '../integers.js'
import { Compiler } from './compiler.js'
import { present } from './facts.js'
import { fact } from './fields.js'
import { type Selector, selector, sourceOf } from './selector.js'

/** XFRM_MAX_DEPTH of net/xfrm.h */
const MAX_STATES = 6

type XfrmKey = Extract<KnownExpression, { name: 'xfrm' }>['data'] extends infer D
  ? NonNullable<D> extends { key?: infer K }
    ? Extract<K, string>
    : never
  : never

/**
 * The IPsec state that a packet came by, or that it leaves by: `ipsec('in').reqid(1)`. Of several, one within the other, `spnum` says
 * which, from 0.
 *
 * @throws RangeError for a direction or a state that there is not
 */
export function ipsec(direction: 'in' | 'out', spnum = 0) {
  if (direction !== 'in' && direction !== 'out')
    throw new RangeError(`ipsec: ${show(direction)} is not 'in' or 'out'`)
  checkInteger(spnum, 'ipsec: spnum', 0, MAX_STATES - 1)
  const of = (key: XfrmKey, type: typeof hostU32) =>
    fact(
      `ipsec ${direction} ${key}`,
      type,
      (compiler, dreg) => compiler.emit({ name: 'xfrm', data: { key, dir: direction, spnum, dreg } }),
      { cuttable: true },
    )
  return {
    reqid: of('reqid', hostU32),
    spi: of('spi', u32),
    saddr: of('saddr-ip4', t.ipv4_addr),
    daddr: of('daddr-ip4', t.ipv4_addr),
    saddr6: of('saddr-ip6', t.ipv6_addr),
    daddr6: of('daddr-ip6', t.ipv6_addr),
  }
}

/** The tunnel of a device with external control (`external` of ip-link(8)): whether there is one, and its number. In the family netdev. */
export const tunnel = {
  path: /* @__PURE__ */ fact('tunnel path', present, (compiler, dreg) =>
    compiler.emit({ name: 'tunnel', data: { key: 'path', dreg, mode: 'none' } }),
  ),
  id: /* @__PURE__ */ fact('tunnel id', hostU32, (compiler, dreg) =>
    compiler.emit({ name: 'tunnel', data: { key: 'id', dreg, mode: 'none' } }),
  ),
}

/** Bytes of struct vxlanhdr, and of struct genevehdr without its options. */
const HEADER_BYTES = 8
const INSIDE: readonly string[] = ['payload', 'meta']

/** What is known of the packet inside, for each rule: a header is looked for once. */
const compilers = new WeakMap<Compiler, Compiler>()

/**
 * A field of the packet inside of a tunnel's (Linux 6.2): `rule(udp.dport(4789), inside('vxlan', ip.saddr)('10.0.0.1'), drop())`. Before it
 * the rule has to see that the packet is of UDP.
 *
 * @throws RangeError for another kind of tunnel
 */
export function inside(kind: 'vxlan' | 'geneve', field: Selector): Selector {
  if (kind !== 'vxlan' && kind !== 'geneve')
    throw new RangeError(`inside: ${show(kind)} is not 'vxlan' or 'geneve'`)
  const { name, type, mask, shift, bits, learn, depend, load } = sourceOf(field, 'inside')
  const within = (outer: Compiler, work: (inner: Compiler) => void) => {
    // As in the family netdev, in which nothing is known of a packet before its headers are looked at.
    let inner = compilers.get(outer)
    if (inner === undefined) {
      inner = new Compiler(outer.context, NFPROTO_NETDEV)
      inner.learnEthernet()
      compilers.set(outer, inner)
    }
    work(inner)
    outer.sets.push(...inner.sets.splice(0))
    for (const one of inner.expressions.splice(0))
      outer.emit(INSIDE.includes(one.name) ? wrapped(kind, one) : one)
  }
  return selector({
    name: `${kind} ${name}`,
    type,
    ...(mask !== undefined && { mask }),
    ...(shift !== undefined && { shift }),
    ...(bits !== undefined && { bits }),
    depend: (compiler) => within(compiler, depend),
    load: (compiler, dreg, length) => within(compiler, (inner) => load(inner, dreg, length)),
    ...(learn !== undefined && {
      learn: (compiler, value) => within(compiler, (inner) => learn(inner, value)),
    }),
  })
}

function wrapped(type: 'vxlan' | 'geneve', expr: Expression): Expression {
  const flags = ['hdrsize', 'll', 'nh', 'th'] as const
  return { name: 'inner', data: { num: 0, type, flags, hdrsize: HEADER_BYTES, expr } } as Expression
}
