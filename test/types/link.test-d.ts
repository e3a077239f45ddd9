import { expectTypeOf, test } from 'vitest'
import {
  type AnyOf,
  type BridgeVlan,
  createBridge,
  createLink,
  createVethPair,
  deleteBridgeVlan,
  deleteMdbEntry,
  type Family,
  getLink,
  getMdbEntry,
  isKind,
  isPortKind,
  type Link,
  type LinkFlag,
  type MdbEntry,
  type OneOf,
  type OperState,
  type Route,
  type SetLinkOptions,
  setLink,
} from '../../src/index.js'
import * as sync from '../../src/sync.js'

declare const link: Link

declare const mdbEntry: MdbEntry
declare const bridgeVlan: BridgeVlan

test('what is listed is accepted where one is named', () => {
  expectTypeOf(deleteMdbEntry(mdbEntry)).resolves.toEqualTypeOf<void>()
  expectTypeOf(getMdbEntry(mdbEntry)).resolves.toEqualTypeOf<MdbEntry[]>()
  expectTypeOf(deleteBridgeVlan(bridgeVlan.ifindex, bridgeVlan)).resolves.toEqualTypeOf<void>()
})

test('options of a kind stand beside the common ones, and no others', () => {
  expectTypeOf(
    createLink({ name: 'br0', kind: 'bridge', stp: true, up: true }),
  ).resolves.toEqualTypeOf<Link>()
  expectTypeOf(sync.createLink({ name: 'ifb0', kind: 'ifb', mtu: 1500 })).toEqualTypeOf<Link>()
  // @ts-expect-error a misspelt option
  createLink({ name: 'ifb0', kind: 'ifb', mut: 1500 })
  // @ts-expect-error an option of another kind
  createLink({ name: 'ifb0', kind: 'ifb', stp: true })
  // @ts-expect-error what only the kernel sets
  createLink({ name: 'br0', kind: 'bridge', rootPort: 1 })
  // @ts-expect-error a value of another type
  createLink({ name: 'br0', kind: 'bridge', stp: 1 })
  // @ts-expect-error no name
  createLink({ kind: 'bridge' })
  // @ts-expect-error no such protocol
  createBridge({ name: 'br0', vlanProtocol: '802.1x' })
  // @ts-expect-error the kind is said already
  createBridge({ name: 'br0', kind: 'bridge' })
})

test('a kind that is chosen when the program runs is chosen with its options', () => {
  const either = (bridge: boolean) =>
    bridge
      ? { name: 'a', kind: 'bridge' as const, stp: true }
      : { name: 'a', kind: 'vlan' as const, link: 'eth0', id: 5 }
  createLink(either(true))
  // Were the common options alone accepted for it, so would be wrong values of the others, in an object that is not a literal.
  const wrong = { name: 'a', kind: 'bridge' as const, stp: 1 }
  // @ts-expect-error a value of another type
  createLink(wrong)
})

test('a kind that is one of several takes the options that they share', () => {
  const either = 'gre' as 'gre' | 'gretap'
  setLink('t0', { kind: either, ttl: 64, mtu: 1400 })
  createLink({ name: 't0', kind: either, remote: '192.0.2.1' })
  setLink('x0', { kind: 'vlan' as 'vlan' | 'bridge', up: true })
  const options: SetLinkOptions = { kind: either, ttl: 64 }
  expectTypeOf(setLink('t0', options)).resolves.toEqualTypeOf<void>()
  sync.setLink('t0', { kind: either, ttl: 64 })
  // @ts-expect-error a value of another type
  setLink('t0', { kind: either, ttl: '64' })
  const wrong = { kind: either, ttl: '64' }
  // @ts-expect-error nor in an object that is not a literal
  setLink('t0', wrong)
  // @ts-expect-error an option of neither
  setLink('t0', { kind: either, stp: true })
  // @ts-expect-error what is needed of one of them
  createLink({ name: 'x0', kind: 'vlan' as 'vlan' | 'bridge' })
  // @ts-expect-error misspelt
  createLink({ name: 'x0', kind: 'brigde' })
})

test('any other kind takes bytes', () => {
  createLink({ name: 'p0', rawKind: 'ppp', data: Uint8Array.of(8, 0, 1, 0, 2, 0, 0, 0) })
  createLink({ name: 'w0', kind: 'wwan', rawKind: undefined, linkId: 1, parentDev: 'wwan0' })
  setLink('p0', { kind: undefined, rawKind: 'ppp', mtu: 1400, data: Uint8Array.of(8, 0, 1, 0, 2, 0, 0, 0) })
  createLink({ name: 'f0', rawKind: 'from-elsewhere', data: null })
  // @ts-expect-error without them
  createLink({ name: 'f0', rawKind: 'from-elsewhere' })
  // @ts-expect-error or other options
  createLink({ name: 'f0', rawKind: 'from-elsewhere', data: null, stp: true })
})

test('the ends of a pair take no other options', () => {
  expectTypeOf(sync.createVethPair({ name: 'a' }, { name: 'b', netns: 'red' })).toEqualTypeOf<[Link, Link]>()
  createLink({ name: 'a', kind: 'veth', peer: { name: 'b', netns: 'red', addresses: ['10.0.0.1/24'] } })
  // @ts-expect-error misspelt
  createVethPair({ name: 'a' }, { name: 'b', adresses: [] })
  // @ts-expect-error no name
  createVethPair({ name: 'a' }, { netns: 'red' })
  // @ts-expect-error no pair
  createLink({ name: 'a', kind: 'ifb', peer: { name: 'b' } })
  // @ts-expect-error a blocking call cannot be stopped
  sync.createVethPair({ name: 'a' }, { name: 'b' }, { signal: AbortSignal.timeout(1) })
})

test('changes', () => {
  setLink('a', { mtu: 1400, master: null, alias: null })
  setLink('br0', { kind: 'bridge', stp: true, up: true })
  setLink('a', { port: { kind: 'bridge', cost: 100, backupPort: 'eth1' } })
  // @ts-expect-error an option of a kind without the kind
  setLink('br0', { stp: true })
  // @ts-expect-error misspelt
  setLink('br0', { kind: 'bridge', stpp: true })
  setLink('eth0.5', { kind: 'vlan', flags: { gvrp: true } })
  // @ts-expect-error only a new one takes it
  setLink('eth0.5', { kind: 'vlan', id: 6 })
  // @ts-expect-error only a new one takes it
  setLink('ipip1', { kind: 'ipip', proto: 'any' })
  // @ts-expect-error of a port
  setLink('a', { port: { kind: 'bridge', costs: 100 } })
  // @ts-expect-error no such part
  getLink('a', { include: ['statistics'] })
})

test('what is read is typed by kind', () => {
  if (isKind(link, 'bridge')) {
    expectTypeOf(link.data.forwardDelay).toEqualTypeOf<number | undefined>()
    expectTypeOf(link.data.rootId).toEqualTypeOf<{ priority: number; mac: string } | undefined>()
    expectTypeOf(link.kind).toEqualTypeOf<'bridge'>()
  }
  if (isPortKind(link, 'bridge')) expectTypeOf(link.portData.cost).toEqualTypeOf<number | undefined>()
  // @ts-expect-error no such kind
  isKind(link, 'bridges')
  expectTypeOf(link.stats!.rxBytes).toEqualTypeOf<number>()
  expectTypeOf(link.bigStats!.rxBytes).toEqualTypeOf<bigint>()
})

test('the types of values that have names are those that can be imported', () => {
  expectTypeOf<Link['operState']>().toEqualTypeOf<OneOf<OperState>>()
  expectTypeOf<Link['flags']>().toEqualTypeOf<AnyOf<LinkFlag>>()
  expectTypeOf<Route['family']>().toEqualTypeOf<Family>()
})
