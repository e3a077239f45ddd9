/** Sets and maps with a name that are of fields (`typeof` of nft): made here and listed by nft, made by nft and read here. */

import { describe, expect, it } from 'vitest'
import { plainOf } from '../../src/nftables/builder/source.js'
import { recordsOf } from '../../src/nftables/userdata.js'
import * as nft from '../../src/nftables-sync.js'
import { needNftables } from './needs.js'
import { FIELDS } from './nft-fields.js'
import { again, NFT_FACES, nftIn, nftJson, plainRuleset } from './nft-support.js'
import { execIn, hasTool, withNetns } from './support.js'

needNftables()

const {
  concat,
  counter,
  ct,
  ether,
  icmp,
  ip,
  ip6,
  ipsec,
  meta,
  numgen,
  payload,
  rule,
  set,
  symhash,
  tcp,
  tcpOptions,
  vlan,
} = nft

const inT = { family: 'inet', table: 't' } as const
const inS = { ...inT, set: 's' } as const

/** Of another type than nft has, which takes them for bits or numbers, or has none itself. */
const OTHER_TYPE =
  /^(comp flags|icmp gateway|igmp group|ip option \w+ addr|ct (original|reply) proto-(src|dst)|fib .*oifname)$/
/** One byte, which has no order; nft tells that of packets. */
const OTHER_ORDER = /^ct (original |reply )?protocol$/
/** nft has another type for it, and no name is made of what it is of. */
const UNNAMED = /^fib .*oifname$/
/** KEY_BYTEORDER */
const ORDER = 0

type Elements = nft.NftElementsInput['elements']
interface Case {
  readonly made: Pick<nft.NftSetInput, 'type' | 'map' | 'flags' | 'comment'>
  readonly elements: Elements
  /** As nft writes it. */
  readonly text: string
  /** As it is listed here. */
  readonly type: nft.NftSet['type']
  readonly map?: nft.NftSet['map']
}

const INTERVAL = { flags: ['interval'] } as const
const CASES: readonly Case[] = [
  {
    made: { type: vlan.id },
    elements: [5, 4095],
    text: 'typeof vlan id\nelements = { 5, 4095 }',
    type: 'vlan.id',
  },
  {
    made: { type: [ip.saddr, vlan.id], ...INTERVAL },
    elements: [['10.0.0.0/8', '5-10']],
    text: 'typeof ip saddr . vlan id\nflags interval\nelements = { 10.0.0.0/8 . 5-10 }',
    type: ['ip.saddr', 'vlan.id'],
  },
  {
    made: { type: [vlan.pcp, ip.dscp] },
    elements: [[7, 'cs1']],
    text: 'typeof vlan pcp . ip dscp\nelements = { 7 . cs1 }',
    type: ['vlan.pcp', 'ip.dscp'],
  },
  {
    made: { type: ip6.flowlabel },
    elements: [0x12345],
    text: 'typeof ip6 flowlabel\nelements = { 74565 }',
    type: 'ip6.flowlabel',
  },
  { made: { type: ip.dscp }, elements: ['cs1'], text: 'typeof ip dscp\nelements = { cs1 }', type: 'dscp' },
  {
    made: { type: meta.length, ...INTERVAL },
    elements: ['100-200', 500],
    text: 'typeof meta length\nflags interval\nelements = { 100-200, 500 }',
    type: 'meta.length',
  },
  {
    made: { type: ct.bytes, ...INTERVAL },
    elements: [7, { key: { from: 1000, to: '18446744073709551615' } }],
    text: 'typeof ct bytes\nflags interval\nelements = { 7, 1000-18446744073709551615 }',
    type: 'ct.bytes',
  },
  {
    made: { type: [ct.original.bytes, tcpOptions.mptcp.subtype] },
    elements: [[9_007_199_254_740_991, 3]],
    text: 'typeof ct original bytes . tcp option mptcp subtype\nelements = { 9007199254740991 . 3 }',
    type: ['ct.original.bytes', 'tcpOptions.mptcp.subtype'],
  },
  {
    made: { type: ct.helper, comment: 'of helpers' },
    elements: ['ftp'],
    text: 'typeof ct helper\ncomment "of helpers"\nelements = { "ftp" }',
    type: 'ct.helper',
  },
  {
    made: { type: meta.hour },
    elements: [61_200],
    text: 'typeof meta hour\nelements = { "17:00" }',
    type: 'meta.hour',
  },
  {
    made: { type: meta.time },
    elements: [1_780_765_200],
    text: 'typeof meta time\nelements = { "2026-06-06 17:00:00" }',
    type: 'meta.time',
  },
  {
    made: { type: tcp.flags },
    elements: ['syn', 'fin|ack'],
    text: 'typeof tcp flags\nelements = { fin | ack, syn }',
    type: 'tcp_flag',
  },
  {
    made: { type: vlan.id, map: meta.length },
    elements: [{ key: 5, value: 9 }],
    text: 'typeof vlan id : meta length\nelements = { 5 : 9 }',
    type: 'vlan.id',
    map: 'meta.length',
  },
  {
    made: { type: ip.saddr, map: ip.length },
    elements: [{ key: '10.0.0.1', value: 9 }],
    text: 'typeof ip saddr : ip length\nelements = { 10.0.0.1 : 9 }',
    type: 'ip.saddr',
    map: 'ip.length',
  },
  {
    made: { type: ip.saddr, map: [ip.daddr, tcp.dport] },
    elements: [{ key: '10.0.0.1', value: ['192.0.2.1', 9] }],
    text: 'typeof ip saddr : ip daddr . tcp dport\nelements = { 10.0.0.1 : 192.0.2.1 . 9 }',
    type: 'ipv4_addr',
    map: ['ipv4_addr', 'inet_service'],
  },
  {
    made: { type: [ether.saddr, vlan.id], map: 'verdict' },
    elements: [{ key: ['02:00:00:00:00:01', 5], value: 'drop' }],
    text: 'typeof ether saddr . vlan id : verdict\nelements = { 02:00:00:00:00:01 . 5 : drop }',
    type: ['ether.saddr', 'vlan.id'],
    map: 'verdict',
  },
  {
    made: { type: numgen('random', 16, 3) },
    elements: [4, 18],
    text: 'typeof numgen random mod 16 offset 3\nelements = { 4, 18 }',
    type: 'numgen.random.16.3',
  },
  {
    made: { type: [numgen('incremental', 4), ip.saddr], map: 'verdict' },
    elements: [{ key: [2, '10.0.0.1'], value: 'drop' }],
    text: 'typeof numgen inc mod 4 . ip saddr : verdict\nelements = { 2 . 10.0.0.1 : drop }',
    type: ['numgen.incremental.4.0', 'ip.saddr'],
    map: 'verdict',
  },
  {
    made: { type: symhash({ modulus: 8, offset: 2 }), ...INTERVAL },
    elements: ['2-5', 7],
    text: 'typeof symhash mod 8 offset 2\nflags interval\nelements = { 2-5, 7 }',
    type: 'symhash.8.2',
  },
  {
    made: { type: ipsec('in', 1).reqid },
    elements: [5, 70_000],
    text: 'typeof ipsec in spnum 1 reqid\nelements = { 5, 70000 }',
    type: 'ipsec.in.1.reqid',
  },
  {
    made: { type: ['ip.daddr', 'ipsec.out.0.spi'] },
    elements: [['10.0.0.1', 0x1234]],
    text: 'typeof ip daddr . ipsec out spi\nelements = { 10.0.0.1 . 4660 }',
    type: ['ip.daddr', 'ipsec.out.0.spi'],
  },
  {
    made: { type: payload('network-header', 1, 1) },
    elements: [3, 255],
    text: 'typeof @nh,8,8\nelements = { 0x3, 0xff }',
    type: 'payload.network-header.1.1',
  },
  {
    made: { type: [payload('transport-header', 0, 4), ip.saddr] },
    elements: [[0x12340050, '10.0.0.1']],
    text: 'typeof @th,0,32 . ip saddr\nelements = { 0x12340050 . 10.0.0.1 }',
    type: ['payload.transport-header.0.4', 'ip.saddr'],
  },
  {
    made: { type: payload('transport-header', 8, 8) },
    elements: ['0x4745542068747470', 5],
    text: 'typeof @th,64,64\nelements = { 0x5, 0x4745542068747470 }',
    type: 'payload.transport-header.8.8',
  },
  {
    made: { type: ip.saddr, map: payload('transport-header', 4, 2) },
    elements: [{ key: '10.0.0.1', value: 80 }],
    text: 'typeof ip saddr : @th,32,16\nelements = { 10.0.0.1 : 0x50 }',
    type: 'ip.saddr',
    map: 'payload.transport-header.4.2',
  },
  {
    made: { type: ['ip.saddr', 'vlan.id'] },
    elements: [['10.0.0.1', 5]],
    text: 'typeof ip saddr . vlan id\nelements = { 10.0.0.1 . 5 }',
    type: ['ip.saddr', 'vlan.id'],
  },
]

/** What nft prints between the braces of the set. */
function shownIn(netns: string): string {
  const lines = nftIn(netns, 'list ruleset')
    .split('\n')
    .map((line) => line.trim())
  return lines.slice(2, lines.indexOf('}')).join('\n')
}

const given = (elements: Elements) =>
  elements.map((one) => {
    const { key, value = null } = (
      typeof one === 'object' && 'key' in one ? one : { key: one }
    ) as nft.NftElement
    return JSON.stringify([key, value])
  })
const listed = (netns: string) =>
  nft.listElements({ ...inS, netns }).map(({ key, value }) => JSON.stringify([key, value]))

function make(netns: string, { made, elements }: Pick<Case, 'made' | 'elements'>): void {
  nft.transaction(
    (tx) => {
      tx.addTable({ family: 'inet', name: 't' })
      tx.addSet({ ...inT, name: 's', ...made }, elements)
    },
    { netns },
  )
}

function makeByNft(netns: string, { made, text }: Pick<Case, 'made' | 'text'>): void {
  nftIn(netns, `table inet t {\n${made.map == null ? 'set' : 'map'} s {\n${text}\n}\n}`, ['-T'])
}

// nft(8) reads and prints times in the time zone of the machine.
process.env['TZ'] = 'UTC'

describe.skipIf(!hasTool('nft'))('sets of fields', () => {
  it('are what nft makes of each', () =>
    withNetns((netns) => {
      const taken = FIELDS.filter(([, text]) => text !== 'ct label')
      const both = taken.map(([, text], i) => `set theirs${i} { typeof ${text}; }`)
      nftIn(netns, `table inet t {\n${both.join('\n')}\n}`)
      nft.transaction(
        (tx) => {
          for (const [i, [type]] of taken.entries()) tx.addSet({ ...inT, name: `ours${i}`, type })
        },
        { netns },
      )
      const sets = new Map(nft.listSets({ netns }).map((one) => [one.name, one]))
      const factsOf = (name: string, text: string) => {
        const { type, keyType, keyLen, userdata } = sets.get(name)!
        const records = recordsOf(userdata!)
          .filter((one) => one.type !== ORDER || !OTHER_ORDER.test(text))
          .map((one) => [one.type, Buffer.from(one.value).toString('hex')])
        const typed = OTHER_TYPE.test(text) ? null : [type, keyType]
        return { text, typed, keyLen, records }
      }
      const differ = taken.flatMap(([, text], i) => {
        const [ours, theirs] = [factsOf(`ours${i}`, text), factsOf(`theirs${i}`, text)]
        return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [{ ours, theirs }]
      })
      expect(differ).toEqual([])
      expect(taken.length).toBeGreaterThan(250)
      const unnamed = taken.filter((_, i) => sets.get(`theirs${i}`)!.type === null)
      const names = unnamed.map(([{ source }]) => plainOf(source).name)
      expect(names.filter((name) => !UNNAMED.test(name))).toEqual([])
    }))

  it.each(CASES)('are shown by nft: $text', (one) =>
    withNetns((netns) => {
      make(netns, one)
      expect(shownIn(netns)).toBe(one.text)
      expect(listed(netns).sort()).toEqual(given(one.elements).sort())
    }),
  )

  it.each(CASES)('are read where nft made them: $text', (one) =>
    withNetns((netns) => {
      makeByNft(netns, one)
      const [found] = nft.listSets({ netns })
      expect([found!.type, found!.map]).toEqual([one.type, one.map ?? null])
      expect(listed(netns).sort()).toEqual(given(one.elements).sort())
      const key = JSON.parse(listed(netns)[0]!)[0]
      expect(nft.getElement({ ...inS, key, netns }).key).toEqual(key)
    }),
  )

  it.each(CASES)('are made again of what is listed: $text', (one) =>
    withNetns((netns) => {
      makeByNft(netns, one)
      const shown = plainRuleset(netns)
      const ruleset = nft.listRuleset({ netns })
      nft.transaction((tx) => again(tx, ruleset), { netns })
      expect(plainRuleset(netns)).toEqual(shown)
    }),
  )

  // nft(8) has no parts of a second, so that it neither makes nor shows these.
  it.each([
    { flags: [], elements: ['1780765200.250000000', '0.000000001', 5] },
    {
      flags: ['interval'],
      elements: [
        { key: { from: 5, to: '5.250000000' } },
        { key: { from: '1780765201.000000001', to: '18446744073.709551615' } },
      ],
    },
  ] as const)(
    'of times with parts of a second are made again of what is listed: $flags',
    ({ flags, elements }) =>
      withNetns((netns) => {
        make(netns, { made: { type: meta.time, flags }, elements })
        const first = listed(netns).sort()
        expect(first).toEqual(given(elements).sort())
        const found = nft.listElements({ ...inS, netns })
        nft.transaction((tx) => tx.deleteElements({ ...inS, elements: found }), { netns })
        expect(listed(netns)).toEqual([])
        nft.transaction((tx) => tx.addElements({ ...inS, elements: found }), { netns })
        expect(listed(netns).sort()).toEqual(first)
      }),
  )

  it('are made of the names that are listed, too, without what nft kept', () =>
    withNetns((netns) => {
      const one = CASES.find(({ map }) => map === 'ip.length')!
      makeByNft(netns, one)
      const [found] = nft.listSets({ netns })
      const elements = nft.listElements({ ...inS, netns })
      nft.transaction(
        (tx) => {
          tx.deleteSet({ ...inT, name: 's' })
          tx.addSet({ ...found!, userdata: null }, elements)
        },
        { netns },
      )
      expect(shownIn(netns)).toBe(one.text)
    }))

  // nft 1.0.6 ends by an assertion of its own where it lists them.
  it.each(['jhash ip saddr mod 7', 'jhash ip saddr . tcp dport mod 7 seed 0x5 offset 3'])(
    'of hashes are read, and made again of their names: %s',
    (text) =>
      withNetns((netns) => {
        makeByNft(netns, { made: {}, text: `typeof ${text} . ip saddr\nelements = { 3 . 10.0.0.1 }` })
        const [found] = nft.listSets({ netns })
        expect(found!.type).toEqual([text.includes('seed') ? 'jhash.7.3.5' : 'jhash.7.0', 'ip.saddr'])
        const elements = nft.listElements({ ...inS, netns })
        expect(elements.map(({ key }) => key)).toEqual([[3, '10.0.0.1']])
        nft.transaction(
          (tx) => {
            tx.deleteSet({ ...inT, name: 's' })
            tx.addSet({ ...found!, userdata: null }, elements)
          },
          { netns },
        )
        const { handle: _, ...rest } = nft.listSets({ netns })[0]!
        expect(found).toMatchObject({ ...rest })
      }),
  )

  it('with objects have them by name', () =>
    withNetns((netns) => {
      make(netns, { made: { type: vlan.id, map: 'counter' }, elements: [] })
      nft.transaction(
        (tx) => {
          tx.addObject({ ...inT, name: 'n', type: 'counter', data: {} })
          tx.addElements({ ...inS, elements: [{ key: 5, object: 'n' }] })
        },
        { netns },
      )
      expect(nft.listElements({ ...inS, netns })).toMatchObject([{ key: 5, object: 'n' }])
      expect(nftJson(netns, 'map')[0]).toMatchObject({ map: 'counter', elem: [[5, 'n']] })
    }))

  it('of values that are ranges are of both', () =>
    withNetns((netns) => {
      makeByNft(netns, {
        made: { map: ip.saddr },
        text: 'typeof vlan id : interval ip saddr\nflags interval\nelements = { 5-6 : 10.0.0.0/24 }',
      })
      expect(nft.listSets({ netns })).toMatchObject([{ type: 'vlan.id', map: 'ip.saddr', mapInterval: true }])
      expect(listed(netns)).toEqual([JSON.stringify(['5-6', '10.0.0.0/24'])])
    }))
})

describe.skipIf(!hasTool('nft')).each(NFT_FACES)('elements of sets of fields ($face)', ({ nft: face }) => {
  it('are added and deleted by the name of the set alone, by nft and here', () =>
    withNetns(async (netns) => {
      makeByNft(netns, { made: {}, text: 'typeof ip saddr . vlan id' })
      await face.transaction((tx) => tx.addElements({ ...inS, elements: [['10.0.0.1', 5]] }), { netns })
      nftIn(netns, 'add element inet t s { 10.0.0.2 . 6, 10.0.0.3 . 7 }')
      await face.transaction((tx) => tx.deleteElements({ ...inS, elements: [['10.0.0.3', 7]] }), { netns })
      nftIn(netns, 'delete element inet t s { 10.0.0.1 . 5 }')
      const elements = await face.listElements({ ...inS, netns })
      expect(elements.map(({ key }) => key)).toEqual([['10.0.0.2', 6]])
      const wrong = () =>
        face.transaction((tx) => tx.addElements({ ...inS, elements: [['10.0.0.2', 4096]] }), { netns })
      await expect((async () => wrong())()).rejects.toThrow(
        'addElements (call 1 of the transaction): elements[0][1]: 4096 is more than 4095',
      )
    }))

  it('are what packets have', () =>
    withNetns(async (netns) => {
      execIn(netns, 'ip', 'link', 'set', 'lo', 'up')
      await face.transaction(
        (tx) => {
          tx.addTable({ family: 'inet', name: 't' })
          tx.addChain({ ...inT, name: 'c', type: 'filter', hook: 'input', priority: 'filter' })
          tx.addSet({ ...inT, name: 's', type: [ip.saddr, ip.length, icmp.sequence], flags: ['interval'] }, [
            ['127.0.0.0/8', '120-130', 1],
          ])
          tx.addSet({ ...inT, name: 'm', type: [meta.length, icmp.type], map: meta.mark }, [
            { key: [128, 'echo-request'], value: 7 },
          ])
          const key = concat(ip.saddr, ip.length, icmp.sequence)
          tx.addRule({ ...inT, chain: 'c', rule: rule(key(set('s')), counter()) })
          const marked = concat(meta.length, icmp.type).map(set('m'))
          tx.addRule({ ...inT, chain: 'c', rule: rule(meta.mark.set(marked)) })
          tx.addRule({ ...inT, chain: 'c', rule: rule(meta.mark(7), counter()) })
        },
        { netns },
      )
      nftIn(netns, 'add rule inet t c ip saddr . ip length . icmp sequence @s counter')
      // 20 bytes of IPv4 and 8 of ICMP
      execIn(netns, 'ping', '-c2', '-i0.2', '-s100', '127.0.0.1')
      execIn(netns, 'ping', '-c1', '-s200', '127.0.0.1')
      const packets = (await face.listRules({ ...inT, netns })).flatMap(({ expressions }) =>
        expressions.filter(({ name }) => name === 'counter').map(({ data }) => data),
      )
      // The first is met by the answer, too.
      expect(packets).toMatchObject([{ packets: 2n }, { packets: 2n }, { packets: 2n }])
    }))
})
