/** Where base chains hook in, by the names of nft(8): linux/netfilter.h, linux/netfilter_ipv4.h, linux/netfilter_bridge.h. */

import { show } from '../codec/fault.js'
import { type Names, names, type OneOf } from '../codec/index.js'
import * as nf from '../netlink/netfilter.js'
import { oneOf } from './input.js'

const inet = names({ prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4, ingress: 5 })
/** NF_ARP_* */
const arp = names({ input: 0, output: 1, forward: 2 })
/** NF_NETDEV_* */
const netdev = names({ ingress: 0, egress: 1 })

/** A place where packets pass a chain. */
export type NftHook = keyof typeof inet.numbers | keyof typeof netdev.numbers

function hooksOf(family: number): Names<string> {
  return family === nf.NFPROTO_ARP ? arp : family === nf.NFPROTO_NETDEV ? netdev : inet
}

/** The number of a hook. Throws RangeError for one that the family does not have. */
export function hookNumber(family: number, hook: OneOf<NftHook>): number {
  const number = oneOf(hooksOf(family), hook, 'hook')
  if (
    number === inet.numbers.ingress &&
    hook === 'ingress' &&
    family !== nf.NFPROTO_INET &&
    family !== nf.NFPROTO_NETDEV
  )
    throw new RangeError("hook: 'ingress' is one of the families inet and netdev")
  return number
}

export function hookName(family: number, number: number): OneOf<NftHook> {
  return hooksOf(family).toName(number) as OneOf<NftHook>
}

/** Throws TypeError for a hook that all devices have in common; one that is not known may have its own. */
export function checkHasDevices(family: number, number: number): void {
  const name = hookName(family, number)
  if (typeof name === 'string' && name !== 'ingress' && name !== 'egress')
    throw new TypeError(`devices: a chain at ${name} has none; those at ingress and egress do`)
}

/** Hooks that a chain of a type can have, where not all (nf_tables_types of net/netfilter/nft_chain_*.c). */
const HOOKS: ReadonlyMap<string, readonly string[]> = new Map([
  ['nat', ['prerouting', 'input', 'output', 'postrouting']],
  ['route', ['output']],
])
const FAMILIES: readonly number[] = [nf.NFPROTO_IPV4, nf.NFPROTO_IPV6, nf.NFPROTO_INET]

/** Throws RangeError where a hook, or a family, does not allow a chain of a type. */
export function checkType(type: string, family: number, hook: OneOf<NftHook>): void {
  const hooks = HOOKS.get(type)
  if (hooks === undefined) return
  if (!FAMILIES.includes(family))
    throw new RangeError(`type: '${type}' is one of the families ip, ip6 and inet`)
  const name = hookName(family, hookNumber(family, hook))
  if (!hooks.includes(String(name)))
    throw new RangeError(`type: a chain of type '${type}' can hook into ${hooks.join(', ')}, not ${name}`)
}

/** enum nf_ip_hook_priorities, as nft(8) names them. */
const priorities = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 }
/** enum nf_br_hook_priorities */
const bridgePriorities = { dstnat: -300, filter: -200, out: 100, srcnat: 300 }

/** A name for a priority of chains: those of the family bridge are other numbers than those of IP. */
export type PriorityName = keyof typeof priorities | keyof typeof bridgePriorities

/**
 * The order among the chains of a hook, lowest first: a number, or a name with what is added to it, 'dstnat - 5'. Throws RangeError.
 */
export function priorityNumber(family: number, priority: unknown): number {
  if (typeof priority === 'number' && (priority | 0) === priority) return priority
  const known: Readonly<Record<string, number>> = family === nf.NFPROTO_BRIDGE ? bridgePriorities : priorities
  const match = typeof priority === 'string' ? /^([a-z]+)(?:\s*([+-])\s*(\d{1,9}))?$/.exec(priority) : null
  if (match === null || !Object.hasOwn(known, match[1]!)) {
    throw new RangeError(
      `priority: ${show(priority)} is not an integer or one of ${Object.keys(known).join(', ')}, with '+ n' or '- n' behind it`,
    )
  }
  const offset = Number(match[3] ?? 0)
  return known[match[1]!]! + (match[2] === '-' ? -offset : offset)
}
