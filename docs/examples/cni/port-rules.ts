/**
 * What `portmap` has and publishPort() has not, as chains for each container, in a table of the plugin's own: conditions, and masquerading of
 * everything. A connection that does not fit the conditions is sent where it goes anyway: that is all the translation it gets, and the host has it.
 */
import {
  ct,
  dnat,
  fib,
  listChains,
  masq,
  meta,
  type RuleBody,
  rule,
  type Statement,
  sctp,
  tcp,
  transaction,
  udp,
  verdict,
} from 'netlink-ts/nftables'
import { conditionsOf, FAMILIES, type Family } from './condition.js'
import { absent } from './tag.js'

const TABLE = { family: 'inet', table: 'netlink-ts-cni' } as const
const PORTS = { tcp, udp, sctp } as const
const PROTOCOL = { ip: 'ipv4', ip6: 'ipv6' } as const

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

type Hook = 'prerouting' | 'output' | 'postrouting'
export type PortRules = readonly (readonly [Hook, readonly RuleBody[]])[]

/** The chains that mappings need besides; none where the configuration has none of the keys. Throws CniError for conditions that are not known. */
export function portRules(config: PortRulesConfig, mappings: readonly Mapping[]): PortRules {
  const conditions = {
    ip: conditionsOf('conditionsV4', 'ip', config.conditionsV4 ?? []),
    ip6: conditionsOf('conditionsV6', 'ip6', config.conditionsV6 ?? []),
  }
  const filters = (['ip', 'ip6'] as const).flatMap((family) =>
    filtered(
      family,
      conditions[family],
      mappings.filter((one) => one.family === family),
    ),
  )
  const all = config.masqAll && config.snat !== false ? mappings.map(masqueraded) : []
  const chains: PortRules = [
    ['prerouting', filters],
    ['output', filters],
    ['postrouting', all],
  ]
  return chains.filter(([, rules]) => rules.length > 0)
}

function filtered(
  family: Family,
  conditions: readonly Statement[],
  mappings: readonly Mapping[],
): RuleBody[] {
  if (conditions.length === 0 || mappings.length === 0) return []
  const { daddr } = FAMILIES[family]
  const isFamily = meta.nfproto(PROTOCOL[family])
  const others = mappings.map(({ protocol, hostAddress, hostPort }) => {
    const toHost = hostAddress === undefined ? fib(['daddr'], 'type')('local') : daddr(hostAddress)
    return rule(isFamily, toHost, PORTS[protocol].dport(hostPort), dnat(daddr))
  })
  return [rule(isFamily, ...conditions, verdict('return')), ...others]
}

function masqueraded({ family, protocol, target, targetPort }: Mapping): RuleBody {
  const toTarget = [FAMILIES[family].daddr(target), PORTS[protocol].dport(targetPort)]
  return rule(ct.status('dnat'), ...toTarget, masq())
}

/** Before ports are published, which come to nothing in between. */
const PRIORITY = { prerouting: 'dstnat - 1', output: 'dstnat - 1', postrouting: 'srcnat - 1' } as const

export async function putPortRules(tag: string, chains: PortRules): Promise<void> {
  await transaction((tx) => {
    tx.addTable({ family: TABLE.family, name: TABLE.table, comment: 'made by netlink-ts, docs/examples/cni' })
    for (const [hook, rules] of chains) {
      const name = `${hook}-${tag}`
      tx.createChain({ ...TABLE, name, type: 'nat', hook, priority: PRIORITY[hook], comment: tag })
      for (const one of rules) tx.addRule({ ...TABLE, chain: name, rule: one })
    }
  })
}

/** The chains that there are, by their tags. */
export async function portRuleTags(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for (const { name, comment } of await listChains(TABLE))
    if (comment !== null) found.set(comment, [...(found.get(comment) ?? []), name])
  return found
}

export async function deletePortRules(isStale: (tag: string) => boolean): Promise<void> {
  for (const [tag, names] of await portRuleTags()) {
    if (!isStale(tag)) continue
    const deletion = transaction((tx) => {
      for (const name of names) tx.deleteChain({ ...TABLE, name })
    })
    await absent(deletion)
  }
}
