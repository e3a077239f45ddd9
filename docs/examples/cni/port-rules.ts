/**
 * What `portmap` has and publishPort() has not, as chains for each container: conditions, and masquerading of everything. A connection that
 * does not fit the conditions is sent where it goes anyway: that is all the translation it gets, and the host has it.
 *
 * The chains are in the table of publishPort(), for its maps `hosts4` and `hosts6`: of a port that is published on every address, a single
 * address may be somebody else's.
 */
import {
  concat,
  ct,
  dnat,
  fib,
  listChains,
  masq,
  meta,
  type NftSetInput,
  type RuleBody,
  rule,
  type Statement,
  sctp,
  set,
  tcp,
  th,
  transaction,
  udp,
  verdict,
} from 'netlink-ts/nftables'
import { conditionsOf } from './condition.js'
import { FAMILIES, type Family } from './condition-word.js'
import { CniError } from './error.js'
import { absent } from './tag.js'

const TABLE = { family: 'inet', table: 'netlink-ts' } as const
const PORTS = { tcp, udp, sctp } as const
const PROTOCOL = { ip: 'ipv4', ip6: 'ipv6' } as const

/** Ports that are published on one address, as publishPort() keeps them. */
const HOSTS = { ip: hosts('hosts4', 'ipv4_addr'), ip6: hosts('hosts6', 'ipv6_addr') } as const

function hosts(name: string, address: 'ipv4_addr' | 'ipv6_addr') {
  const type = [address, 'inet_proto', 'inet_service'] as const
  return { ...TABLE, name, type, map: [address, 'inet_service'] } as const satisfies NftSetInput
}

/** A port of the host, and of the container that it leads to. */
export interface Mapping {
  readonly family: Family
  readonly protocol: keyof typeof PORTS
  readonly hostAddress: string | undefined
  readonly hostPort: number
  readonly target: string
  readonly targetPort: number
}

export interface PortRulesConfig {
  conditionsV4?: string[] | null
  conditionsV6?: string[] | null
  masqAll?: boolean
  /** Whether packets get an address of the host where it takes that; else masqAll says nothing. */
  snat?: boolean
}

/**
 * Before ports are published, which come to nothing in between. Conditions of a single address come before those of every address: these
 * leave to publishPort() what is published on one.
 */
const HOOKS = {
  hostPrerouting: { hook: 'prerouting', priority: 'dstnat - 2' },
  hostOutput: { hook: 'output', priority: 'dstnat - 2' },
  prerouting: { hook: 'prerouting', priority: 'dstnat - 1' },
  output: { hook: 'output', priority: 'dstnat - 1' },
  postrouting: { hook: 'postrouting', priority: 'srcnat - 1' },
} as const
type Chain = keyof typeof HOOKS
export type PortRules = readonly (readonly [Chain, readonly RuleBody[]])[]

/** The chains that mappings need besides; none where the configuration has none of the keys. Throws CniError for conditions that are not known. */
export function portRules(config: PortRulesConfig, mappings: readonly Mapping[]): PortRules {
  const conditions = {
    ip: conditionsOf('conditionsV4', 'ip', config.conditionsV4 ?? []),
    ip6: conditionsOf('conditionsV6', 'ip6', config.conditionsV6 ?? []),
  }
  const filters = (isOfHost: boolean) =>
    (['ip', 'ip6'] as const).flatMap((family) => {
      const own = mappings.filter((one) => one.family === family)
      const some = own.filter(({ hostAddress }) => (hostAddress !== undefined) === isOfHost)
      return filtered(family, conditions[family], some, isOfHost)
    })
  const all = config.masqAll && config.snat !== false ? mappings.map(masqueraded) : []
  const chains: PortRules = [
    ['hostPrerouting', filters(true)],
    ['hostOutput', filters(true)],
    ['prerouting', filters(false)],
    ['output', filters(false)],
    ['postrouting', all],
  ]
  return chains.filter(([, rules]) => rules.length > 0)
}

function filtered(
  family: Family,
  conditions: readonly Statement[],
  mappings: readonly Mapping[],
  isOfHost: boolean,
): RuleBody[] {
  if (conditions.length === 0 || mappings.length === 0) return []
  const { daddr } = FAMILIES[family]
  const isFamily = meta.nfproto(PROTOCOL[family])
  const published = concat(daddr, meta.l4proto, th.dport).map(set(HOSTS[family].name), HOSTS[family].map)
  const others = mappings.map(({ protocol, hostAddress, hostPort }) => {
    const toHost = hostAddress === undefined ? fib(['daddr'], 'type')('local') : daddr(hostAddress)
    return rule(isFamily, toHost, PORTS[protocol].dport(hostPort), dnat(daddr))
  })
  return [
    rule(isFamily, ...conditions, verdict('return')),
    ...(isOfHost ? [] : [rule(isFamily, dnat(published))]),
    ...others,
  ]
}

function masqueraded({ family, protocol, target, targetPort }: Mapping): RuleBody {
  const toTarget = [FAMILIES[family].daddr(target), PORTS[protocol].dport(targetPort)]
  return rule(ct.status('dnat'), ...toTarget, masq())
}

export async function putPortRules(tag: string, chains: PortRules): Promise<void> {
  await transaction((tx) => {
    tx.addTable({ family: TABLE.family, name: TABLE.table, comment: 'made by netlink-ts' })
    for (const one of Object.values(HOSTS)) tx.addSet(one)
    for (const [chain, rules] of chains) {
      const name = `${chain}-${tag}`
      tx.createChain({ ...TABLE, name, type: 'nat', ...HOOKS[chain], comment: tag })
      for (const one of rules) tx.addRule({ ...TABLE, chain: name, rule: one })
    }
  })
}

/** Throws CniError where chains of an attachment, or rules of them, are missing. */
export async function checkPortRules(tag: string, chains: PortRules): Promise<void> {
  const there = (await listChains(TABLE)).filter(({ comment }) => comment === tag)
  // What a base chain's use counts is its rules.
  const isThere = ([chain, rules]: PortRules[number]) =>
    there.some(({ name, use }) => name === `${chain}-${tag}` && use === rules.length)
  if (!chains.every(isThere))
    throw new CniError('changed', 'conditionsV4, conditionsV6, masqAll: their rules are missing')
}

/** Each for itself: what has gone already keeps nothing else. */
export async function deletePortRules(isStale: (tag: string) => boolean): Promise<void> {
  for (const { name, comment } of await listChains(TABLE))
    if (comment !== null && isStale(comment))
      await absent(transaction((tx) => tx.deleteChain({ ...TABLE, name })))
}
