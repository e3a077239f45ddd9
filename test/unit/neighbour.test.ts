import { describe, expect, it } from 'vitest'
import { putU16, putU32 } from '../../src/codec/bytes.js'
import { encodeBody, Writer } from '../../src/codec/index.js'
import { NetlinkError } from '../../src/netlink/errors.js'
import type { Operation } from '../../src/netlink/operation.js'
import { addNeighbour, deleteNeighbour, replaceNeighbour } from '../../src/rtnetlink/neighbour/change.js'
import {
  flushNeighbours,
  type ListNeighboursOptions,
  listNeighbours,
} from '../../src/rtnetlink/neighbour/list.js'
import { type Neighbour, readNeighbour } from '../../src/rtnetlink/neighbour/neighbour.js'
import { delNeighbour, newNeighbour } from '../../src/rtnetlink/neighbour/table.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { dump, fakeKernel } from '../../src/testing/index.js'
import { sentBy } from './sent-by.js'

/** Input as it comes from JavaScript, where nothing checks types. */
// biome-ignore lint/suspicious/noExplicitAny: wrong types are what is tested
const any = (value: unknown): any => value

const GOOD = { to: '10.0.0.9', mac: '02:00:00:00:00:09', dev: 'eth0' }
const add = (changes: object) => addNeighbour(any({ ...GOOD, ...changes }))

interface Bad {
  operation: () => Operation<unknown>
  error: typeof RangeError | typeof TypeError
  says: string
}

const bad: Bad[] = [
  { operation: () => add({ to: '10.0.0.256' }), error: RangeError, says: "to: '10.0.0.256'" },
  { operation: () => add({ to: '10.0.0.9/24' }), error: RangeError, says: "to: '10.0.0.9/24'" },
  { operation: () => add({ to: undefined }), error: RangeError, says: 'to: undefined' },
  { operation: () => add({ mac: '02:00:00:00:00' }), error: RangeError, says: "mac: '02:00:00:00:00'" },
  { operation: () => add({ mac: '02:00:00:00:00:09:07' }), error: RangeError, says: 'mac: ' },
  { operation: () => add({ mac: '02:00:00:00:00:0g' }), error: RangeError, says: 'mac: ' },
  { operation: () => add({ mac: 5 }), error: RangeError, says: 'mac: 5' },
  { operation: () => add({ mac: null }), error: TypeError, says: 'mac: a neighbour needs one' },
  { operation: () => add({ mac: null, flags: ['router'] }), error: TypeError, says: 'mac: ' },
  { operation: () => replaceNeighbour({ to: '10.0.0.9', dev: 'eth0' }), error: TypeError, says: 'mac: ' },
  {
    operation: () => add({ dev: undefined }),
    error: TypeError,
    says: 'dev: a neighbour is one of an interface',
  },
  { operation: () => add({ dev: null }), error: TypeError, says: 'dev: ' },
  { operation: () => add({ dev: 0 }), error: RangeError, says: 'dev: 0' },
  { operation: () => add({ dev: 'a b' }), error: RangeError, says: "dev: 'a b'" },
  {
    operation: () => add({ state: 'gone' }),
    error: RangeError,
    says: "state: 'gone' is not one of none, incomplete",
  },
  { operation: () => add({ state: -1 }), error: RangeError, says: 'state: -1' },
  { operation: () => add({ flags: ['proxy'] }), error: RangeError, says: "flags: 'proxy' is not one of" },
  ...['self', 'master', 'sticky'].map((flag) => ({
    operation: () => add({ flags: ['use', flag] }),
    error: RangeError,
    says: `flags: '${flag}' is for forwarding tables alone`,
  })),
  {
    operation: () => add({ proxy: true }),
    error: TypeError,
    says: "mac: '02:00:00:00:00:09' is not for a proxy",
  },
  { operation: () => add({ flags: 'router' }), error: TypeError, says: "flags: 'router'" },
  { operation: () => add({ proxy: 1 }), error: TypeError, says: 'proxy: 1' },
  { operation: () => add({ protocol: 256 }), error: RangeError, says: 'protocol: 256' },
  { operation: () => add({ protocol: 'me' }), error: RangeError, says: "protocol: 'me'" },
  { operation: () => add({ lladdr: 'x' }), error: TypeError, says: "addNeighbour: unknown option 'lladdr'" },
  { operation: () => addNeighbour(any('10.0.0.9')), error: TypeError, says: "addNeighbour: '10.0.0.9'" },
  { operation: () => deleteNeighbour(any({ to: '10.0.0.9' })), error: TypeError, says: 'dev: ' },
  { operation: () => deleteNeighbour(any({ dev: 'eth0' })), error: RangeError, says: 'to: undefined' },
  {
    operation: () => deleteNeighbour(any({ ...GOOD, host: 1 })),
    error: TypeError,
    says: "deleteNeighbour: unknown option 'host'",
  },
  { operation: () => listNeighbours(any({ family: 'arp' })), error: RangeError, says: "family: 'arp'" },
  { operation: () => listNeighbours(any({ state: 'gone' })), error: RangeError, says: "state: 'gone'" },
  {
    operation: () => listNeighbours(any({ state: ['stale', 'gone'] })),
    error: RangeError,
    says: "state: 'gone'",
  },
  { operation: () => listNeighbours(any({ state: null })), error: TypeError, says: 'state: null' },
  { operation: () => listNeighbours(any({ state: {} })), error: TypeError, says: 'state: ' },
  { operation: () => listNeighbours(any({ proxy: 'yes' })), error: TypeError, says: "proxy: 'yes'" },
  { operation: () => listNeighbours({ within: '::/129' }), error: RangeError, says: 'within: ' },
  {
    operation: () => listNeighbours({ within: '::/0', family: 'ipv4' }),
    error: RangeError,
    says: "within: '::/0' is not IPv4",
  },
  { operation: () => listNeighbours(any({ flags: 'router' })), error: TypeError, says: "flags: 'router'" },
  {
    operation: () => listNeighbours(any({ withoutFlags: ['proxy'] })),
    error: RangeError,
    says: "withoutFlags: 'proxy' is not one of",
  },
  { operation: () => listNeighbours(any({ protocol: 'x' })), error: RangeError, says: "protocol: 'x'" },
  { operation: () => flushNeighbours(any({ unused: 1 })), error: TypeError, says: 'unused: 1' },
  { operation: () => flushNeighbours({}), error: TypeError, says: 'Give at least one of dev, family' },
  {
    operation: () => flushNeighbours({ all: true, proxy: true }),
    error: TypeError,
    says: 'not those by proxy: give one or the other',
  },
  ...[{ proxy: false }, { state: [] }, { flags: [] }].map((options) => ({
    operation: () => flushNeighbours(options),
    error: TypeError,
    says: 'Give at least one of dev, family',
  })),
]

describe('input of the neighbour operations', () => {
  it.each(bad)('is refused: $says', ({ operation, error, says }) => {
    // The first step would ask for a socket already.
    const first = () => operation().next()
    expect(first).toThrow(error)
    expect(first).toThrow(says)
  })

  it.each([
    { mac: '33:33:00:00:00:16' },
    { mac: '0a:00:00:01' },
    { mac: '02-00-00-00-00-09' },
    { mac: null, flags: ['use'] },
    { mac: null, flags: ['managed'] },
    { mac: null, state: 'none' },
    { mac: null, state: 32 },
    { mac: null, proxy: true },
    { mac: null, proxy: true, dev: null },
  ])('is accepted: %o', (changes) => {
    expect(sentBy(add(changes))).toHaveLength(1)
  })

  it('goes by its ifindex where it has no name', () => {
    const listed: Pick<Neighbour, 'to' | 'mac' | 'dev' | 'ifindex'> = {
      ...{ to: '192.168.15.9', mac: '02:00:00:00:00:09', dev: null, ifindex: 10 },
    }
    for (const change of [addNeighbour, deleteNeighbour])
      expect(sentBy(change(listed))).toEqual(sentBy(change({ ...listed, dev: 10, ifindex: null })))
    expect(() => addNeighbour({ ...listed, ifindex: 0 }).next()).toThrow('ifindex: 0 is not')
  })
})

type NewNeighbour = Parameters<typeof encodeBody<typeof newNeighbour>>[2]

function read(body: NewNeighbour, change?: (bytes: Uint8Array) => void): Neighbour | null {
  const out = new Writer()
  encodeBody(newNeighbour, out, body)
  const bytes = out.take()
  change?.(bytes)
  return readNeighbour(bytes, 0, bytes.length, () => null)
}

describe('readNeighbour', () => {
  const header = { family: 2, ifindex: 10, state: [0x80] }

  it('keeps numbers that have no name', () => {
    const found = read({
      header: { ...header, state: [0xc0], type: 77 },
      attributes: { dst: '10.0.0.9', protocol: 201, flagsExt: ['managed', 0x40] },
    })
    expect(found).toMatchObject({ state: 0xc0, type: 77, protocol: 201, flags: ['managed', 0x4000] })
  })

  it('reads struct nda_cacheinfo in the order and unit of the kernel', () => {
    const attributes = { dst: '10.0.0.9', cacheinfo: { confirmed: 0, used: 0, updated: 0, refcnt: 0 } }
    const found = read({ header, attributes }, (bytes) => {
      const at = bytes.length - 16
      ;[1, 2, 3, 4].forEach((value, index) => {
        putU32(bytes, at + index * 4, value)
      })
    })
    expect(found?.cacheinfo).toEqual({ confirmed: 0.01, used: 0.02, updated: 0.03, references: 4 })
  })

  it('takes the proxy flag out of the flags', () => {
    const found = read({
      header: { family: 10, flags: ['proxy', 'router'] },
      attributes: { dst: 'fe80::1' },
    })
    expect(found).toMatchObject({
      proxy: true,
      flags: ['router'],
      ifindex: null,
      mac: null,
      state: 'none',
      probes: null,
      cacheinfo: null,
    })
  })

  it('has no link-layer address where the interface has none', () => {
    expect(read({ header, attributes: { dst: '10.0.0.9', lladdr: '02:00' } })?.mac).toBe('02:00')
    expect(read({ header, attributes: { dst: '10.0.0.9' } })?.mac).toBeNull()
    const empty = read({ header, attributes: { dst: '10.0.0.9', lladdr: '02:00:00:00' } }, (bytes) => {
      putU16(bytes, 20, 4)
      // What was the address is an attribute now: of length 4, with a number that no table has.
      putU16(bytes, 24, 4)
      putU16(bytes, 26, 200)
    })
    expect(empty?.mac).toBeNull()
  })

  it('leaves other families alone and refuses an entry without address', () => {
    expect(read({ header: { ...header, family: 7 }, attributes: {} })).toBeNull()
    expect(() => read({ header, attributes: {} })).toThrow('no address')
  })
})

describe('flushNeighbours', () => {
  const entry = (to: string, state: Neighbour['state']): Neighbour => ({
    family: 'ipv4',
    to,
    mac: null,
    ifindex: 10,
    dev: null,
    state,
    flags: [],
    proxy: false,
    type: 'unicast',
    protocol: null,
    probes: 0,
    cacheinfo: null,
  })
  const all = [
    entry('10.0.0.1', 'permanent'),
    entry('10.0.0.2', 'stale'),
    entry('10.0.0.3', 'noarp'),
    entry('10.0.0.4', 'failed'),
  ]
  function deleted(options: ListNeighboursOptions): unknown[] {
    const bodies = all.map(({ to, state }) => ({
      header: { family: 2, ifindex: 10, state: [state] },
      attributes: { dst: to },
    }))
    const table = dump(newNeighbour, bodies)
    const kernel = fakeKernel(({ isDump }) => (isDump ? table : undefined), { interfaces: { eth0: 10 } })
    runSync(flushNeighbours({ ...options, netns: kernel }))
    return kernel.requests.slice(1).map((request) => request.decode(delNeighbour).attributes.dst)
  }

  it('spares permanent and noarp entries that nobody asked for', () => {
    expect(deleted({ dev: 'eth0' })).toEqual(['10.0.0.2', '10.0.0.4'])
    expect(deleted({ state: ['noarp', 'stale'] })).toEqual(['10.0.0.2', '10.0.0.3'])
    expect(deleted({ state: 0x80 })).toEqual(['10.0.0.1'])
  })

  it('does not count what went away meanwhile, and throws anything else', () => {
    const run = (errno: number) => {
      const operation = flushNeighbours({ family: 'ipv4' })
      operation.next()
      operation.next({ where: '', ifindex: () => 10, ifname: () => 'eth0', release: () => {} })
      operation.next([{ error: null, values: all }])
      const gone = new NetlinkError({ operation: 'RTM_DELNEIGH', errno })
      return operation.next([
        { error: null, values: [] },
        { error: gone, values: [] },
      ])
    }
    expect(run(2)).toEqual({ done: true, value: 1 })
    expect(run(19)).toEqual({ done: true, value: 1 })
    expect(() => run(1)).toThrow('EPERM')
  })
})
