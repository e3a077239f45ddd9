/** Rules as ip prints them. */

import type { NumberRange, Rule } from '../../src/index.js'
import { hex, nullIf, type Oracle, tableName, unlessNull } from './read-back.js'
import { ipJson, type Printed } from './support.js'

export function printed(netns: string): Printed[] {
  return [...ipJson('-4 rule show', netns), ...ipJson('-6 rule show', netns)]
}

export const SINCE_6_14 = 'printed since ip 6.14'

export const SINCE_6_16 = 'printed since ip 6.16'

export function lengthOf(prefix: string | null): number | undefined {
  const length = prefix?.split('/')[1]
  return length === undefined ? undefined : Number(length)
}

/** One number under the name, or the two ends. */
export function rangeKeys(name: string, of: (rule: Rule) => NumberRange | null): Oracle<Rule>['keys'] {
  const isOne = (range: NumberRange | null) => range?.start === range?.end
  return {
    [name]: (rule) => (isOne(of(rule)) ? of(rule)?.start : undefined),
    [`${name}_start`]: (rule) => (isOne(of(rule)) ? undefined : of(rule)?.start),
    [`${name}_end`]: (rule) => (isOne(of(rule)) ? undefined : of(rule)?.end),
  }
}

/** Printed since ip 6.15. */
function maskKey(name: string, of: (rule: Rule) => number | null): Oracle<Rule>['keys'] {
  const print = (rule: Rule) => {
    const mask = of(rule)
    return mask === null ? undefined : hex(mask)
  }
  return { [`${name}_mask`]: { print, optional: true } }
}

export const RULE: Oracle<Rule> = {
  keys: {
    priority: ({ priority }) => priority,
    src: ({ from }) => (from ?? 'all').split('/')[0],
    srclen: ({ from }) => lengthOf(from),
    dst: ({ to }) => to?.split('/')[0],
    dstlen: ({ to }) => lengthOf(to),
    protocol: ({ protocol }) => protocol,
    not: ({ invert }) => nullIf(invert),
    tos: ({ tos }) => (tos === 0 ? undefined : hex(tos)),
    fwmark: ({ fwmark }) => (fwmark === null ? undefined : hex(fwmark)),
    fwmask: ({ fwmask }) => (fwmask === null || fwmask === 0xffffffff ? undefined : hex(fwmask)),
    iif: ({ iif }) => unlessNull(iif),
    iif_detached: ({ flags }) => nullIf(flags.includes('iif-detached')),
    oif: ({ oif }) => unlessNull(oif),
    oif_detached: ({ flags }) => nullIf(flags.includes('oif-detached')),
    unresolved: ({ flags }) => nullIf(flags.includes('unresolved')),
    ipproto: ({ ipProtocol }) => unlessNull(ipProtocol),
    ...rangeKeys('sport', ({ sport }) => sport),
    ...rangeKeys('dport', ({ dport }) => dport),
    ...maskKey('sport', ({ sportMask }) => sportMask),
    ...maskKey('dport', ({ dportMask }) => dportMask),
    // ip prints both ends of users, also where they are one.
    uid_start: ({ uidRange }) => uidRange?.start,
    uid_end: ({ uidRange }) => uidRange?.end,
    tun_id: ({ tunId }) => (tunId === null ? undefined : Number(tunId)),
    table: ({ table }) => (table === null ? undefined : tableName(table)),
    suppress_prefixlen: ({ suppressPrefixLength }) => unlessNull(suppressPrefixLength),
    suppress_ifgroup: ({ suppressIfgroup }) =>
      suppressIfgroup === null ? undefined : String(suppressIfgroup),
    flow_from: ({ realms }) => (realms === null ? undefined : String(realms.from)),
    flow_to: ({ realms }) => (realms === null ? undefined : String(realms.to)),
    goto: ({ goto }) => unlessNull(goto),
    nop: ({ action }) => nullIf(action === 'nop'),
    l3mdev: ({ l3mdev }) => nullIf(l3mdev),
    action: ({ action }) => (['lookup', 'goto', 'nop'].includes(String(action)) ? undefined : action),
  },
  notPrinted: {
    family: 'ip is asked for one at a time',
    multicast: 'ip has another command for them',
    dscp: 'printed since ip 6.11',
    flowlabel: 'printed since ip 6.14',
    ...{ dscpMask: SINCE_6_16, flowlabelMask: SINCE_6_14 },
  },
}
