/**
 * What is translated for a container, by the rules of either plugin: ours are read from `nft -j`, those of bridge and portmap from
 * iptables-save, as nft(8) cannot tell what targets of iptables do.
 */

import { BlockList } from 'node:net'
import { execFileSync } from './programs.js'
import type { Printed } from './support.js'

export interface Translations {
  /** 'tcp 203.0.113.1 8080 to 10.22.0.2:80', or '*' where it is on every address. */
  readonly published: readonly string[]
  /** By address of the container, where it goes as it is. One that is not masqueraded is missing. */
  readonly masqueraded: Readonly<Record<string, readonly string[]>>
}

const run = (command: string, ...args: string[]) => execFileSync(command, args)

const portOf = (protocol: string, host: string, port: unknown, to: string, toPort: unknown) =>
  `${protocol} ${host} ${port} to ${to.includes(':') ? `[${to}]` : to}:${toPort}`

const prefixText = (value: Printed) => `${value['prefix'].addr}/${value['prefix'].len}`

/** Those of docs/examples/cni. */
export function oursOf(addresses: readonly string[]): Translations {
  const { nftables } = JSON.parse(run('nft', '-j', 'list', 'ruleset')) as { nftables: Printed[] }
  const published = nftables.flatMap(({ map }) =>
    ((map?.elem ?? []) as Printed[][]).map(([from, to]) => {
      const key = from!['elem'].val.concat as unknown[]
      const [host, protocol, port] = map.name.startsWith('hosts') ? key : ['*', ...key]
      const [address, toPort] = to!['concat'] as unknown[]
      return portOf(String(protocol), String(host), port, String(address), toPort)
    }),
  )
  const masqueraded: Record<string, string[]> = {}
  for (const { rule } of nftables) {
    if (!rule?.expr.some((one: Printed) => 'masquerade' in one) || !rule.chain.startsWith('masquerade-'))
      continue
    const [source, to] = rule.expr.map(({ match }: Printed) => match)
    for (const address of addresses)
      if (source.op === '==' && to.op === '!=' && covers(source.right.prefix, address))
        masqueraded[address] = to.right.set.map(prefixText).sort()
  }
  return { published: published.sort(), masqueraded }
}

function covers({ addr, len }: { addr: string; len: number }, address: string): boolean {
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  if (addr.includes(':') !== address.includes(':')) return false
  const list = new BlockList()
  list.addSubnet(addr, len, family)
  return list.check(address, family)
}

/** Those of bridge and portmap. */
export function theirsOf(addresses: readonly string[]): Translations {
  const lines = ['iptables-save', 'ip6tables-save'].flatMap((command) =>
    run(command, '-t', 'nat').split('\n'),
  )
  const found = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.slice(1) ?? [])
  const published = lines.flatMap((line) => {
    const [, host, protocol, port, to] =
      /^-A CNI-DN-\w+ (?:-d ([^ /]+)\/\d+ )?-p (\w+) .*--dport (\d+) -j DNAT --to-destination (.+)$/.exec(
        line,
      ) ?? []
    return to === undefined ? [] : [`${protocol} ${host ?? '*'} ${port} to ${to}`]
  })
  const masqueraded: Record<string, string[]> = {}
  for (const address of addresses) {
    const length = address.includes(':') ? 128 : 32
    const [chain] = found(new RegExp(`^-A POSTROUTING -s ${address}/${length} .*-j (CNI-\\w+)$`))
    const isOf = new RegExp(length === 32 ? '\\.' : ':')
    const excepted = [
      ...found(new RegExp(`^-A ${chain} -d (\\S+) .*-j ACCEPT$`)),
      ...found(new RegExp(`^-A ${chain} ! -d (\\S+) .*-j MASQUERADE$`)),
    ].filter((prefix) => isOf.test(prefix))
    if (excepted.length > 0) masqueraded[address] = excepted.sort()
  }
  return { published: published.sort(), masqueraded }
}
