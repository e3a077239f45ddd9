/**
 * Where the rules of port-rules.ts are: in chains of their own in the table of publishPort(), one container's behind those of the ones before.
 * The first whose conditions fit has the connection. What fits none is what publishPort() has published for everybody, or the host's.
 */
import type { NetnsHandle } from 'netlink-ts'
import { formatIp } from 'netlink-ts/codec'
import { flushConntrack } from 'netlink-ts/conntrack'
import {
  drop,
  type Expression,
  ip,
  listRules,
  meta,
  type NftData,
  type NftRule,
  type NftSetInput,
  type RuleBody,
  rule,
  type Statement,
  transaction,
} from 'netlink-ts/nftables'
import { CniError } from './error.js'
import { absent } from './tag.js'

export const TABLE = { family: 'inet', table: 'netlink-ts' } as const

/** Ports that are published on one address, as publishPort() keeps them. */
export const HOSTS = { ip: hosts('hosts4', 'ipv4_addr'), ip6: hosts('hosts6', 'ipv6_addr') } as const

function hosts(name: string, address: 'ipv4_addr' | 'ipv6_addr') {
  const type = [address, 'inet_proto', 'inet_service'] as const
  return { ...TABLE, name, type, map: [address, 'inet_service'] } as const satisfies NftSetInput
}

/** Before publishPort(), and conditions of a single address before those of every address. */
const CHAINS = {
  'cni-host-prerouting': { hook: 'prerouting', priority: 'dstnat - 2' },
  'cni-host-output': { hook: 'output', priority: 'dstnat - 2' },
  'cni-prerouting': { hook: 'prerouting', priority: 'dstnat - 1' },
  'cni-output': { hook: 'output', priority: 'dstnat - 1' },
  'cni-postrouting': { hook: 'postrouting', priority: 'srcnat - 1' },
} as const
export const CHAIN_NAMES = Object.keys(CHAINS)

/** With the key of the configuration that it is for. */
export interface PortRule {
  readonly key: string
  readonly rule: RuleBody
}
export type PortRules = readonly (readonly [keyof typeof CHAINS, readonly PortRule[]])[]

/** As in the table that publishPort() makes: where route_localnet is set, others could reach what listens on 127.0.0.1 alone. */
const LOCALNET = { ...TABLE, name: 'cni-localnet' }
const NOT_FROM_OUTSIDE = rule(meta.iifname.not('lo'), ip.daddr('127.0.0.0/8'), drop())

async function rulesOf(isWanted: (tag: string) => boolean): Promise<NftRule[]> {
  return (await listRules(TABLE)).filter(({ comment }) => comment !== null && isWanted(comment))
}

/**
 * Puts the rules of an attachment in the place of those that it had. Throws CniError for words that are known but contradict the port (a
 * condition of UDP on a port of TCP), or one another: that shows when they are put together.
 */
export async function putPortRules(tag: string, rules: PortRules, netns?: NetnsHandle): Promise<void> {
  const before = netns === undefined ? await rulesOf((one) => one === tag) : []
  let key: string | null = null
  /** Tells which rule is being put together. */
  const of = (next: string): Statement => ({
    matches: true,
    compile: () => {
      key = next
    },
  })
  await transaction(
    (tx) => {
      tx.addTable({ family: TABLE.family, name: TABLE.table, comment: 'made by netlink-ts' })
      for (const one of Object.values(HOSTS)) tx.addSet(one)
      tx.addChain({ ...LOCALNET, type: 'filter', hook: 'prerouting', priority: 'raw' })
      tx.flushChain(LOCALNET)
      tx.addRule({ ...TABLE, chain: LOCALNET.name, rule: NOT_FROM_OUTSIDE })
      for (const { chain, handle } of before) tx.deleteRule({ ...TABLE, chain, handle })
      for (const [chain, all] of rules) {
        tx.addChain({ ...TABLE, name: chain, type: 'nat', ...CHAINS[chain] })
        for (const one of all) {
          const body = rule(of(one.key), ...one.rule.statements)
          tx.addRule({ ...TABLE, chain, rule: body, comment: tag })
        }
      }
    },
    { netns },
  ).catch((error: unknown) => {
    if (key === null || !(error instanceof TypeError || error instanceof RangeError)) throw error
    const message = error.message.replace(/^addRule \(call \d+ of the transaction\): /, '')
    throw new CniError('invalidConfig', `${key}: ${message}`)
  })
}

/** What can be published. */
const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const

/** Each for itself: what has gone already keeps nothing else. What goes where they said is ended, as publishPort() does when it is withdrawn. */
export async function deletePortRules(isStale: (tag: string) => boolean): Promise<void> {
  const stale = await rulesOf(isStale)
  for (const { chain, handle } of stale)
    await absent(transaction((tx) => tx.deleteRule({ ...TABLE, chain, handle })))
  for (const { chain, expressions } of stale) {
    const target = chain.endsWith('-prerouting') ? targetOf(expressions) : null
    if (target !== null) await flushConntrack({ protocol: PROTOCOLS, status: ['dst-nat'], reply: target })
  }
}

/** Where a rule sends connections to: the two constants of its dnat(). Null where those are a map's. */
function targetOf(expressions: readonly Expression[]): { src: string; sport: number } | null {
  const [address, port] = expressions.flatMap(({ name, data }) => {
    const value = name === 'immediate' ? (data as NftImmediate | undefined)?.data?.value : undefined
    return value === undefined ? [] : [value]
  })
  if (address === undefined || port === undefined) return null
  return { src: formatIp(address, 0, address.length)!, sport: port[0]! * 256 + port[1]! }
}

interface NftImmediate {
  readonly data?: NftData
}
