import type { CallOptions } from '../netlink/call.js'
import { CALL_OPTIONS, checkKeys } from '../netlink/check.js'
import type { Operation } from '../netlink/operation.js'
import { accept, concat, ct, drop, meta, type RuleBody, rule, set } from '../nftables/builder/index.js'
import { checkDevice, checkDevices, checkLabel, derivedName } from './check.js'
import type { Described } from './description.js'
import type { Made } from './made.js'
import { putChain } from './own-chain.js'
import { allowed } from './own-table.js'

/** From what a network is kept apart. */
export interface IsolateOptions extends CallOptions {
  /** Only from the networks behind these interfaces; without it from all others. */
  from?: string | readonly string[] | undefined
  /** Under which it is kept; without it the interfaces, 'br0//br1'. The same name again takes its place. */
  name?: string | undefined
}

/** A network that is kept apart. */
export interface Isolation extends Described {
  readonly verb: 'isolate'
  readonly dev: string
  readonly from: readonly string[]
}

/**
 * Keeps the network behind an interface, a bridge say, apart: nothing is forwarded between it and others, in either direction, but for
 * published ports, what allowForwarding() lets pass, and the connections that are established. This machine itself is no other network.
 *
 * @throws RangeError or TypeError naming the option, before anything is sent
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example await isolate('v-net-0', { from: 'v-net-1' })
 */
export function* isolate(dev: string, options: IsolateOptions = {}): Operation<Made<Isolation>> {
  checkKeys('isolate', options, ['from', 'name', ...CALL_OPTIONS])
  checkDevice(dev, 'dev')
  const from = options.from === undefined ? [] : checkDevices(options.from, 'from')
  const name = options.name === undefined ? derivedName([dev, ...from]) : checkLabel(options.name, 'chain')
  const described: Isolation = { verb: 'isolate', name, dev, from }
  const chain = { type: 'filter', hook: 'forward', priority: 'filter' } as const
  const sets = Object.values(allowed)
  return yield* putChain({ described, ...chain, rules: rulesOf(dev, from), sets }, options.netns)
}

function rulesOf(dev: string, from: readonly string[]): RuleBody[] {
  const { iifname, oifname } = meta
  const others = from.length === 1 ? from[0]! : from
  const only = (field: typeof iifname) =>
    from.length === 0 ? [] : [typeof others === 'string' ? field(others) : field(others)]
  return [
    rule(ct.state('established', 'related'), accept()),
    rule(ct.status('dnat'), accept()),
    rule(concat(iifname, oifname)(set(allowed.pairs.name)), accept()),
    rule(iifname(set(allowed.from.name)), accept()),
    rule(oifname(set(allowed.to.name)), accept()),
    rule(iifname(dev), oifname(dev), accept()),
    rule(iifname(dev), ...only(oifname), drop()),
    rule(oifname(dev), ...only(iifname), drop()),
  ]
}
