import { describe, expect, it } from 'vitest'
import { getU16 } from '../../src/codec/bytes.js'
import { Fault } from '../../src/codec/index.js'
import { NetlinkError } from '../../src/netlink/errors.js'
import type { Operation } from '../../src/netlink/operation.js'
import type { Outcome } from '../../src/netlink/request.js'
import { readLookup } from '../../src/rtnetlink/route/lookup.js'
import { flushRoutes, listRoutes } from '../../src/rtnetlink/route/operations.js'
import { readRoute } from '../../src/rtnetlink/route/route.js'
import { refusal } from './refusal.js'
import { type Attributes, message, read } from './route-message.js'

const NO_CACHE = { clntref: 0, lastuse: 0, expires: 0, error: 0, used: 0, id: 0, ts: 0, tsage: 0 }

/** Where a message can end: behind an attribute, and in its padding. */
function attributeEnds(bytes: Uint8Array): Set<number> {
  const ends = new Set([12])
  for (let at = 12; at < bytes.length; ) {
    const length = getU16(bytes, at)
    const next = at + Math.ceil(length / 4) * 4
    for (let end = at + length; end <= next; end++) ends.add(end)
    at = next
  }
  return ends
}

describe('a route that the kernel sends', () => {
  const rich: Attributes = {
    dst: '10.0.0.0',
    table: 1000,
    oif: 3,
    gateway: '10.9.9.9',
    priority: 4278198272,
    prefsrc: '10.1.1.1',
    metrics: { mtu: 1400, lock: ['mtu'] },
    multipath: [{ flags: 0x14, hops: 255, ifindex: 4, attributes: { gateway: '10.8.8.8', flow: 0x30004 } }],
    flow: 0xffff0001,
    cacheinfo: { clntref: 3, lastuse: 150, expires: 101, error: 0xffffff9b, used: 7, id: 0, ts: 0, tsage: 0 },
    via: '2001:db8::1',
    pref: 'high',
    encapType: 3,
    encap: new Uint8Array([1, 2, 3]),
    nhId: 7,
  }

  it('has every attribute', () => {
    expect(
      read(rich, { dstLen: 8, tos: 16, protocol: 'bird', scope: 'link', type: 'unicast', flags: ['onlink'] }),
    ).toEqual({
      family: 'ipv4',
      to: '10.0.0.0/8',
      via: '2001:db8::1',
      dev: null,
      ifindex: 3,
      src: '10.1.1.1',
      from: null,
      metric: 4278198272,
      table: 1000,
      protocol: 'bird',
      scope: 'link',
      type: 'unicast',
      tos: 16,
      onlink: true,
      metrics: { mtu: 1400, lock: ['mtu'] },
      nexthops: [
        {
          via: '10.8.8.8',
          dev: null,
          ifindex: 4,
          weight: 256,
          onlink: true,
          realms: { from: 3, to: 4 },
          encap: null,
          flags: ['onlink', 'linkdown'],
        },
      ],
      nhid: 7,
      preference: 'high',
      expires: 2,
      cacheinfo: { users: 3, used: 7, lastUsed: 1.5, error: -101 },
      realms: { from: 0xffff, to: 1 },
      flags: ['onlink'],
      encap: { type: 3, data: new Uint8Array([1, 2, 3]) },
    })
  })

  // 08 00 0b 00 07 00 00 00, as Linux 5.10 sends RTA_FLOW: behind the nexthop, whose length leaves it out.
  it('has the realms of a nexthop that stand behind it', () => {
    const stray = { flags: 11, hops: 0, ifindex: 7, attributes: {} }
    const first = { flags: 0, hops: 9, ifindex: 4, attributes: { gateway: '10.8.8.8' } }
    const second = { flags: 0, hops: 11, ifindex: 5, attributes: {} }
    const { nexthops } = read({ multipath: [first, stray, second, { ...stray, ifindex: 0x30004 }] })
    expect(nexthops).toMatchObject([
      { via: '10.8.8.8', ifindex: 4, weight: 10, realms: { from: 0, to: 7 }, flags: [] },
      { via: null, ifindex: 5, weight: 12, realms: { from: 3, to: 4 }, flags: [] },
    ])
    expect(nexthops).toHaveLength(2)
  })

  it('keeps numbers that have no name yet', () => {
    const route = read(
      { unknown: [{ type: 99, data: new Uint8Array(4) }] },
      { type: 77, scope: 7, protocol: 250, flags: ['dead', 0x40000000] },
    )
    expect(route).toMatchObject({
      type: 77,
      scope: 7,
      protocol: 250,
      flags: ['dead', 0x40000000],
      to: 'default',
    })
  })

  it('has the table of the header where it has no other', () => {
    expect(read({}, { table: 253 }).table).toBe(253)
  })

  it('tells routes that have expired, or never will, from others', () => {
    expect(read({ cacheinfo: { ...NO_CACHE, expires: -5 } }).expires).toBe(0)
    expect(read({ cacheinfo: NO_CACHE }).expires).toBeNull()
    expect(read({ cacheinfo: NO_CACHE }).cacheinfo).toBeNull()
    expect(read({ cacheinfo: { ...NO_CACHE, expires: 60000 } }).expires).toBe(600)
  })

  it('is told from the next one, whose gateway may be the same', () => {
    const via = ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.1.2', '0.0.0.0'].map(
      (gateway) => read({ gateway }).via,
    )
    expect(via).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.1.2', '0.0.0.0'])
  })

  it('has what the lookup was asked with', () => {
    const bytes = message(
      { dst: '10.0.0.1', iif: 3, mark: 5, uid: 0 },
      { dstLen: 32, flags: ['cloned', 0x80000000] },
    )
    expect(readLookup(bytes, 0, bytes.length, () => null)).toMatchObject({
      iif: 3,
      mark: 5,
      uid: 0,
      flags: ['cloned', 'local'],
    })
  })

  it('is refused where it is cut, never read past its end', () => {
    const whole = message(rich, { dstLen: 8 })
    const ends = attributeEnds(whole)
    for (let end = 12; end < whole.length; end++) {
      // What lies behind is the next message; here it is noise.
      const bytes = new Uint8Array(whole.length + 64).fill(0xaa)
      bytes.set(whole.subarray(0, end))
      const work = () => readRoute(bytes, 0, end, () => null)
      if (ends.has(end)) expect(work, `cut at ${end}`).not.toThrow()
      else expect(refusal(work), `cut at ${end}`).toBeInstanceOf(Fault)
    }
  })

  it('is refused where an attribute or a nexthop does not have its form', () => {
    const raw = (type: number, ...data: number[]) =>
      refusal(() => read({ unknown: [{ type, data: Uint8Array.from(data) }] })) as Fault
    expect(raw(1, 10, 0, 0)).toMatchObject({ path: 'dst', detail: 'an address of 3 bytes' })
    expect(raw(5)).toMatchObject({ path: 'gateway', detail: 'an address of 0 bytes' })
    expect(raw(4, 1, 0)).toMatchObject({ path: 'oif', detail: '2 bytes where u32 has 4' })
    expect(raw(18, 2, 0, 10)).toMatchObject({ path: 'via', detail: '3 bytes where rtvia has 6' })
    expect(raw(9, 0, 0, 0, 0, 0, 0, 0, 0)).toMatchObject({ path: 'multipath[0]' })
    expect(raw(9, 8, 0, 0, 0, 1, 0, 0, 0, 8, 0)).toMatchObject({ path: 'multipath[1]' })
    expect(raw(9, 16, 0, 0, 0, 1, 0, 0, 0)).toMatchObject({ path: 'multipath[0]' })
  })
})

const channel = { where: '', ifindex: () => 3, ifname: () => 'eth0', release: () => {} }

/** Runs an operation; each exchange gets the next of the answers. */
function answered<T>(operation: Operation<T>, ...answers: readonly Outcome[][]): T {
  const left = [...answers]
  let step = operation.next()
  while (!step.done) {
    const effect = step.value
    if (effect.kind === 'channel') step = operation.next(channel)
    else step = operation.next(left.shift())
  }
  expect(left).toEqual([])
  return step.value
}

function failed(errno: number): Outcome {
  return { error: new NetlinkError({ operation: 'RTM_DELROUTE', errno }), values: [] }
}
const done: Outcome = { error: null, values: [] }

describe('what goes wrong on the way', () => {
  const routes = ['10.0.0.0', '10.1.0.0', '10.2.0.0'].map((dst) => read({ dst }, { dstLen: 16 }))
  const listed: Outcome = { error: null, values: routes }

  it('any other error of a dump is thrown', () => {
    expect(refusal(() => answered(listRoutes(), [failed(1)]))).toMatchObject({ code: 'EPERM' })
  })

  it('a route that vanished while it was flushed is not counted', () => {
    const flush = flushRoutes({ protocol: 'bird' })
    expect(answered(flush, [listed], [done, failed(3), done])).toBe(2)
  })

  it('a route that cannot be deleted is an error', () => {
    const flush = flushRoutes({ protocol: 'bird' })
    expect(refusal(() => answered(flush, [listed], [done, failed(1), done]))).toMatchObject({ code: 'EPERM' })
  })
})
