import { describe, expect, it } from 'vitest'
import {
  addFdbEntry,
  appendFdbEntry,
  deleteFdbEntry,
  flushFdb,
  replaceFdbEntry,
} from '../../src/rtnetlink/bridge/fdb/change.js'
import type { FdbEntry } from '../../src/rtnetlink/bridge/fdb/entry.js'
import { getFdbEntry, listFdb } from '../../src/rtnetlink/bridge/fdb/list.js'
import { refusal } from './refusal.js'
import { sentBy } from './sent-by.js'

const GOOD = { mac: '02:00:00:00:00:09', dev: 'eth0' }

/** Values that cannot be, by option; what every change of an entry looks at. */
const KEY: [option: string, values: unknown[]][] = [
  ['mac', ['', '02:00:00:00:00', '02:00:00:00:00:09:0a', '02-00:00:00:00:09', 9, null, undefined]],
  ['dev', ['', 'a b', 0, 1.5, null, undefined, 'a'.repeat(128)]],
  ['master', [1, 'yes', null]],
  ['self', [1, 'yes', null]],
  ['vlan', [0, 4095, 1.5, '1', Number.NaN, -1]],
  ['dst', ['192.0.2.256', '192.0.2.9/24', 'fe80::1%eth0', 9]],
  ['port', [-1, 65536, '8472']],
  ['vni', [-1, 2 ** 24, '43']],
  ['srcVni', [-1, 2 ** 24, 0.5]],
  ['via', ['', 0, 'a/b']],
  ['nhid', [0, 2 ** 32, '7']],
]
const ENTRY: [option: string, values: unknown[]][] = [
  ['state', ['Permanent', 'reachable', -1, 65536, null]],
  ['flags', ['sticky', ['stickyy'], [-1], [2 ** 32], [1.5], null]],
  ['activityNotify', [1, 'on', null]],
  ['inactive', [1, null]],
  ['norefresh', [1, null]],
]

describe('what is refused before anything is sent', () => {
  it.each([...KEY, ...ENTRY])('a bad %s of an entry', (option, values) => {
    for (const value of values) {
      const bad = { ...GOOD, [option]: value }
      for (const operation of [addFdbEntry, replaceFdbEntry, appendFdbEntry]) {
        const error = refusal(() => operation(bad))
        expect(error.message, String(value)).toContain(`${option}:`)
      }
    }
  })

  it.each(KEY)('a bad %s of an entry to delete', (option, values) => {
    for (const value of values)
      expect(refusal(() => deleteFdbEntry({ ...GOOD, [option]: value })).message).toContain(`${option}:`)
  })

  it.each<[string, object]>([
    ['dst', { dst: '192.0.2.1' }],
    ['port', { port: 5 }],
    ['vni', { vni: 0 }],
    ['srcVni', { srcVni: 4 }],
    ['via', { via: 'eth1' }],
    ['nhid', { nhid: 5 }],
  ])('%s of an entry of a bridge', (option, given) => {
    const entry = { ...GOOD, ...given, master: true }
    for (const operation of [addFdbEntry, replaceFdbEntry, appendFdbEntry, deleteFdbEntry])
      expect(refusal(() => operation(entry)).message).toContain(`${option}: `)
    // Of a vxlan device that is a port both tables can be meant.
    expect(() => sentBy(addFdbEntry({ ...entry, self: true, via: undefined }))).not.toThrow()
  })

  it.each<[string, object]>([
    ['vlan', { vlan: 5 }],
    ['activityNotify', { activityNotify: true }],
    ['inactive', { inactive: true }],
    ['norefresh', { norefresh: true }],
    ['flags', { flags: ['sticky', 'locked'] }],
    ['flags', { flags: ['managed'] }],
  ])('%s of an entry of a vxlan device, %o', (option, given) => {
    for (const of of [{ dst: '192.0.2.1' }, { vni: 4 }, { nhid: 7 }]) {
      const entry = { ...GOOD, ...given, ...of }
      for (const operation of [addFdbEntry, replaceFdbEntry, appendFdbEntry])
        expect(refusal(() => operation(entry)).message).toMatch(
          new RegExp(`^${option}: .*, and (dst|vni|nhid) is`),
        )
      expect(() => sentBy(addFdbEntry({ ...entry, master: true, self: true }))).not.toThrow()
    }
    expect(() => sentBy(addFdbEntry({ ...GOOD, ...given }))).not.toThrow()
  })

  it('flags of an entry of a bridge that only a vxlan device has', () => {
    const add = (flag: 'router' | 'managed' | 'offload' | 'locked') =>
      addFdbEntry({ ...GOOD, master: true, flags: ['extern_learn', flag] })
    for (const flag of ['router', 'managed'] as const)
      expect(refusal(() => add(flag)).message).toContain(`flags: '${flag}' is not for the table of a bridge`)
    // Listed entries have these.
    for (const flag of ['offload', 'locked'] as const) expect(() => sentBy(add(flag))).not.toThrow()
  })

  it.each<[string, object]>([
    ['mac', { mac: '', bridge: 'br0' }],
    ['bridge', { mac: GOOD.mac }],
    ['bridge', { mac: GOOD.mac, bridge: 0 }],
    ['dev', { mac: GOOD.mac, dev: '..' }],
    ['vlan', { ...GOOD, vlan: 4095 }],
    ['vni', { ...GOOD, vni: 2 ** 24 }],
    ['self', { ...GOOD, self: 'yes' }],
    ["'brige'", { ...GOOD, brige: 'br0' }],
  ])('a bad %s of getFdbEntry', (field, options) => {
    expect(refusal(() => getFdbEntry(options as typeof GOOD)).message).toContain(field)
  })

  it.each<[string, object]>([
    ['dev', { dev: '' }],
    ['bridge', { bridge: 1.5 }],
    ['mac', { mac: '02:00' }],
    ['vlan', { vlan: 0 }],
    ['state', { state: 'learnt' }],
    ['state', { state: ['dynamic', 'learnt'] }],
    ["'dynamic'", { dynamic: true }],
  ])('a bad %s of listFdb', (field, options) => {
    expect(refusal(() => listFdb(options)).message).toContain(field)
  })

  it.each<[string, object]>([
    ['brport', { brport: '' }],
    ['vlan', { vlan: 4095 }],
    ['state', { state: 'stale' }],
    ['flags', { flags: ['sticki'] }],
    ['withoutFlags', { withoutFlags: 'sticky' }],
    // Of NDA_FLAGS_EXT, which the mask has no room for.
    ["flags: 'managed'", { flags: ['managed'] }],
    ["withoutFlags: 'locked'", { withoutFlags: ['locked'] }],
    ['flags: [256]', { flags: [256] }],
    ['vni', { vni: -1 }],
    ['nhid', { nhid: 0 }],
    ['dst', { dst: 'there' }],
    ['master', { master: 0 }],
    ["'mac'", { mac: GOOD.mac }],
  ])('a bad %s of flushFdb', (field, options) => {
    expect(refusal(() => flushFdb('br0', options)).message).toContain(field)
  })
})

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

describe('requests', () => {
  it('a delete is told by the key alone', () => {
    const listed = {
      ...{ ...GOOD, master: true, self: false, ifindex: 10, bridge: 'br0', bridgeIfindex: 20, vlan: null },
      ...{ dst: null, port: null, vni: null, srcVni: null, via: null, linkNetnsid: null, nhid: null },
      ...{ state: 'static', flags: ['sticky'], activityNotify: false, inactive: false, used: 1, updated: 2 },
    } as const
    expect(sentBy(deleteFdbEntry(listed))).toEqual(sentBy(deleteFdbEntry({ ...GOOD, master: true })))
  })

  it('of a listed entry whose interface has lost its name go by its ifindex', () => {
    const listed: Pick<FdbEntry, 'mac' | 'dev' | 'ifindex'> = { mac: GOOD.mac, dev: null, ifindex: 10 }
    for (const change of [addFdbEntry, deleteFdbEntry])
      expect(sentBy(change(listed))).toEqual(sentBy(change({ mac: GOOD.mac, dev: 10 })))
    expect(refusal(() => deleteFdbEntry({ mac: GOOD.mac, dev: null })).message).toBe(
      'dev: null is neither the name of an interface nor its ifindex',
    )
    expect(refusal(() => deleteFdbEntry({ ...listed, ifindex: 0 })).message).toContain('ifindex: 0 is not')
  })

  it('carry what iproute2 has no word for', () => {
    const [sent] = sentBy(
      addFdbEntry({ ...GOOD, activityNotify: true, inactive: true, norefresh: true, flags: ['managed'] }),
    )
    // NDA_FDB_EXT_ATTRS { NFEA_ACTIVITY_NOTIFY 3, NFEA_DONT_REFRESH }, NDA_FLAGS_EXT NTF_EXT_MANAGED
    expect(hex(sent).slice(80)).toBe(`10000e80${'0500010003000000'}${'04000200'}${'08000f0001000000'}`)
  })

  it('a flush by flags names those that count', () => {
    const [sent] = sentBy(
      flushFdb('br0', { flags: ['sticky'], withoutFlags: ['extern_learn'], master: true }),
    )
    // ndm_flags NTF_STICKY | NTF_MASTER, NDA_NDM_FLAGS_MASK NTF_STICKY | NTF_EXT_LEARNED
    expect(hex(sent).slice(32)).toBe(`0700000014000000${'00004400'}${'0500110050000000'}`)
  })
})
