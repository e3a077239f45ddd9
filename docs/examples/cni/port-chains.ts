/**
 * Where the rules of port-rules.ts are: in chains of their own in the table of publishPort(), one container's behind those of the ones before.
 * The first whose conditions fit has the connection. What fits none is what publishPort() has published for everybody, or the host's.
 */
import {
  drop,
  ip,
  listRules,
  meta,
  type NftRule,
  type NftSetInput,
  type RuleBody,
  rule,
  transaction,
} from 'netlink-ts/nftables'
import { CniError } from './error.js'
import { absent } from './tag.js'

const TABLE = { family: 'inet', table: 'netlink-ts' } as const

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
export type PortRules = readonly (readonly [keyof typeof CHAINS, readonly RuleBody[]])[]

/** As in the table that publishPort() makes: where route_localnet is set, others could reach what listens on 127.0.0.1 alone. */
const LOCALNET = { ...TABLE, name: 'cni-localnet' }
const NOT_FROM_OUTSIDE = rule(meta.iifname.not('lo'), ip.daddr('127.0.0.0/8'), drop())

async function rulesOf(isWanted: (tag: string) => boolean): Promise<NftRule[]> {
  return (await listRules(TABLE)).filter(({ comment }) => comment !== null && isWanted(comment))
}

/** Puts the rules of an attachment in the place of those that it had. */
export async function putPortRules(tag: string, rules: PortRules): Promise<void> {
  const before = await rulesOf((one) => one === tag)
  await transaction((tx) => {
    tx.addTable({ family: TABLE.family, name: TABLE.table, comment: 'made by netlink-ts' })
    for (const one of Object.values(HOSTS)) tx.addSet(one)
    tx.addChain({ ...LOCALNET, type: 'filter', hook: 'prerouting', priority: 'raw' })
    tx.flushChain(LOCALNET)
    tx.addRule({ ...TABLE, chain: LOCALNET.name, rule: NOT_FROM_OUTSIDE })
    for (const { chain, handle } of before) tx.deleteRule({ ...TABLE, chain, handle })
    for (const [chain, all] of rules) {
      tx.addChain({ ...TABLE, name: chain, type: 'nat', ...CHAINS[chain] })
      for (const one of all) tx.addRule({ ...TABLE, chain, rule: one, comment: tag })
    }
  })
}

/** Throws CniError where rules of an attachment are missing. */
export async function checkPortRules(tag: string, rules: PortRules): Promise<void> {
  const there = await rulesOf((one) => one === tag)
  const isThere = ([name, { length }]: PortRules[number]) =>
    there.filter(({ chain }) => chain === name).length === length
  if (!rules.every(isThere))
    throw new CniError('changed', 'conditionsV4, conditionsV6, masqAll: their rules are missing')
}

/** Each for itself: what has gone already keeps nothing else. */
export async function deletePortRules(isStale: (tag: string) => boolean): Promise<void> {
  for (const { chain, handle } of await rulesOf(isStale))
    await absent(transaction((tx) => tx.deleteRule({ ...TABLE, chain, handle })))
}
