import { describe, expect, it } from 'vitest'
import { encodeBody, Writer } from '../../src/codec/index.js'
import {
  addMdbEntry,
  deleteMdbEntry,
  flushMdb,
  replaceMdbEntry,
} from '../../src/rtnetlink/bridge/mdb/change.js'
import { getMdbEntry, listMdb, listMdbRouterPorts } from '../../src/rtnetlink/bridge/mdb/list.js'
import { newMdb } from '../../src/rtnetlink/bridge/mdb/table.js'
import { refusal } from './refusal.js'
import { sentBy } from './sent-by.js'

const GOOD = { dev: 'br0', port: 'eth0', group: '239.1.1.1' }

const KEY: [option: string, values: unknown[]][] = [
  ['dev', ['', 0, null, undefined]],
  ['port', ['a b', 1.5, null, undefined]],
  [
    'group',
    ['192.0.2.1', '2001:db8::1', '02:00:00:00:00:01', '239.1.1', 'all', 9, null, '01:00:5e:01:01:01:01'],
  ],
  ['vid', [0, 4095, '5']],
  ['source', ['ff05::1', '2001:db8::1', '192.0.2', 7]],
  ['dst', ['192.0.2.256', 9]],
  ['dstPort', [-1, 65536]],
  ['vni', [-1, 2 ** 24]],
  ['srcVni', [0.5, 2 ** 24]],
  ['via', ['', 0]],
]
const ENTRY: [option: string, values: unknown[]][] = [
  ['state', ['temporary', 256, null]],
  ['filterMode', ['includes', -1]],
  ['protocol', ['nobody', 256]],
  [
    'sources',
    ['192.0.2.7', ['2001:db8::1'], ['x'], [7], [{ address: '192.0.2.300' }], [{ addr: '192.0.2.7' }], null],
  ],
]

describe('what is refused before anything is sent', () => {
  it.each([...KEY, ...ENTRY])('a bad %s of an entry', (option, values) => {
    for (const value of values)
      for (const operation of [addMdbEntry, replaceMdbEntry])
        expect(refusal(() => operation({ ...GOOD, [option]: value })).message, String(value)).toContain(
          option,
        )
  })

  it.each(KEY)('a bad %s of an entry to delete', (option, values) => {
    for (const value of values)
      expect(refusal(() => deleteMdbEntry({ ...GOOD, [option]: value })).message).toContain(option)
  })

  it('sources of a group that has none by address', () => {
    const group = '01:00:5e:01:01:01'
    expect(refusal(() => addMdbEntry({ ...GOOD, group, source: '192.0.2.7' })).message).toContain('source:')
  })

  it.each<
    [
      string,
      () => ReturnType<typeof listMdb | typeof listMdbRouterPorts | typeof flushMdb | typeof getMdbEntry>,
    ]
  >([
    ['bridge', () => listMdb({ bridge: 0 })],
    ['port', () => listMdb({ port: '' })],
    ['vid', () => listMdb({ vid: 4095 })],
    ["'dev'", () => listMdb({ dev: 'br0' } as object)],
    ['bridge', () => listMdbRouterPorts({ bridge: '..' })],
    ['dev', () => flushMdb('')],
    ['port', () => flushMdb('br0', { port: 0 })],
    ['vid', () => flushMdb('br0', { vid: 0 })],
    ['state', () => flushMdb('br0', { state: 'all' } as object)],
    ['protocol', () => flushMdb('br0', { protocol: 'all' } as object)],
    ['vni', () => flushMdb('br0', { vni: -1 })],
    ["'group'", () => flushMdb('br0', { group: '239.1.1.1' } as object)],
    ['group', () => getMdbEntry({ dev: 'br0', group: '192.0.2.1' })],
    ['source', () => getMdbEntry({ dev: 'br0', group: '239.1.1.1', source: '::1' })],
  ])('a bad %s of another call', (field, operation) => {
    expect(refusal(operation).message).toContain(field)
  })
})

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

describe('requests', () => {
  it('do not say who made a learned entry, which the kernel takes from nobody', () => {
    const plain = sentBy(addMdbEntry(GOOD))
    for (const protocol of ['kernel', 2, 'static'] as const)
      expect(sentBy(addMdbEntry({ ...GOOD, protocol }))).toEqual(plain)
    expect(sentBy(addMdbEntry({ ...GOOD, protocol: 'zebra' }))).not.toEqual(plain)
  })

  it('carry what an older iproute2 has no word for', () => {
    const [sent] = sentBy(
      replaceMdbEntry({
        ...GOOD,
        filterMode: 'include',
        sources: ['192.0.2.7', { address: '192.0.2.8' }],
        protocol: 'zebra',
      }),
    )
    // nlmsg_flags NLM_F_CREATE | NLM_F_REPLACE
    expect(hex(sent).slice(12, 16)).toBe('0505')
    // MDBA_SET_ENTRY_ATTRS { MDBE_ATTR_SRC_LIST { two of { ADDRESS } }, MDBE_ATTR_GROUP_MODE 1, MDBE_ATTR_RTPROT 11 }
    const source = (last: string) => `0c000180${`08000100c00002${last}`}`
    const list = `1c000280${source('07')}${source('08')}`
    expect(hex(sent).slice(112)).toBe(`30000280${list}${'0500030001000000'}${'050004000b000000'}`)
  })

  it('do not say what the kernel takes for granted', () => {
    const plain = sentBy(addMdbEntry(GOOD))
    const listed = { filterMode: 'exclude', sources: [], protocol: 'static', state: 'temp' } as const
    expect(sentBy(addMdbEntry({ ...GOOD, ...listed }))).toEqual(plain)
  })

  it('of a listed entry whose interfaces have gone name them by number', () => {
    const { group } = GOOD
    // As listMdb() gives it.
    const listed = { dev: null, ifindex: 20, port: null, portIfindex: 10, group }
    for (const change of [addMdbEntry, deleteMdbEntry])
      expect(sentBy(change(listed))).toEqual(sentBy(change(GOOD)))
    expect(sentBy(getMdbEntry(listed), [[[]]])).toEqual(sentBy(getMdbEntry({ dev: 'br0', group }), [[[]]]))
    expect(refusal(() => deleteMdbEntry({ ...listed, ifindex: 0 })).message).toContain('ifindex')
  })

  it('of one sender have no list of them, so that a listed entry fits', () => {
    const plain = sentBy(addMdbEntry({ ...GOOD, source: '192.0.2.7' }))
    const listed = { source: '192.0.2.7', filterMode: 'include', sources: ['192.0.2.7'] } as const
    expect(sentBy(addMdbEntry({ ...GOOD, ...listed }))).toEqual(plain)
  })

  it('are not encoded with a group of another length', () => {
    const entry = { ifindex: 10, state: 'temp', flags: [], vid: 0, group: '01:00:5e:01:01:01:01' } as const
    expect(() => encodeBody(newMdb, new Writer(), { header: {}, attributes: { entry } })).toThrow(/group/)
  })

  it('of a tunnel', () => {
    const tunnel = { dst: '192.0.2.9', dstPort: 4789, vni: 43, srcVni: 42, via: 'eth0' }
    const [sent] = sentBy(addMdbEntry({ ...GOOD, dev: 'vx0', port: 'vx0', ...tunnel }))
    // Unlike in forwarding entries the port is in host order (net/vxlan/vxlan_mdb.c).
    const attributes =
      '08000500c0000209' + '06000600b5120000' + '080007002b000000' + '080009002a000000' + '080008000a000000'
    expect(hex(sent).slice(112)).toBe(`2c000280${attributes}`)
  })

  it('a flush is a deletion in bulk of no group of its own', () => {
    const [sent] = sentBy(flushMdb('br0', { port: 'eth0', vid: 5, state: 'permanent' }))
    // RTM_DELMDB, NLM_F_REQUEST | NLM_F_ACK | NLM_F_BULK; MDBE_ATTR_STATE_MASK 1
    expect(hex(sent).slice(8, 16)).toBe('55000502')
    expect(hex(sent).slice(48)).toBe(
      `20000100${'0a000000'}${'01000500'}${'00'.repeat(20)}${'0c000280'}${'05000a0001000000'}`,
    )
  })

  it('a get names the group', () => {
    const [sent] = sentBy(getMdbEntry({ dev: 'br0', group: 'ff05::100', vid: 5 }), [[[]]])
    expect(hex(sent).slice(8, 16)).toBe('56000100')
    expect(hex(sent).slice(48)).toBe(
      `20000100${'00000000'}${'00000500'}ff050000000000000000000000000100${'86dd0000'}`,
    )
  })
})
