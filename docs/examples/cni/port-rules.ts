/**
 * What `portmap` has and publishPort() has not, as rules: conditions, under which several containers can have the same port, and masquerading
 * of everything.
 */
import { concat, ct, dnat, fib, masq, meta, rule, sctp, set, tcp, th, udp } from 'netlink-ts/nftables'
import { conditionsOf } from './condition.js'
import { FAMILIES, type Family } from './condition-word.js'
import { HOSTS, type PortRule, type PortRules } from './port-chains.js'

/** What can be published. */
export const PORTS = { tcp, udp, sctp } as const
const PROTOCOL = { ip: 'ipv4', ip6: 'ipv6' } as const
const CONDITIONS = { ip: 'conditionsV4', ip6: 'conditionsV6' } as const

/** A port of the host, and of the container that it leads to. */
export interface Mapping {
  readonly family: Family
  readonly protocol: keyof typeof PORTS
  readonly hostAddress: string | undefined
  readonly hostPort: number
  readonly target: string
  readonly targetPort: number
  /** That the container is on: '10.22.0.2/24'. */
  readonly network: string
}

export interface PortRulesConfig {
  conditionsV4?: string[] | null
  conditionsV6?: string[] | null
  masqAll?: boolean
  /** Whether packets get an address of the host where it takes that; else masqAll says nothing. */
  snat?: boolean
}

/** '10.22.0.2:80' */
export function targetOf({ family, target, targetPort }: Mapping): string {
  return family === 'ip6' ? `[${target}]:${targetPort}` : `${target}:${targetPort}`
}

/** Whether a port is published by a rule: publishPort() knows no conditions. */
export function isConditioned(config: PortRulesConfig, { family }: Mapping): boolean {
  return (config[CONDITIONS[family]] ?? []).length > 0
}

/** The rules that mappings need; none where the configuration has none of the keys. Throws CniError for conditions that are not known. */
export function portRules(config: PortRulesConfig, mappings: readonly Mapping[]): PortRules {
  const ofFamily = (family: Family) =>
    conditionsOf(CONDITIONS[family], family, config[CONDITIONS[family]] ?? [])
  const conditions = { ip: ofFamily('ip'), ip6: ofFamily('ip6') }
  const conditioned = mappings.filter((one) => isConditioned(config, one))
  const publishing = (mapping: Mapping): PortRule => ({
    key: `${CONDITIONS[mapping.family]}: port ${mapping.hostPort}/${mapping.protocol}`,
    rule: rule(
      meta.nfproto(PROTOCOL[mapping.family]),
      ...conditions[mapping.family],
      ...hostOf(mapping),
      PORTS[mapping.protocol].dport(mapping.hostPort),
      dnat(targetOf(mapping)),
    ),
  })
  const onOne = conditioned.filter(({ hostAddress }) => hostAddress !== undefined).map(publishing)
  const onEvery = conditioned.filter(({ hostAddress }) => hostAddress === undefined)
  const families = [...new Set(onEvery.map(({ family }) => family))]
  const rest = [...families.map(published), ...onEvery.map(publishing)]
  const masquerading = config.snat === false ? [] : mappings.flatMap((one) => masqueraded(config, one))
  const rules: PortRules = [
    ['cni-host-prerouting', onOne],
    ['cni-host-output', onOne],
    ['cni-prerouting', rest],
    ['cni-output', rest],
    ['cni-postrouting', masquerading],
  ]
  return rules.filter(([, all]) => all.length > 0)
}

function hostOf({ family, hostAddress }: Mapping) {
  if (hostAddress !== undefined) return [FAMILIES[family].daddr(hostAddress)]
  const local = fib(['daddr'], 'type')('local')
  // An answer to ::1 would not be taken from another interface.
  return family === 'ip6' ? [FAMILIES.ip6.daddr.not('::1'), local] : [local]
}

/** What is published on a single address goes where publishPort() sends it, whatever is said of every address. */
function published(family: Family): PortRule {
  const port = concat(FAMILIES[family].daddr, meta.l4proto, th.dport)
  const to = dnat(port.map(set(HOSTS[family].name), HOSTS[family].map))
  return { key: CONDITIONS[family], rule: rule(meta.nfproto(PROTOCOL[family]), to) }
}

/** Connections whose answers would not come back through the host; for those of others publishPort() sees to it. */
function masqueraded(config: PortRulesConfig, mapping: Mapping): PortRule[] {
  const { family, protocol, hostPort, target, targetPort, network } = mapping
  const { saddr, daddr } = FAMILIES[family]
  const toTarget = [ct.status('dnat'), daddr(target), PORTS[protocol].dport(targetPort)]
  const key = `${config.masqAll ? 'masqAll' : CONDITIONS[family]}: port ${hostPort}/${protocol}`
  if (config.masqAll) return [{ key, rule: rule(...toTarget, masq()) }]
  if (!isConditioned(config, mapping)) return []
  return [fib(['saddr'], 'type')('local'), saddr(network)].map((from) => ({
    key,
    rule: rule(...toTarget, from, masq()),
  }))
}
