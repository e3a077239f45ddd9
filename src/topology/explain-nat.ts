/**
 * NAT as the commands of nft(8). What is to be made is told as a person would write it, in a table of one's own; what is to be withdrawn
 * as what it is, in the table that the library keeps.
 */

import { chainName } from '../nat/description.js'
import { OWN } from '../nat/own-table.js'
import { checkPublication, keyOf, mapOf, type Publication, portsOf } from '../nat/publication.js'
import type { NatCall } from './call.js'
import { quote } from './explain-words.js'
import type { NatModel } from './nat.js'
import type { TopologyMasquerade } from './value.js'

export function explainNat({ call, nat, before }: NatCall): string[] {
  if (call === 'addNat') return [...(before === undefined ? [] : withdrawal(before)), ...addition(nat)]
  return withdrawal(nat)
}

function addition(nat: NatModel): string[] {
  return nat.verb === 'masquerade'
    ? inOwnTable('postrouting', 'srcnat', masqueradeRule(nat.options))
    : inOwnTable('prerouting', 'dstnat', publishRule(checkPublication(nat.options)))
}

function withdrawal(nat: NatModel): string[] {
  if (nat.verb === 'publishPort') {
    const publication = checkPublication(nat.options)
    const keys = portsOf(publication).map(({ port }) => keyOf(publication, port).join(' . '))
    return [`nft ${quote(`delete element ${TABLE} ${mapOf(publication).name} { ${keys.join(', ')} }`)}`]
  }
  const chain = `chain ${TABLE} ${chainName(nat)}`
  return [`nft flush ${chain}`, `nft delete ${chain}`]
}

const TABLE = `${OWN.family} ${OWN.table}`

function inOwnTable(hook: string, priority: string, rule: string): string[] {
  return [
    'nft add table inet nat',
    `nft ${quote(`add chain inet nat ${hook} { type nat hook ${hook} priority ${priority}; }`)}`,
    `nft ${quote(`add rule inet nat ${hook} ${rule}`)}`,
  ]
}

function masqueradeRule({ source, outgoing = [], except = [] }: TopologyMasquerade): string {
  const family = source.includes(':') ? 'ip6' : 'ip'
  return [
    `${family} saddr ${source}`,
    ...anyOf(
      'oifname',
      [outgoing].flat().map((name) => `"${name}"`),
    ),
    ...anyOf(`${family} daddr !=`, [except].flat()),
    'masquerade',
  ].join(' ')
}

function anyOf(expression: string, values: readonly string[]): string[] {
  if (values.length === 0) return []
  return [`${expression} ${values.length === 1 ? values[0] : `{ ${values.join(', ')} }`}`]
}

function publishRule(publication: Publication): string {
  const { family, protocol, hostAddress, ports, target } = publication
  const address = hostAddress === null ? 'fib daddr type local' : `${family} daddr ${hostAddress}`
  const range = ports.from === ports.to ? ports.from : `${ports.from}-${ports.to}`
  const host = family === 'ip6' ? `[${target}]` : target
  return `${address} ${protocol} dport ${range} dnat ${family} to ${host}${targetPorts(publication)}`
}

/** Ports that stay what they are are not named. nft(8) takes any port of a range, so that each has its own here. */
function targetPorts(publication: Publication): string {
  const { protocol, ports, targetPort } = publication
  if (ports.from === targetPort) return ''
  if (ports.from === ports.to) return `:${targetPort}`
  const pairs = portsOf(publication).map(({ port, to }) => `${port} : ${to}`)
  return `:${protocol} dport map { ${pairs.join(', ')} }`
}
