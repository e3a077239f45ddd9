/** What a change of a link sends for kinds that reset what they are not told, and what a new link gets besides. */

import { describe, expect, it } from 'vitest'
import { decodeAttributes } from '../../src/codec/index.js'
import { type CreateLinkOptions, createLink } from '../../src/rtnetlink/link/create.js'
import { type DataOf, type KindName, kinds } from '../../src/rtnetlink/link/kinds/index.js'
import { type Kind, presentData } from '../../src/rtnetlink/link/kinds/kind.js'
import { setLink } from '../../src/rtnetlink/link/set.js'
import type { SetLinkOptions } from '../../src/rtnetlink/link/set-options.js'
import { ifinfomsg, linkAttributes } from '../../src/rtnetlink/link/table.js'
import { sentBy } from './sent-by.js'

const NLMSG_HEADER = 16

/** IFLA_INFO_DATA of a message. */
function dataOf(message: Uint8Array): Record<string, unknown> | undefined {
  const start = NLMSG_HEADER + ifinfomsg.size
  const { linkinfo } = decodeAttributes(linkAttributes, message, start, message.length)
  return linkinfo?.data as Record<string, unknown> | undefined
}

/** What a change sends, of a link that has this data. */
function changed<K extends KindName>(kind: K, data: DataOf<K>, options: object) {
  const [, message] = sentBy(setLink('eth0', { kind, ...options } as SetLinkOptions), [[{ kind, data }], []])
  return dataOf(message!)
}

function made(options: CreateLinkOptions) {
  return dataOf(sentBy(createLink(options), [[], [{ ifindex: 77 }]])[0]!)
}

/** As the kernel sends it: zeros where there is no key. */
const SENT = { ttl: 64, iflags: [], oflags: ['seq'], ikey: 0, okey: 0 } as const

describe('the keys of a GRE header', () => {
  it.each(['gre', 'gretap', 'erspan', 'ip6gre', 'ip6gretap', 'ip6erspan'] as const)(
    'of kind %s are those that it has',
    (kind) => {
      const read = presentData(kinds[kind]() as Kind, { ...SENT })
      expect(read).toEqual({ ttl: 64, iflags: [], oflags: ['seq'] })
      // Another one like it; of ERSPAN there is none.
      const again = () => made({ name: 'gre1', kind, ...read } as CreateLinkOptions)
      if (kind.endsWith('erspan')) expect(again).toThrow('ikey: ERSPAN needs it')
      else {
        expect(again()).toMatchObject(read)
        expect(again()).not.toHaveProperty('ikey')
      }
      expect(changed(kind, read, { ttl: 65 })).toEqual({ ttl: 65, iflags: [], oflags: ['seq'] })
      const keyed = { iflags: ['key', 'seq'], oflags: ['key'], ikey: 0, okey: 8 } as const
      expect(presentData(kinds[kind]() as Kind, { ...keyed })).toEqual(keyed)
      expect(changed(kind, keyed, { ttl: 65 })).toEqual({ ...keyed, ttl: 65 })
      expect(changed(kind, keyed, { okey: 9 })).toEqual({ ...keyed, okey: 9 })
      expect(changed(kind, keyed, { iflags: ['seq'] })).toEqual({ iflags: ['seq'], oflags: ['key'], okey: 8 })
      expect(changed(kind, keyed, { iflags: [0x3000] })).toEqual(keyed)
      expect(changed(kind, read, { okey: 9 })).toEqual({ ...read, oflags: ['key', 'seq'], okey: 9 })
      expect(changed(kind, read, { okey: 9, oflags: [] })).toEqual({ ...read, oflags: ['key'], okey: 9 })
    },
  )
})

describe('what goes together in a tunnel is checked of a change', () => {
  const keyed = { iflags: ['key', 'seq'], oflags: ['key', 'seq'], ikey: 5, okey: 5 } as const

  it.each(['erspan', 'ip6erspan'] as const)('of kind %s, with the version that it has', (kind) => {
    const set = (options: object, erspanVer = 1) => changed(kind, { ...keyed, erspanVer }, options)
    expect(set({ ikey: 1023 })).toMatchObject({ ikey: 1023, okey: 5 })
    expect(() => set({ ikey: 1024 })).toThrow('ikey: 1024 is not the id of a session, which is at most 1023')
    expect(() => set({ oflags: ['csum'] }, 2)).toThrow("oflags: ['csum'] has more than ERSPAN has")
  })

  it('of an ERSPAN of version 0, which has no session', () => {
    const set = (options: object) => changed('erspan', { iflags: [], oflags: [], erspanVer: 0 }, options)
    expect(set({ ikey: 1024 })).toMatchObject({ iflags: ['key'], ikey: 1024, erspanVer: 0 })
  })

  it.each(['gre', 'gretap', 'erspan'] as const)('of kind %s, with its bit against fragments', (kind) => {
    expect(() => changed(kind, { pmtudisc: true }, { ignoreDf: true })).toThrow(
      'ignoreDf: true goes with pmtudisc: false, not with true',
    )
    expect(changed(kind, { pmtudisc: false }, { ignoreDf: true })).toEqual({
      pmtudisc: false,
      ignoreDf: true,
    })
  })

  it.each([
    ['gretap', '0.0.0.0'],
    ['erspan', '0.0.0.0'],
    ['ip6gretap', '::'],
    ['ip6gretap', '0::0'],
    ['ip6erspan', '::'],
    ['ip6erspan', '0:0:0:0:0:0:0:0'],
    ['ip6erspan', '::0.0.0.0'],
  ] as const)('of kind %s: to no address it is sent none', (kind, remote) => {
    expect(changed(kind, { remote, ttl: 5 }, { ttl: 6 })).toEqual({ ttl: 6 })
    expect(changed(kind, { ttl: 5 }, { remote })).toEqual({ ttl: 5 })
  })

  it.each(['ipip', 'ip6tnl'] as const)('of kind %s: what brings its own addresses keeps that', (kind) => {
    expect(changed(kind, { collectMetadata: true, ttl: 5 }, { ttl: 6 })).toEqual({ ttl: 6 })
  })
})

describe('what a change does not give', () => {
  it('stays, undefined or left out', () => {
    const data = { local: '192.0.2.1', ttl: 64, pmtudisc: true, proto: 'ipv4' } as const
    expect(changed('ipip', data, { tos: 4, ttl: undefined })).toEqual({ ...data, tos: 4 })
    expect(changed('xfrm', { link: 10, ifId: 5 }, { ifId: 6 })).toEqual({ link: 10, ifId: 6 })
    expect(changed('ip6tnl', { encapLimit: 0, ttl: 64 }, { ttl: 65 })).toEqual({ encapLimit: 0, ttl: 65 })
  })

  it('is no matter of a kind without a table: its bytes are sent', () => {
    const data = Uint8Array.of(8, 0, 1, 0, 2, 0, 0, 0)
    for (const sent of [
      setLink('eth0', { rawKind: 'ppp', data }),
      setLink('eth0', { kind: undefined, rawKind: 'ppp', data }),
      createLink({ name: 'p0', rawKind: 'ppp', data }),
    ])
      expect(dataOf(sentBy(sent, [[]])[0]!)).toEqual(data)
  })

  it('is not looked at where it is undefined, as the other way to name a kind', () => {
    expect(made({ name: 'w0', kind: 'vrf', rawKind: undefined, table: 7 })).toEqual({ table: 7 })
    const changing = sentBy(setLink('eth0', { kind: 'vxlan', rawKind: undefined, ageing: 9 }), [[]])
    expect(dataOf(changing[0]!)).toEqual({ ageing: 9 })
  })

  it('is not sent where nothing of the kind changes', () => {
    for (const kind of ['gtp', 'ip6tnl'] as const) {
      const [message] = sentBy(setLink('eth0', { kind, mtu: 1400 }), [[]])
      expect(dataOf(message!)).toBeUndefined()
    }
  })
})

/** As the kernel sends them, of which it looks at one. */
describe('the TTL of an outer header', () => {
  const read = (kind: 'geneve' | 'vxlan', ttl: number, ttlInherit: boolean) =>
    presentData(kinds[kind]() as Kind, { id: 42, ttl, ttlInherit })

  it.each(['geneve', 'vxlan'] as const)('of kind %s is one of its own or that of the packet', (kind) => {
    expect(read(kind, 9, false)).toEqual({ id: 42, ttl: 9, ttlInherit: false })
    expect(read(kind, 9, true)).toEqual({ id: 42, ttlInherit: true })
    const like = (data: object) => made({ name: 'tun0', kind, ...data } as CreateLinkOptions)
    expect(like(read(kind, 9, false))).toEqual({ id: 42, ttl: 9 })
    expect(like(read(kind, 9, true))).toEqual({ id: 42, ttlInherit: true })
  })

  it('of VXLAN is told as a number', () => {
    const told = (ttlInherit: number) =>
      decodeAttributes(kinds.vxlan().table!, Uint8Array.of(5, 0, 28, 0, ttlInherit, 0, 0, 0), 0, 8)
    expect([told(0), told(1)]).toEqual([{ ttlInherit: false }, { ttlInherit: true }])
  })
})

describe('what ip says of a new tunnel', () => {
  it.each(['ip6tnl', 'ip6gre', 'ip6gretap', 'ip6erspan'] as const)('is said of kind %s', (kind) => {
    const own = kind === 'ip6erspan' ? { iflags: ['key', 'seq'], ikey: 1 } : {}
    const ours = (options: object) => made({ name: 'tnl6', kind, ...own, ...options } as CreateLinkOptions)
    expect(ours({})).toEqual({ ...own, encapLimit: 4, ttl: 64 })
    expect(ours({ encapLimit: 7, ttl: 0 })).toEqual({ ...own, encapLimit: 7, ttl: 0 })
    expect(ours({ collectMetadata: true })).toEqual({ ...own, collectMetadata: true })
    const fou = { encapType: 'fou', encapDport: 5555 }
    expect(ours(fou)).toEqual({ ...own, ...fou, encapLimit: 4, ttl: 64, encapFlags: ['csum6'] })
    expect(ours({ ...fou, encapFlags: [] })).toMatchObject({ encapFlags: [] })
  })

  it.each(['ipip', 'sit'] as const)('is said of kind %s', (kind) => {
    const ours = (options: object) => made({ name: 'tnl4', kind, ...options } as CreateLinkOptions)
    expect(ours({})).toEqual({ proto: 'any', ttl: 0 })
    expect(ours({ proto: 'ipv4', ttl: 64 })).toEqual({ proto: 'ipv4', ttl: 64 })
  })
})

describe('the addresses that a macvlan hears', () => {
  const macaddrData = ['02:00:00:00:00:01']

  it('are those of the list where no mode is given', () => {
    const mac0 = { name: 'mac0', kind: 'macvlan', link: 'eth0', mode: 'source', macaddrData } as const
    expect(made(mac0)).toEqual({ mode: 'source', macaddrMode: 'set', macaddrData })
    const [message] = sentBy(setLink('mac0', { kind: 'macvlan', macaddrData }), [[]])
    expect(dataOf(message!)).toEqual({ macaddrMode: 'set', macaddrData })
  })
})

describe('sockets of GPRS tunnels', () => {
  it('are made by the kernel where none are given', () => {
    expect(made({ name: 'gtp0', kind: 'gtp' })).toEqual({ createSockets: true })
    expect(made({ name: 'gtp0', kind: 'gtp', createSockets: true })).toEqual({ createSockets: true })
  })

  // The kernel asks whether the attribute is there.
  it.each([undefined, false])('are those that are given, createSockets: %s', (createSockets) =>
    expect(made({ name: 'gtp0', kind: 'gtp', fd1: 5, createSockets })).toEqual({ fd1: 5 }),
  )
})

describe('a flag that is false', () => {
  it('cannot be told of a link that keeps it', () => {
    const change = { kind: 'vxlan', ttlInherit: false } as SetLinkOptions
    expect(() => setLink('eth0', change).next()).toThrow(
      new TypeError('ttlInherit: false cannot be told: what is not sent stays, and to send it is to set it'),
    )
  })

  it('is nothing to do where it is an action', () => {
    const change = (fdbFlush: boolean) =>
      dataOf(sentBy(setLink('br0', { kind: 'bridge', fdbFlush, stp: true }), [[]])[0]!)
    expect(change(false)).toEqual({ stp: true })
    expect(change(true)).toEqual({ fdbFlush: true, stp: true })
  })
})
