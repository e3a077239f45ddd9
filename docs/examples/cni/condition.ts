/**
 * The keys conditionsV4 and conditionsV6: words of a rule, which a connection has to fit for a published port to be there. As iptables has
 * them ('!', '-s', '10.0.0.0/8') or as nft(8) has them ('ip', 'saddr', '!=', '10.0.0.0/8'); the first character tells, as it does for portmap.
 */
import {
  ct,
  fib,
  ip,
  ip6,
  meta,
  type Selector,
  type Statement,
  sctp,
  tcp,
  th,
  udp,
  type Value,
} from 'netlink-ts/nftables'
import { CniError } from './error.js'

export const FAMILIES = { ip, ip6 } as const
export type Family = keyof typeof FAMILIES

/** Throws CniError for words that are not known (2), and for values that are none (7). */
export function conditionsOf(key: string, family: Family, words: readonly string[]): Statement[] {
  try {
    return /^[-!]/.test(words[0] ?? '') ? ofIptables(family, words) : ofNft(words)
  } catch (error) {
    const reason = error instanceof CniError ? error.reason : 'invalidConfig'
    throw new CniError(reason, `${key}: ${(error as Error).message}`)
  }
}

function unknown(word: string | undefined): CniError {
  return word === undefined
    ? new CniError('invalidConfig', 'a value is missing at the end')
    : new CniError('unsupportedField', `'${word}' is none of the conditions that are known`)
}

type Make = (value: string, not: boolean, family: Family) => Statement

const compared =
  (field: (family: Family) => Selector, read: (text: string) => Value[]): Make =>
  (value, not, family) =>
    (not ? field(family).not : field(family))(...read(value))

const list = (text: string) => text.split(',')
const lower = (text: string) => list(text.toLowerCase())
const device = (text: string) => [text.replace(/\+$/, '*')]
const ports = (text: string) =>
  list(text).map((port) => {
    const [from, to] = port.split(':')
    return to === undefined ? number(port) : `${from || 0}-${to || 65535}`
  })

function number(text: string): Value {
  return /^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : text
}

function mark(text: string, not: boolean): Statement {
  const [value = '', mask] = text.split('/')
  const field = mask === undefined ? meta.mark : meta.mark.mask(Number(mask))
  return (not ? field.not : field)(number(value))
}

/** iptables(8), iptables-extensions(8): what stands behind each option's names. */
const IPTABLES: readonly (readonly [names: string, make: Make])[] = [
  ['-s --source --src', compared((family) => FAMILIES[family].saddr, list)],
  ['-d --destination --dst', compared((family) => FAMILIES[family].daddr, list)],
  ['-i --in-interface', compared(() => meta.iifname, device)],
  ['-p --protocol --proto', compared(() => meta.l4proto, lower)],
  ['--sport --source-port --sports --source-ports', compared(() => th.sport, ports)],
  ['--dport --destination-port --dports --destination-ports', compared(() => th.dport, ports)],
  ['--src-type', compared(() => fib(['saddr'], 'type'), lower)],
  ['--dst-type', compared(() => fib(['daddr'], 'type'), lower)],
  ['--ctstate --state', compared(() => ct.state, lower)],
  ['--mark', mark],
]
const MAKE = new Map(
  IPTABLES.flatMap(([names, make]) => names.split(' ').map((name) => [name, make] as const)),
)

/** What loads an extension of iptables, which need not be said here. */
const EXTENSIONS = ['tcp', 'udp', 'sctp', 'multiport', 'addrtype', 'conntrack', 'state', 'mark', 'comment']

function ofIptables(family: Family, words: readonly string[]): Statement[] {
  const statements: Statement[] = []
  const left = [...words]
  while (left.length > 0) {
    const not = left[0] === '!'
    if (not) left.shift()
    const option = left.shift()
    const value = left.shift()
    if (value === undefined) throw unknown(MAKE.has(option ?? '') ? undefined : option)
    if (!not && option === '--comment') continue
    if (!not && (option === '-m' || option === '--match')) {
      if (!EXTENSIONS.includes(value)) throw unknown(value)
      continue
    }
    const make = MAKE.get(option!)
    if (make === undefined) throw unknown(option)
    statements.push(make(value, not, family))
  }
  return statements
}

/** nft(8): fields by their words. */
const FIELDS: Readonly<Record<string, Selector>> = {
  'ip saddr': ip.saddr,
  'ip daddr': ip.daddr,
  'ip protocol': ip.protocol,
  'ip6 saddr': ip6.saddr,
  'ip6 daddr': ip6.daddr,
  'ip6 nexthdr': ip6.nexthdr,
  'tcp sport': tcp.sport,
  'tcp dport': tcp.dport,
  'udp sport': udp.sport,
  'udp dport': udp.dport,
  'sctp sport': sctp.sport,
  'sctp dport': sctp.dport,
  'th sport': th.sport,
  'th dport': th.dport,
  iifname: meta.iifname,
  'meta iifname': meta.iifname,
  iif: meta.iif,
  'meta iif': meta.iif,
  mark: meta.mark,
  'meta mark': meta.mark,
  'meta l4proto': meta.l4proto,
  'meta nfproto': meta.nfproto,
  'fib saddr type': fib(['saddr'], 'type'),
  'fib daddr type': fib(['daddr'], 'type'),
  'ct state': ct.state,
  'ct mark': ct.mark,
}
const OPERATORS = { '!=': 'not', '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const
const TOKEN = /"[^"]*"|[=!<>]=|[{},<>]|[^\s"{},<>=!]+|\S/g

function ofNft(words: readonly string[]): Statement[] {
  const left: string[] = words.join(' ').match(TOKEN) ?? []
  const takes = (token: string) => left[0] === token && left.shift() !== undefined
  const value = () => {
    const token = left.shift()
    if (token === undefined || !/^[\w"]|^::/.test(token)) throw unknown(token)
    return token.startsWith('"') ? token.slice(1, -1) : number(token)
  }
  const statements: Statement[] = []
  while (left.length > 0) {
    const length = [3, 2, 1].find((n) => Object.hasOwn(FIELDS, left.slice(0, n).join(' ')))
    if (length === undefined) throw unknown(left[0])
    const field = FIELDS[left.splice(0, length).join(' ')]!
    takes('==')
    const operator = Object.hasOwn(OPERATORS, left[0] ?? '')
      ? OPERATORS[left.shift() as keyof typeof OPERATORS]
      : null
    const isSet = takes('{')
    const values = [value()]
    while (takes(',')) values.push(value())
    if (isSet && !takes('}')) throw unknown(left[0])
    statements.push(made(field, operator, isSet, values))
  }
  return statements
}

function made(
  field: Selector,
  operator: (typeof OPERATORS)[keyof typeof OPERATORS] | null,
  isSet: boolean,
  values: Value[],
): Statement {
  if (operator === null || operator === 'not') {
    const compare = operator === null ? field : field.not
    return isSet ? compare(values) : compare(...values)
  }
  if (values.length > 1) throw new TypeError(`'${operator}' compares with one value`)
  return field[operator](values[0] as string | number)
}
