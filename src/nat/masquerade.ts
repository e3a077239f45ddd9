import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import type { Operation } from '../netlink/operation.js'
import { ip, ip6, masq, meta, rule } from '../nftables/builder/index.js'
import { checkDevices, checkLabel, checkNetwork, derivedName, listOf } from './check.js'
import type { Described } from './description.js'
import type { Made } from './made.js'
import { putChain } from './own-chain.js'

/** Whose packets get an address of this machine. */
export interface MasqueradeOptions extends CallOptions {
  /** The network that they come from: '192.168.15.0/24', '2001:db8:15::/64'. */
  source: string
  /** Only where they leave by one of these interfaces; 'eth*' is every name that begins so. */
  outgoing?: string | readonly string[] | undefined
  /** Not where they go to one of these networks: the source itself, so that neighbours see each other as they are with br_netfilter, too. */
  except?: string | readonly string[] | undefined
  /**
   * Under which it is kept; without it source and interfaces, '10.0.0.0/8//eth0'. The same name again takes its place: so other exceptions
   * take that of those before, which each would give an address to what the other leaves alone.
   */
  name?: string | undefined
}

/** Packets of a network that get an address of this machine. */
export interface Masquerade extends Described {
  readonly verb: 'masquerade'
  readonly source: string
  readonly outgoing: readonly string[]
  readonly except: readonly string[]
}

/**
 * Gives connections from a network the address of the interface that they leave by, as `iptables -t nat -A POSTROUTING -s … -j MASQUERADE`.
 * Connections that are there already keep the way that they have. Each call makes a chain of its own, of which a namespace has at most 1024:
 * for more networks than that, one call for a network that contains them.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent; NetlinkError E2BIG where there are 1024 chains already that
 * translate at postrouting, of whatever table
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example await masquerade({ source: '192.168.15.0/24' })
 */
export function* masquerade(options: MasqueradeOptions): Operation<Made<Masquerade>> {
  checkKeys('masquerade', options, ['source', 'outgoing', 'except', 'name', ...CALL_OPTIONS])
  const { network: source, family } = checkNetwork(options.source, 'source')
  const outgoing = options.outgoing === undefined ? [] : checkDevices(options.outgoing, 'outgoing')
  const except = listOf(options.except, 'except').map(
    (one, i, { length }) => checkNetwork(one, length === 1 ? 'except' : `except[${i}]`, family).network,
  )
  const name =
    options.name === undefined ? derivedName([source, ...outgoing]) : checkLabel(options.name, 'chain')
  const { saddr, daddr } = family === 'ip' ? ip : ip6
  const body = rule(
    saddr(source),
    ...(outgoing.length > 0
      ? [outgoing.length === 1 ? meta.oifname(outgoing[0]!) : meta.oifname(outgoing)]
      : []),
    ...(except.length > 0 ? [daddr.not(except)] : []),
    masq(),
  )
  const described: Masquerade = { verb: 'masquerade', name, source, outgoing, except }
  const chain = { type: 'nat', hook: 'postrouting', priority: 'srcnat' } as const
  return yield* putChain({ described, ...chain, rules: [body] }, options.netns)
}
