/** Conditions in the words of nft(8). */
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
import { getLink } from 'netlink-ts/sync'
import { number, orUnknown, unknown } from './condition-word.js'

/** Fields by their words. */
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
  'ct status': ct.status,
  'ct mark': ct.mark,
}
/** Fields of bits: a comma without braces is a list of these alone. */
const FLAGS: readonly Selector[] = [ct.state, ct.status]

const OPERATORS = { '!=': 'not', '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const
const TOKEN = /"[^"]*"|[=!<>]=|[{},<>]|[^\s"{},<>=!]+|\S/g

export function ofNft(words: readonly string[]): Statement[] {
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
    const name = left.splice(0, length).join(' ')
    const field = FIELDS[name]!
    takes('==')
    const operator = Object.hasOwn(OPERATORS, left[0] ?? '')
      ? OPERATORS[left.shift() as keyof typeof OPERATORS]
      : null
    const isSet = takes('{')
    const values = [value()]
    while (takes(',')) values.push(value())
    if (isSet && !takes('}')) throw unknown(left[0])
    if (values.length > 1 && !isSet && (operator ?? 'not') === 'not' && !FLAGS.includes(field))
      throw new TypeError(`several values of '${name}' stand in braces`)
    // The kernel compares ifindexes, and they are the same in the namespace in which CHECK makes the rule once more.
    const numbers = field === meta.iif ? values.map(ifindexOf) : values
    statements.push(orUnknown(numbers, () => made(field, operator, isSet, numbers)))
  }
  return statements
}

/** Throws NetlinkError ENODEV for an interface that is not there. */
function ifindexOf(value: Value): Value {
  return typeof value === 'string' ? getLink(value).ifindex : value
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
