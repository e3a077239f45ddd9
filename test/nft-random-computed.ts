/** More of what rules do, at random: what is computed, or out of a map, as a mark, a port, an address or a device. */

import fc from 'fast-check'
import * as nft from '../src/nftables/public.js'
import { fixed, keyed, type Parts, part } from './nft-random-matches.js'
import { mappedTo, numberPair } from './nft-random-more.js'
import type { Pairs } from './nft-random-values.js'

const { constantFrom: one, oneof, tuple } = fc

/** What gives a number. */
const NUMBERS: Pairs<nft.Selector> = oneof(
  tuple(one('inc', 'random'), fc.integer({ min: 1, max: 50 }), fc.nat(20)).map(([type, mod, offset]) => ({
    text: `numgen ${type} mod ${mod}${offset === 0 ? '' : ` offset ${offset}`}`,
    ours: nft.numgen(type === 'inc' ? 'incremental' : 'random', mod, offset),
  })),
  tuple(fc.integer({ min: 2, max: 50 }), fc.nat(20), fc.nat(3)).map(([modulus, offset, seed]) => ({
    text: `jhash ip saddr . tcp dport mod ${modulus}${seed === 0 ? '' : ` seed ${seed}`}${offset === 0 ? '' : ` offset ${offset}`}`,
    ours: nft.jhash(nft.concat(nft.ip.saddr, nft.tcp.dport), { modulus, offset, ...(seed > 0 && { seed }) }),
  })),
  tuple(fc.integer({ min: 2, max: 50 }), fc.nat(20)).map(([modulus, offset]) => ({
    text: `symhash mod ${modulus}${offset === 0 ? '' : ` offset ${offset}`}`,
    ours: nft.symhash({ modulus, offset }),
  })),
)
/** A map from one of them to ports. */
const PORTS: Pairs<nft.Expr> = oneof(
  tuple(NUMBERS, keyed(fc.nat(9).map(numberPair))).map(([of, all]) => ({
    text: `${of.text} map ${mappedTo(all, (i) => 8000 + i)}`,
    ours: of.ours.map(
      all.map((it, i) => [it.ours, 8000 + i]),
      'inet_service',
    ),
  })),
  fc.constant({
    text: 'tcp dport map { 22 : 2222, 80-90 : 8080 }',
    ours: nft.tcp.dport.map(
      [
        [22, 2222],
        ['80-90', 8080],
      ],
      'inet_service',
    ),
  }),
  fc.constant({ text: 'ip saddr map @to_port', ours: nft.ip.saddr.map(nft.set('to_port'), 'inet_service') }),
)

const TRANSLATE = { dnat: nft.dnat, snat: nft.snat }
/** Where packets go by maps. */
export const MORE_NATS: Parts = oneof(
  PORTS.map(({ text, ours }) => part(`redirect to :${text}`, () => nft.redirect({ to: ours }))),
  PORTS.map(({ text, ours }) => part(`masquerade to :${text}`, () => nft.masq({ ports: ours }))),
  tuple(one('dnat' as const, 'snat' as const), PORTS, one('10.0.0.1', '10.0.0.1-10.0.0.9')).map(
    ([type, { text, ours }, to]) =>
      part(`${type} ip to ${to}:${text}`, () => TRANSLATE[type](to, { port: ours })),
  ),
  one('dnat' as const, 'snat' as const).chain((type) =>
    oneof(
      fixed(`${type} ip to ip saddr map @to_addr`, () =>
        TRANSLATE[type](nft.ip.saddr.map(nft.set('to_addr'), 'ipv4_addr')),
      ),
      fixed(`${type} ip6 to ip6 saddr map @to_addr6`, () =>
        TRANSLATE[type](nft.ip6.saddr.map(nft.set('to_addr6'), 'ipv6_addr')),
      ),
      fixed(`${type} ip to ip saddr map @to_both`, () =>
        TRANSLATE[type](nft.ip.saddr.map(nft.set('to_both'), ['ipv4_addr', 'inet_service'])),
      ),
      fixed(`${type} ip to ip saddr map @to_range`, () =>
        TRANSLATE[type](nft.ip.saddr.map(nft.set('to_range'))),
      ),
      fixed(
        `${type} ip to ip saddr map { 10.0.0.1 : 10.1.0.1-10.1.0.9, 10.0.0.5-10.0.0.7 : 10.2.0.1-10.2.0.2 }`,
        () =>
          TRANSLATE[type](
            nft.ip.saddr.map(
              [
                ['10.0.0.1', '10.1.0.1-10.1.0.9'],
                ['10.0.0.5-10.0.0.7', '10.2.0.1-10.2.0.2'],
              ],
              'ipv4_addr',
            ),
          ),
      ),
      fixed(`${type} ip to ip saddr . tcp dport map { 10.0.0.1 . 80 : 10.1.0.1 . 8080-8090 }`, () =>
        TRANSLATE[type](
          nft.concat(nft.ip.saddr, nft.tcp.dport).map(
            [
              [
                ['10.0.0.1', 80],
                ['10.1.0.1', '8080-8090'],
              ],
            ],
            ['ipv4_addr', 'inet_service'],
          ),
        ),
      ),
      NUMBERS.map(({ text, ours }) =>
        part(`${type} ip to ${text} map { 0-3 : 10.0.0.1, 4 : 10.0.0.2 }`, () =>
          TRANSLATE[type](
            ours.map(
              [
                ['0-3', '10.0.0.1'],
                [4, '10.0.0.2'],
              ],
              'ipv4_addr',
            ),
          ),
        ),
      ),
    ),
  ),
)

const LOG_FLAGS = [
  ['tcp sequence,options', ['tcpseq', 'tcpopt']],
  ['tcp sequence', ['tcpseq']],
  ['ip options', ['ipopt']],
  ['skuid', ['uid']],
  ['ether', ['macdecode']],
] as const
const logs: Parts = oneof(
  fc
    .subarray([...LOG_FLAGS], { minLength: 1 })
    .map((all) =>
      part(`log ${all.map(([text]) => `flags ${text}`).join(' ')}`, () =>
        nft.log({ flags: [...new Set(all.flatMap(([, flags]) => [...flags]))] }),
      ),
    ),
  tuple(fc.nat(65535), fc.nat(65535)).map(([group, queueThreshold]) =>
    part(`log group ${group} queue-threshold ${queueThreshold}`, () => nft.log({ group, queueThreshold })),
  ),
  fixed('log level audit', () => nft.log({ level: 'audit' })),
)
/** Values that one field has of another, or of a map. */
const COPIES: readonly (readonly [string, nft.Settable, string, nft.Selector])[] = [
  ['ip saddr', nft.ip.saddr, 'ip daddr', nft.ip.daddr],
  ['tcp dport', nft.tcp.dport, 'tcp sport', nft.tcp.sport],
  ['ether saddr', nft.ether.saddr, 'ether daddr', nft.ether.daddr],
  ['ip6 daddr', nft.ip6.daddr, 'ip6 saddr', nft.ip6.saddr],
  ['ip ttl', nft.ip.ttl, 'ip protocol', nft.ip.protocol],
  ['ct zone', nft.ct.zone, 'meta mark', nft.meta.mark],
  ['ct zone', nft.ct.zone, 'ct mark', nft.ct.mark],
  ['meta mark', nft.meta.mark, 'meta skuid', nft.meta.skuid],
  ['ct mark', nft.ct.mark, 'meta cpu', nft.meta.cpu],
  ['meta priority', nft.meta.priority, 'meta mark', nft.meta.mark],
  ['ct secmark', nft.ct.secmark, 'meta secmark', nft.meta.secmark],
  ['meta secmark', nft.meta.secmark, 'ct secmark', nft.ct.secmark],
]
const sets: Parts = oneof(
  one(...COPIES).map(([to, ours, from, of]) => part(`${to} set ${from}`, () => ours.set(of))),
  NUMBERS.chain(({ text, ours }) =>
    oneof(
      fixed(`meta mark set ${text}`, () => nft.meta.mark.set(ours)),
      fixed(`ct mark set ${text}`, () => nft.ct.mark.set(ours)),
      fixed(`ct zone set ${text} map { 0 : 5, 1-4 : 7 }`, () =>
        nft.ct.zone.set(
          ours.map([
            [0, 5],
            ['1-4', 7],
          ]),
        ),
      ),
      fixed(`meta priority set ${text} map { 0 : 1:2, 1-4 : 1:3 }`, () =>
        nft.meta.priority.set(
          ours.map([
            [0, '1:2'],
            ['1-4', '1:3'],
          ]),
        ),
      ),
      fixed(`tcp dport set ${text} map { 0 : 80, 1-4 : 81 }`, () =>
        nft.tcp.dport.set(
          ours.map([
            [0, 80],
            ['1-4', 81],
          ]),
        ),
      ),
    ),
  ),
  fixed('ip daddr set ip saddr map @to_addr', () => nft.ip.daddr.set(nft.ip.saddr.map(nft.set('to_addr')))),
  fixed('ether daddr set ip saddr map @to_mac', () =>
    nft.ether.daddr.set(nft.ip.saddr.map(nft.set('to_mac'))),
  ),
  fixed('ether saddr set ip saddr map { 10.0.0.1 : 02:00:00:00:00:01 }', () =>
    nft.ether.saddr.set(nft.ip.saddr.map([['10.0.0.1', '02:00:00:00:00:01']])),
  ),
  fixed('meta nftrace set 1', () => nft.meta.nftrace.set(1)),
  fc
    .subarray(['new', 'related', 'destroy', 'reply', 'assured', 'label'], { minLength: 1 })
    .map((all) => part(`ct event set ${all.join(',')}`, () => nft.ct.event.set(all.join('|')))),
  fc.nat(127).map((bit) => part(`ct label set ${bit}`, () => nft.ct.label.set(bit))),
)

/** Statements of any chain. */
export const MORE: Parts = oneof(
  { arbitrary: sets, weight: 3 },
  logs,
  NUMBERS.map(({ text, ours }) => part(`queue to ${text}`, () => nft.queue({ to: ours }))),
  NUMBERS.map(({ text, ours }) =>
    part(`queue flags bypass to ${text} map { 0 : 5, 1-4 : 7 }`, () =>
      nft.queue({
        to: ours.map([
          [0, 5],
          ['1-4', 7],
        ]),
        bypass: true,
      }),
    ),
  ),
  PORTS.map(({ text, ours }) =>
    part(`tproxy ip to 127.0.0.1:${text}`, () => nft.tproxy({ address: '127.0.0.1', port: ours })),
  ),
  PORTS.map(({ text, ours }) => part(`tproxy to :${text}`, () => nft.tproxy({ port: ours }))),
  fixed('dup to ip saddr map { 10.0.0.1 : 10.0.0.2 } device "eth1"', () =>
    nft.dup({ address: nft.ip.saddr.map([['10.0.0.1', '10.0.0.2']], 'ipv4_addr'), dev: 'eth1' }),
  ),
  fixed('dup to ip saddr map @to_addr', () =>
    nft.dup({ address: nft.ip.saddr.map(nft.set('to_addr'), 'ipv4_addr') }),
  ),
  fixed('dup to numgen inc mod 2 map { 0 : "eth0", 1 : "eth1" }', () =>
    nft.dup({
      dev: nft.numgen('incremental', 2).map(
        [
          [0, 'eth0'],
          [1, 'eth1'],
        ],
        'iface_index',
      ),
    }),
  ),
  fixed('fwd to meta mark map { 1 : "eth0", 2 : "eth1" }', () =>
    nft.fwd(
      nft.meta.mark.map(
        [
          [1, 'eth0'],
          [2, 'eth1'],
        ],
        'iface_index',
      ),
    ),
  ),
  tuple(fc.integer({ min: 1000, max: 9000 }), fc.nat(1000), fc.boolean()).map(([bytes, used, over]) =>
    part(`quota ${over ? 'over ' : ''}${bytes + 1} bytes used ${used} bytes`, () =>
      nft.quota({ bytes: bytes + 1, used, over }),
    ),
  ),
  tuple(fc.integer({ min: 1, max: 4000 }), one('second', 'minute', 'hour', 'day', 'week'), fc.nat(100)).map(
    ([rate, per, burst]) =>
      part(`limit rate ${rate} mbytes/${per}${burst === 0 ? '' : ` burst ${burst} mbytes`}`, () =>
        nft.limit({
          ...{ rate: rate * 1048576, unit: 'bytes', per: per as 'second' },
          ...(burst > 0 && { burst: burst * 1048576 }),
        }),
      ),
  ),
)
