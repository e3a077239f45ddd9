/**
 * What the builder keeps with the set of a rule for nft(8), of which fields its keys are: the same as nft does itself, for every field that
 * nft has, so that it lists the keys as what they are.
 */

import { describe, expect, it } from 'vitest'
import type { Selector } from '../../src/nftables/builder/selector.js'
import { plainOf } from '../../src/nftables/builder/source.js'
import { originOf } from '../../src/nftables/builder/typeof.js'
import { recordsOf } from '../../src/nftables/userdata.js'
import * as nft from '../../src/nftables-sync.js'
import { needNftables } from './needs.js'
import { FIELDS } from './nft-fields.js'
import { nftIn } from './nft-support.js'
import { hasTool, withNetns } from './support.js'

needNftables()

const { concat, ct, dnat, ether, ip, meta, numgen, rule, tcp, vlan } = nft

type List = readonly [text: string, key: readonly Selector[], ...tuples: (readonly (number | string)[])[]]

/** As nft lists them. */
const SHOWN: readonly { readonly family: 'bridge' | 'inet'; readonly lists: readonly List[] }[] = [
  {
    family: 'bridge',
    lists: [
      [
        'ether saddr . vlan id { 02:00:00:00:00:01 . 5, 02:00:00:00:00:02 . 4095 }',
        [ether.saddr, vlan.id],
        ['02:00:00:00:00:01', 5],
        ['02:00:00:00:00:02', 4095],
      ],
    ],
  },
  {
    family: 'inet',
    lists: [
      [
        'ip length . ip saddr { 40-44 . 10.0.0.0/8, 50 . 192.0.2.1 }',
        [ip.length, ip.saddr],
        ['40-44', '10.0.0.0/8'],
        [50, '192.0.2.1'],
      ],
      [
        'numgen random mod 4 . tcp dport { 1 . 22, 2 . 80 }',
        [numgen('random', 4), tcp.dport],
        [1, 22],
        [2, 80],
      ],
      ['ip ttl . tcp sequence { 1 . 22, 2 . 80 }', [ip.ttl, tcp.sequence], [1, 22], [2, 80]],
      ['ct bytes . ip saddr { 5-10 . 10.0.0.0/8 }', [ct.bytes, ip.saddr], ['5-10', '10.0.0.0/8']],
      ['ct helper . tcp dport { "ftp" . 22, "sip" . 80 }', [ct.helper, tcp.dport], ['ftp', 22], ['sip', 80]],
      [
        'osf name . tcp dport { "Linux" . 22, "Windows" . 80 }',
        [nft.osf('name'), tcp.dport],
        ['Linux', 22],
        ['Windows', 80],
      ],
    ],
  },
]

const inT = { family: 'inet', table: 't' } as const
const TRANSLATING = { type: 'nat', hook: 'prerouting', priority: 'dstnat' } as const
const KEY_TYPEOF = 3

describe.skipIf(!hasTool('nft'))('fields of keys', () => {
  it('have the numbers that nft has', () =>
    withNetns((netns) => {
      const sets = FIELDS.map(([, text], i) => `set s${i} { typeof ${text} . tcp dport; }`)
      nftIn(netns, `table inet t {\n${sets.join('\n')}\n}`)
      const theirs = new Map(nft.listSets({ netns }).map(({ name, userdata }) => [name, userdata!]))
      const of = (records: readonly { type: number; value: Uint8Array }[]) =>
        records
          .filter(({ type }) => type === KEY_TYPEOF)
          .map(({ value }) => Buffer.from(value).toString('hex'))
      const differ = FIELDS.flatMap(([field, text], i) => {
        const sources = [field, tcp.dport].map(({ source }) => plainOf(source))
        const ours = of(originOf(sources, null))
        const their = of(recordsOf(theirs.get(`s${i}`)!))
        return their.length === 1 && ours[0] === their[0] ? [] : [{ text, ours, their }]
      })
      expect(differ).toEqual([])
      expect(FIELDS.length).toBeGreaterThan(250)
    }))

  it.each(SHOWN)(
    'show their values in family $family, also those of types without a length and several of them',
    ({ family, lists }) =>
      withNetns((netns) => {
        nft.transaction(
          (tx) => {
            tx.addTable({ family, name: 't' })
            tx.addChain({ family, table: 't', name: 'c' })
            for (const [, key, ...tuples] of lists)
              tx.addRule({ family, table: 't', chain: 'c', rule: rule(concat(...key)(tuples)) })
          },
          { netns },
        )
        const listed = nftIn(netns, 'list ruleset')
        const shown = listed.split('\n').map((line) => line.trim())
        expect(shown.filter((line) => line.includes(' . '))).toEqual(lists.map(([text]) => text))
      }),
  )

  it('show maps of them, too', () =>
    withNetns((netns) => {
      const key = concat(ip.length, tcp.dport)
      const numbers = concat(numgen('random', 4), tcp.dport)
      const maps: readonly (readonly [ReturnType<typeof rule>, string])[] = [
        [
          rule(meta.mark.set(key.map([...pairs(7, 8)]))),
          'meta mark set ip length . tcp dport map { 5 . 80 : 0x00000007, 6 . 81 : 0x00000008 }',
        ],
        [
          rule(key.vmap([...pairs('accept', 'drop')])),
          'ip length . tcp dport vmap { 5 . 80 : accept, 6 . 81 : drop }',
        ],
        [
          rule(dnat(key.map([...pairs('10.0.0.1', '10.0.0.2')], 'ipv4_addr'))),
          'dnat ip to ip length . tcp dport map { 5 . 80 : 10.0.0.1, 6 . 81 : 10.0.0.2 }',
        ],
        [
          rule(
            dnat(
              numbers.map([...pairs(['10.0.0.1', 8080], ['10.0.0.2', 8081])], ['ipv4_addr', 'inet_service']),
            ),
          ),
          'dnat ip to numgen random mod 4 . tcp dport map { 5 . 80 : 10.0.0.1 . 8080, 6 . 81 : 10.0.0.2 . 8081 }',
        ],
      ]
      nft.transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't' })
          tx.addChain({ ...inT, ...TRANSLATING, name: 'c' })
          for (const [one] of maps) tx.addRule({ ...inT, chain: 'c', rule: one })
        },
        { netns },
      )
      const shown = nftIn(netns, 'list ruleset')
        .split('\n')
        .map((line) => line.trim())
      expect(shown.filter((line) => line.includes(' map {') || line.includes(' vmap {'))).toEqual(
        maps.map(([, text]) => text),
      )
    }))
})

function pairs<const T>(first: T, second: T): [[number, number], T][] {
  return [
    [[5, 80], first],
    [[6, 81], second],
  ]
}
