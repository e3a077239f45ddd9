/**
 * The table that belongs to this library. Published ports are elements of maps, so that a packet finds its port, and a new one its
 * place, without going through the others; the rules are always the same.
 */

import { decodeBody } from '../codec/index.js'
import type { Request } from '../netlink/request.js'
import {
  concat,
  ct,
  dnat,
  drop,
  fib,
  ip,
  ip6,
  jump,
  masq,
  meta,
  type RuleBody,
  rule,
  set,
  th,
} from '../nftables/builder/index.js'
import { chainOf, type NftChain } from '../nftables/chain.js'
import { familyNumber } from '../nftables/input.js'
import { getChain, newChain } from '../nftables/messages.js'
import type { Transaction } from '../nftables/recorder.js'
import type { NftSetInput } from '../nftables/set.js'
import { commentRecord, userdataOf } from '../nftables/userdata.js'
import type { IpFamily } from './check.js'

export const OWN = { family: 'inet', table: 'netlink-ts' } as const

/** The table's comment: whose it is. Every change has it. */
const TAG = userdataOf([commentRecord('made by netlink-ts')])

/** The maps of one family: published ports, and their targets, which see a source address of this machine where answers need it. */
export interface PortMaps {
  /** protocol . port -> address . port */
  readonly ports: NftSetInput
  /** published address . protocol . port -> address . port */
  readonly hosts: NftSetInput
  /** target . protocol . port: for connections of this machine itself. */
  readonly targets: NftSetInput
  /** interface . target . protocol . port: for those that come in by the interface which the target is behind. */
  readonly hairpin: NftSetInput
}

function mapsOf(version: 4 | 6): PortMaps {
  const address = version === 4 ? 'ipv4_addr' : 'ipv6_addr'
  const port = ['inet_proto', 'inet_service'] as const
  const to = [address, 'inet_service'] as const
  return {
    ports: { ...OWN, name: `ports${version}`, type: port, map: to },
    hosts: { ...OWN, name: `hosts${version}`, type: [address, ...port], map: to },
    targets: { ...OWN, name: `targets${version}`, type: [address, ...port] },
    hairpin: { ...OWN, name: `hairpin${version}`, type: ['ifname', address, ...port] },
  }
}

export const portMaps: Readonly<Record<IpFamily, PortMaps>> = { ip: mapsOf(4), ip6: mapsOf(6) }

/** Pairs of interfaces, and single ones, between which isolate() lets packets pass. */
export const allowed = {
  pairs: { ...OWN, name: 'allowed', type: ['ifname', 'ifname'] },
  from: { ...OWN, name: 'allowed-from', type: 'ifname' },
  to: { ...OWN, name: 'allowed-to', type: 'ifname' },
} as const satisfies Record<string, NftSetInput>

interface FixedChain {
  readonly name: string
  readonly type?: 'nat' | 'filter'
  readonly hook?: 'prerouting' | 'output' | 'postrouting'
  readonly priority?: 'raw' | 'dstnat' | 'srcnat'
  rules(): readonly RuleBody[]
  /** How many rules jump to it. */
  readonly jumps: number
}

const PUBLISH = 'publish'

/** In the order in which they are made. */
const chains: readonly FixedChain[] = [
  { name: PUBLISH, jumps: 2, rules: publishRules },
  { name: 'hairpin', jumps: 1, rules: hairpinRules },
  {
    ...{ name: 'prerouting', type: 'nat', hook: 'prerouting', priority: 'dstnat', jumps: 0 },
    rules: () => [rule(jump('publish'))],
  },
  {
    ...{ name: 'output', type: 'nat', hook: 'output', priority: 'dstnat', jumps: 0 },
    rules: () => [rule(jump('publish'))],
  },
  {
    ...{ name: 'postrouting', type: 'nat', hook: 'postrouting', priority: 'srcnat', jumps: 0 },
    rules: () => [rule(ct.status('dnat'), jump('hairpin'))],
  },
  {
    ...{ name: 'localnet', type: 'filter', hook: 'prerouting', priority: 'raw', jumps: 0 },
    // Where route_localnet is set, others could reach what listens on 127.0.0.1 alone.
    rules: () => [rule(meta.iifname.not('lo'), ip.daddr('127.0.0.0/8'), drop())],
  },
]

function publishRules(): RuleBody[] {
  const port = [meta.l4proto, th.dport] as const
  const toThisMachine = fib(['daddr'], 'type')('local')
  return [
    rule(dnat(concat(ip.daddr, ...port).map(set('hosts4'), ['ipv4_addr', 'inet_service']))),
    rule(dnat(concat(ip6.daddr, ...port).map(set('hosts6'), ['ipv6_addr', 'inet_service']))),
    rule(
      meta.nfproto('ipv4'),
      toThisMachine,
      dnat(concat(...port).map(set('ports4'), ['ipv4_addr', 'inet_service'])),
    ),
    // An answer to ::1 would not be taken from another interface.
    rule(
      ip6.daddr.not('::1'),
      toThisMachine,
      dnat(concat(...port).map(set('ports6'), ['ipv6_addr', 'inet_service'])),
    ),
  ]
}

/** Connections of this machine and of the target's own network: their answers would not come back through here otherwise. */
function hairpinRules(): RuleBody[] {
  const port = [meta.l4proto, th.dport] as const
  const fromThisMachine = fib(['saddr'], 'type')('local')
  return [
    rule(fromThisMachine, concat(ip.daddr, ...port)(set('targets4')), masq()),
    rule(fromThisMachine, concat(ip6.daddr, ...port)(set('targets6')), masq()),
    rule(concat(meta.iifname, ip.daddr, ...port)(set('hairpin4')), masq()),
    rule(concat(meta.iifname, ip6.daddr, ...port)(set('hairpin6')), masq()),
    // The target's own, where br_netfilter translates what stays on the bridge: it says no interface then.
    rule(
      meta.iif(0),
      concat(ip.saddr, ...port)(set('targets4')),
      concat(ip.daddr, ...port)(set('targets4')),
      masq(),
    ),
    rule(
      meta.iif(0),
      concat(ip6.saddr, ...port)(set('targets6')),
      concat(ip6.daddr, ...port)(set('targets6')),
      masq(),
    ),
  ]
}

/** Of every change: one that somebody put to sleep (`flags dormant`) is woken, or refuses what cannot be added to it meanwhile. */
export function addOwnTable(tx: Transaction): void {
  tx.addTable({ family: OWN.family, name: OWN.table, flags: [], userdata: TAG })
}

/** The comment of the chain that publishes, see layoutOf(). */
const UNSURE = 'made when connections were translated already'

/**
 * Makes what published ports need, or mends it: what is there stays, and the rules are put anew. `unsure`: it is made while connections
 * are translated, perhaps by a table of before.
 */
export function addLayout(tx: Transaction, unsure: boolean): void {
  addOwnTable(tx)
  for (const maps of Object.values(portMaps))
    for (const one of Object.values(maps)) tx.addSet(one as NftSetInput)
  for (const { name, type, hook, priority } of chains) {
    const comment = unsure && name === PUBLISH ? UNSURE : undefined
    tx.addChain({ ...OWN, name, type, hook, priority, comment })
    tx.flushChain({ ...OWN, name })
  }
  for (const { name, rules } of chains)
    for (const one of rules()) tx.addRule({ ...OWN, chain: name, rule: one })
}

/** A chain counts its rules and the jumps to it, so that the first two tell of those that jump to them, too. */
const TELLING = [PUBLISH, 'hairpin', 'localnet']

export const LAYOUT_QUESTIONS = TELLING.length

/** Questions whose answers tell whether the rules are all there. */
export function layoutQuestions(): Request<NftChain>[] {
  return TELLING.map(chainQuestion)
}

let uses: readonly number[] | undefined

/** What there is of the layout. */
export interface Layout {
  /** Published ports have rules, be it all of them or not. */
  readonly isMade: boolean
  readonly isWhole: boolean
  /** Connections may go where no table says any more; false where nothing is made. */
  readonly unsure: boolean
}

/** What the answers to layoutQuestions() tell. */
export function layoutOf(answers: readonly (NftChain | null)[]): Layout {
  uses ??= TELLING.map((name) => {
    const { rules, jumps } = chains.find((one) => one.name === name)!
    return rules().length + jumps
  })
  const [publish = null] = answers
  return {
    isMade: publish !== null,
    isWhole: uses.every((use, i) => answers[i]?.use === use),
    unsure: publish?.comment === UNSURE,
  }
}

/** The same of all chains of the own table, by their names. */
export function layoutAmong(chains: ReadonlyMap<string, NftChain>): Layout {
  return layoutOf(TELLING.map((name) => chains.get(name) ?? null))
}

/** NFT_MSG_GETCHAIN of a chain of the own table. */
export function chainQuestion(name: string): Request<NftChain> {
  return {
    message: getChain,
    body: { header: { family: familyNumber(OWN.family) }, attributes: { table: OWN.table, name } },
    flags: 0,
    answer: 'reply',
    mayBeAbsent: true,
    read: (bytes, start, end) => chainOf(decodeBody(newChain, bytes, start, end)),
    subject: `chain '${name}' of table ${OWN.family} '${OWN.table}'`,
  }
}
