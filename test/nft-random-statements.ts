/** What rules do, at random: as texts of nft(8) and as calls of the builder. */

import fc from 'fast-check'
import * as nft from '../src/nftables/public.js'
import { FIELDS, type Field } from './nft-random-fields.js'
import { ANY, fixed, intervals, keyed, type Parts, part, SET_TYPES } from './nft-random-matches.js'
import type { Pairs } from './nft-random-values.js'

const { constantFrom: one, oneof, tuple } = fc

const limits: Parts = tuple(
  fc.integer({ min: 1, max: 5000 }),
  one('second', 'minute', 'hour', 'day', 'week'),
  fc.boolean(),
  fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
).map(([rate, per, over, burst]) =>
  part(
    `limit rate ${over ? 'over ' : ''}${rate}/${per}${burst === undefined ? '' : ` burst ${burst} packets`}`,
    () => nft.limit({ rate, per: per as 'second', over, burst }),
  ),
)
const byteLimits: Parts = tuple(
  fc.integer({ min: 1, max: 5000 }),
  fc.boolean(),
  fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
).map(([rate, over, burst]) =>
  part(
    `limit rate ${over ? 'over ' : ''}${rate} kbytes/second${burst === undefined ? '' : ` burst ${burst} kbytes`}`,
    () =>
      nft.limit({
        rate: rate * 1024,
        unit: 'bytes',
        over,
        ...(burst !== undefined && { burst: burst * 1024 }),
      }),
  ),
)
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const prefix = maybe(one('in: ', 'x'))
const LEVELS = { warn: 'warning', emerg: 'emerg', info: 'info', debug: 'debug' } as const
const logs: Parts = oneof(
  tuple(prefix, maybe(one('warn', 'emerg', 'info', 'debug'))).map(([prefix, level]) =>
    part(
      `log${prefix === undefined ? '' : ` prefix "${prefix}"`}${level === undefined ? '' : ` level ${level}`}`,
      () => nft.log({ prefix, level: level && LEVELS[level] }),
    ),
  ),
  tuple(prefix, fc.nat(10), maybe(fc.nat(1000))).map(([prefix, group, snaplen]) =>
    part(
      `log${prefix === undefined ? '' : ` prefix "${prefix}"`} group ${group}${snaplen === undefined ? '' : ` snaplen ${snaplen}`}`,
      () => nft.log({ prefix, group, snaplen }),
    ),
  ),
)
const rejects: Parts = oneof(
  fixed('reject', () => nft.reject()),
  fixed('reject with tcp reset', () => nft.reject('tcp-reset')),
  ...(['no-route', 'port-unreachable', 'host-unreachable', 'admin-prohibited'] as const).map((reason) =>
    fixed(`reject with icmpx ${reason}`, () => nft.reject(reason)),
  ),
  ...(
    [
      'net-unreachable',
      'host-unreachable',
      'prot-unreachable',
      'port-unreachable',
      'net-prohibited',
      'host-prohibited',
      'admin-prohibited',
    ] as const
  ).map((icmp) => fixed(`reject with icmp ${icmp}`, () => nft.reject({ icmp }))),
  ...(
    [
      'no-route',
      'admin-prohibited',
      'addr-unreachable',
      'port-unreachable',
      'policy-fail',
      'reject-route',
    ] as const
  ).map((icmpv6) => fixed(`reject with icmpv6 ${icmpv6}`, () => nft.reject({ icmpv6 }))),
)

const NAT_FLAGS = [
  ['random', 'random'],
  ['fully-random', 'fullyRandom'],
  ['persistent', 'persistent'],
] as const
const natFlags = fc.subarray([...NAT_FLAGS]).map((flags) => ({
  text: flags.length === 0 ? '' : ` ${flags.map(([text]) => text).join(',')}`,
  ours: Object.fromEntries(flags.map(([, key]) => [key, true])),
}))
const portOf = fc.option(oneof(same('8080'), same('1024-65535')), { nil: { text: '', ours: '' } })
function same(text: string): Pairs<string> {
  return fc.constant({ text: `:${text}`, ours: text })
}
const TRANSLATE = { dnat: nft.dnat, snat: nft.snat }
const translations = (type: 'dnat' | 'snat'): Parts =>
  tuple(
    one('10.0.0.1', '10.0.0.1-10.0.0.9', '[2001:db8::1]', '[2001:db8::1]-[2001:db8::9]'),
    portOf,
    natFlags,
    fc.boolean(),
  ).map(([to, port, flags, says]) =>
    part(
      `${type} ${says ? (to.startsWith('[') ? 'ip6 ' : 'ip ') : ''}to ${to}${port.text}${flags.text}`,
      () =>
        TRANSLATE[type](
          `${to.includes(']-') ? `[${to.replace(/[[\]]/g, '')}]` : to}${port.text}`,
          flags.ours,
        ),
    ),
  )
const prefixes = (type: 'dnat' | 'snat'): Parts =>
  oneof(
    fixed(`${type} to :8080`, () => TRANSLATE[type](':8080')),
    fixed(`${type} ip prefix to 10.2.0.0/24`, () => TRANSLATE[type]('10.2.0.0/24')),
    fixed(`${type} ip6 prefix to 2001:db8::/64`, () => TRANSLATE[type]('2001:db8::/64')),
    fixed(`${type} ip to ip saddr map { 10.0.0.1 : 10.0.0.2, 10.0.0.3 : 10.0.0.4 }`, () =>
      TRANSLATE[type](
        nft.ip.saddr.map(
          [
            ['10.0.0.1', '10.0.0.2'],
            ['10.0.0.3', '10.0.0.4'],
          ],
          'ipv4_addr',
        ),
      ),
    ),
    fixed(`${type} ip to tcp dport map { 80-90 : 10.0.0.2 . 8080 }`, () =>
      TRANSLATE[type](nft.tcp.dport.map([['80-90', ['10.0.0.2', 8080]]], ['ipv4_addr', 'inet_service'])),
    ),
    fixed(`${type} ip6 to ip6 saddr map { 2001:db8::1 : 2001:db8::2 }`, () =>
      TRANSLATE[type](nft.ip6.saddr.map([['2001:db8::1', '2001:db8::2']], 'ipv6_addr')),
    ),
    fixed(`${type} ip prefix to ip daddr map { 10.1.0.0/24 : 10.2.0.0/24 }`, () =>
      TRANSLATE[type](nft.ip.daddr.map([['10.1.0.0/24', '10.2.0.0/24']], 'ipv4_addr')),
    ),
    fixed(`${type} ip to symhash mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }`, () =>
      TRANSLATE[type](
        nft.symhash({ modulus: 2 }).map(
          [
            [0, '10.0.0.1'],
            [1, '10.0.0.2'],
          ],
          'ipv4_addr',
        ),
      ),
    ),
  )
export const NATS: Parts = oneof(
  translations('dnat'),
  translations('snat'),
  prefixes('dnat'),
  prefixes('snat'),
  tuple(portOf, natFlags).map(([port, flags]) =>
    part(`masquerade${port.text === '' ? '' : ` to ${port.text}`}${flags.text}`, () =>
      nft.masq({ ...(port.text !== '' && { ports: port.ours }), ...flags.ours }),
    ),
  ),
  tuple(portOf, natFlags).map(([port, flags]) =>
    part(`redirect${port.text === '' ? '' : ` to ${port.text}`}${flags.text}`, () =>
      nft.redirect({ ...(port.text !== '' && { to: port.ours }), ...flags.ours }),
    ),
  ),
)

/** What can be written, with the values of it. */
export const WRITABLE = FIELDS.filter(({ ours }) => 'set' in ours)
export function writes(field: Field): Parts {
  const { text, values } = field
  return values.single.map((it) => part(`${text} set ${it.text}`, () => ANY(field).set(it.ours)))
}
const MARKS = ['meta mark', 'ct mark'] as const
const markOf = (name: (typeof MARKS)[number]) => (name === 'meta mark' ? nft.meta.mark : nft.ct.mark)
export const marks: Parts = oneof(
  tuple(one(...MARKS), one(...MARKS), fc.nat(0xffff), fc.nat(0xffff)).chain(([to, from, a, b]) =>
    one(
      part(`${to} set ${from}`, () => markOf(to).set(markOf(from))),
      part(`${to} set ${from} & ${a}`, () => markOf(to).set(markOf(from).mask(a))),
      part(`${to} set ${from} | ${a}`, () => markOf(to).set(markOf(from).or(a))),
      part(`${to} set ${from} ^ ${a}`, () => markOf(to).set(markOf(from).xor(a))),
      part(`${to} set ${from} & ${a} | ${b}`, () => markOf(to).set(markOf(from).mask(a).or(b))),
      part(`${to} set ${from} & ${a} ^ ${b}`, () => markOf(to).set(markOf(from).mask(a).xor(b))),
      part(`${to} set ${from} << ${(a % 31) + 1}`, () => markOf(to).set(markOf(from).lshift((a % 31) + 1))),
      part(`${to} set ${from} >> ${(a % 31) + 1}`, () => markOf(to).set(markOf(from).rshift((a % 31) + 1))),
      part(`${to} set (${from} | ${a}) ^ ${b}`, () => markOf(to).set(markOf(from).or(a).xor(b))),
      part(`${to} set (${from} ^ ${a}) & ${b}`, () => markOf(to).set(markOf(from).xor(a).mask(b))),
      part(`${to} set ((${from} & ${a}) | ${b}) << 5`, () =>
        markOf(to).set(markOf(from).mask(a).or(b).lshift(5)),
      ),
      part(`${to} set ${from} << ${(a % 31) + 1} | ${b}`, () =>
        markOf(to).set(
          markOf(from)
            .lshift((a % 31) + 1)
            .or(b),
        ),
      ),
    ),
  ),
)
/** What a field has, or what maps have for it, as a mark. */
export function marksOf(field: Field, sets: boolean): Parts {
  const { text, values } = field
  const ours = ANY(field)
  const some: Parts[] = [
    // nft(8) takes numbers of packets as they lie there, ours as the numbers that they are.
    ...(ours.source.type.order === 'host' && values.type === undefined
      ? [fixed(`meta mark set ${text}`, () => nft.meta.mark.set(ours))]
      : []),
    keyed(intervals(values)).map((all) =>
      part(`ct mark set ${text} map { ${all.map((it, i) => `${it.text} : ${i}`).join(', ')} }`, () =>
        nft.ct.mark.set(ours.map(all.map((it, i) => [it.ours, i]))),
      ),
    ),
  ]
  if (sets && values.type !== undefined && SET_TYPES.includes(values.type)) {
    const { type } = values
    some.push(
      fixed(`meta mark set ${text} map @m_${type}`, () => nft.meta.mark.set(ours.map(nft.set(`m_${type}`)))),
      tuple(
        one('add', 'update', 'delete'),
        fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }),
        fc.boolean(),
      ).map(([op, timeout, counts]) => {
        const timed = op === 'delete' ? undefined : timeout
        const counted = op !== 'delete' && counts
        const options = {
          ...(timed !== undefined && { timeout: timed * 1000 }),
          ...(counted && { expressions: nft.stateful(nft.counter()) }),
        }
        const set = nft.set(`d_${type}`)
        return part(
          `${op} @d_${type} { ${text}${timed === undefined ? '' : ` timeout ${timed}s`}${counted ? ' counter' : ''} }`,
          () =>
            op === 'add'
              ? nft.addElement(set, ours, options)
              : op === 'update'
                ? nft.updateElement(set, ours, options)
                : nft.deleteElement(set, ours),
        )
      }),
    )
  }
  return oneof(...some)
}

export const OTHERS: Parts = oneof(
  fixed('counter', () => nft.counter()),
  tuple(fc.nat(1000), fc.nat(100_000)).map(([packets, bytes]) =>
    part(`counter packets ${packets} bytes ${bytes}`, () => nft.counter({ packets, bytes })),
  ),
  limits,
  byteLimits,
  logs,
  tuple(fc.integer({ min: 1, max: 1000 }), fc.boolean()).map(([size, over]) =>
    part(`quota ${over ? 'over ' : ''}${size} mbytes`, () => nft.quota({ bytes: size * 1048576, over })),
  ),
  tuple(fc.nat(100), fc.boolean()).map(([count, over]) =>
    part(`ct count ${over ? 'over ' : ''}${count}`, () => nft.connectionLimit(count, { over })),
  ),
  fixed('notrack', () => nft.notrack()),
  rejects,
  tuple(fc.nat(10), fc.nat(3), fc.boolean(), fc.boolean()).map(([num, more, bypass, fanout]) => {
    const flags = [...(bypass ? ['bypass'] : []), ...(fanout ? ['fanout'] : [])].join(',')
    return part(
      `queue${flags === '' ? '' : ` flags ${flags}`} to ${num}${more === 0 ? '' : `-${num + more}`}`,
      () => nft.queue({ num, total: more + 1, bypass, fanout }),
    )
  }),
  fixed('dup to 10.0.0.1 device "eth1"', () => nft.dup({ address: '10.0.0.1', dev: 'eth1' })),
  fixed('dup to 2001:db8::1', () => nft.dup({ address: '2001:db8::1' })),
  fixed('dup to "eth1"', () => nft.dup({ dev: 'eth1' })),
  fixed('fwd to "eth1"', () => nft.fwd('eth1')),
  fixed('fwd ip to 10.0.0.1 device "eth1"', () => nft.fwd('eth1', { address: '10.0.0.1' })),
  fixed('tproxy to :8080', () => nft.tproxy(':8080')),
  fixed('tproxy ip to 127.0.0.1:8080', () => nft.tproxy('127.0.0.1:8080')),
  fixed('tproxy ip6 to [::1]', () => nft.tproxy('[::1]')),
  fixed('synproxy mss 1460 wscale 7 timestamp sack-perm', () =>
    nft.synproxy({ mss: 1460, wscale: 7, timestamp: true, sackPerm: true }),
  ),
  fixed('reset tcp option sack-perm', () => nft.resetTcpOption('sack-perm')),
  fixed('tcp option maxseg size set rt mtu', () => nft.tcpOptions.maxseg.set(nft.routeMss)),
  fixed('exthdr frag exists', () => nft.extensionHeader('frag')),
  fixed('exthdr hbh missing', () => nft.extensionHeader('hbh', false)),
  fixed('tcp option sack-perm missing', () => nft.tcpOption('sack-perm', false)),
  fixed('ip option lsrr exists', () => nft.ipOption('lsrr')),
  fixed('sctp chunk data exists', () => nft.sctpChunk('data')),
  fixed('jump { ip saddr 10.0.0.1 accept; drop; }', () =>
    nft.jump([nft.rule(nft.ip.saddr('10.0.0.1'), nft.accept()), nft.rule(nft.drop())]),
  ),
)
