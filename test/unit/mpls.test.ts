import { describe, expect, it } from 'vitest'
import { type GetMplsRouteOptions, getMplsRoute } from '../../src/rtnetlink/mpls/lookup.js'
import { type MplsRoute, readMplsRoute } from '../../src/rtnetlink/mpls/mpls-route.js'
import {
  addMplsRoute,
  changeMplsRoute,
  deleteMplsRoute,
  flushMplsRoutes,
  listMplsRoutes,
  type MplsRouteFilter,
  type MplsRouteOptions,
  replaceMplsRoute,
} from '../../src/rtnetlink/mpls/operations.js'
import { findGolden, loadGolden } from '../golden/golden.js'
import { expectGolden, type GoldenCase } from './golden-case.js'
import { sentBy } from './sent-by.js'

interface Added extends GoldenCase {
  route: MplsRouteOptions
}

const add = (name: string, route: MplsRouteOptions): Added => ({
  name: `mpls-route${name}`,
  route,
  operation: () => addMplsRoute(route),
})

const { bytes: asked } = findGolden('encap', 'mpls-route').messages[0]!
const FOUND = readMplsRoute(asked, 16, asked.length, () => null)
const get = (name: string, options: GetMplsRouteOptions): GoldenCase => ({
  name: `mpls-route-get${name}`,
  operation: () => getMplsRoute(100, options),
  answers: [[FOUND]],
})

const added: Added[] = [
  add('', { label: 100, via: '10.1.1.1', dev: 'eth0' }),
  add('-swap', { label: 100, as: [200], via: '10.1.1.1', dev: 'eth0' }),
  add('-push', { label: 100, as: [200, 300], via: '2001:db8::1', dev: 'eth0' }),
  add('-pop', { label: 100, dev: 'eth0' }),
  add('-ttl', { label: 100, ttlPropagate: false, via: '10.1.1.1', dev: 'eth0' }),
  add('-multipath', {
    label: 100,
    nexthops: [
      { as: [200], via: '10.1.1.1', dev: 'eth0' },
      { via: '2001:db8::1', dev: 'eth1' },
    ],
  }),
]

const others: GoldenCase[] = [
  {
    name: 'mpls-route-replace',
    operation: () => replaceMplsRoute({ label: 100, via: '10.1.1.1', dev: 'eth0' }),
  },
  { name: 'mpls-route-delete', operation: () => deleteMplsRoute({ label: 100 }) },
  { name: 'mpls-route-delete-dev', operation: () => deleteMplsRoute({ label: 100, dev: 'eth0' }) },
  get('', {}),
  get('-as', { as: [200, 300] }),
  get('-fibmatch', { fibmatch: true }),
  {
    name: 'mpls-route-show',
    operation: () => listMplsRoutes(),
    differs: {
      why: 'there is one table of MPLS routes, which iproute2 names',
      lines: [
        '- header  length 36, type 26, flags 0x301, portid 0',
        '+ header  length 28, type 26, flags 0x301, portid 0',
        '- 15 (8) fe000000',
      ],
    },
  },
]

const IFINDEX: Record<string, number> = { eth0: 10, eth1: 11 }
const asRead = ({ dev, as, via }: NonNullable<MplsRouteOptions['nexthops']>[number]) => ({
  as: as ?? null,
  via: via ?? null,
  dev: null,
  ifindex: IFINDEX[dev!],
  flags: [],
})

describe('MPLS routes', () => {
  it.each([...added, ...others])('are sent as iproute2 sends them: $name', (it) => {
    expectGolden('encap', it)
  })

  it('cover every fixture', () => {
    const all = loadGolden('encap').map(({ name }) => name)
    expect([...added, ...others].map(({ name }) => name).sort()).toEqual(
      all.filter((name) => name.startsWith('mpls-')).sort(),
    )
  })

  it.each(added)('are read as they were given: $name', ({ name, route }) => {
    const { bytes } = findGolden('encap', name).messages[0]!
    expect(readMplsRoute(bytes, 16, bytes.length, () => null)).toEqual({
      label: 100,
      as: route.as ?? null,
      via: route.via ?? null,
      dev: null,
      ifindex: route.dev == null ? null : IFINDEX[route.dev],
      nexthops: route.nexthops?.map(asRead) ?? null,
      ttlPropagate: route.ttlPropagate ?? null,
      protocol: 'boot',
      flags: [],
    })
  })

  it('have a link-layer address as a gateway', () => {
    const [message] = sentBy(addMplsRoute({ label: 100, via: '02-00-00-00-00-09', dev: 'eth0' }))
    expect(Buffer.from(message!).toString('hex')).toContain('0c0012001100020000000009')
    expect(readMplsRoute(message!, 16, message!.length, () => null)).toMatchObject({
      via: '02:00:00:00:00:09',
    })
  })

  it('are changed as they are replaced, but not made', () => {
    const route = { label: 100, via: '10.1.1.1', dev: 'eth0' }
    const [replaced, changed] = [...sentBy(replaceMplsRoute(route)), ...sentBy(changeMplsRoute(route))]
    // nlmsg_flags without NLM_F_CREATE.
    replaced!.set([replaced![7]! & ~0x04], 7)
    expect(changed).toEqual(replaced)
  })

  it('of another family are none', () => {
    expect(readMplsRoute(new Uint8Array(12), 0, 12, () => null)).toBeNull()
  })

  it('are added and deleted as they are listed', () => {
    const listed = { ...added[2]!.route, nexthops: null, flags: ['linkdown'], protocol: 'boot' } as const
    expect(sentBy(addMplsRoute({ ...listed, dev: null, ifindex: 10 }))).toEqual(
      sentBy(addMplsRoute(added[2]!.route)),
    )
    expect(sentBy(deleteMplsRoute({ ...listed, ttlPropagate: null }))).toHaveLength(1)
  })

  it.each<[object, RegExp]>([
    [{}, /label: undefined is not an MPLS label/],
    [{ label: 15 }, /label: 15 is not an MPLS label from 16/],
    [{ label: 1 << 20 }, /label: 1048576 is not/],
    [{ label: 100, to: 'default' }, /unknown option 'to'/],
    [{ label: 100, via: 'eth0' }, /via: 'eth0' is not an IPv4, IPv6 or link-layer address/],
    [{ label: 100, as: [] }, /as: \[\] is not an array of labels/],
    [{ label: 100, as: [200, -1] }, /as\[1\]: -1 is not an MPLS label/],
    [{ label: 100, dev: '' }, /dev: /],
    [{ label: 100, ttlPropagate: 1 }, /ttlPropagate: 1 is not true or false/],
    [{ label: 100, protocol: 'me' }, /protocol: 'me' is not one of/],
    [{ label: 100, nexthops: [] }, /nexthops: \[\] is not an array of nexthops/],
    [{ label: 100, nexthops: [{ dev: 'eth0' }], via: '10.1.1.1' }, /nexthops: a route has either/],
    [{ label: 100, nexthops: [{ dev: 'eth0', weight: 2 }] }, /nexthops\[0\]: unknown option 'weight'/],
    [{ label: 100, nexthops: [{ dev: 'eth0', label: 5 }] }, /nexthops\[0\]: unknown option 'label'/],
  ])('refuse %j', (route, message) => {
    expect(() => sentBy(addMplsRoute(route as MplsRouteOptions))).toThrow(message)
    expect(() => sentBy(deleteMplsRoute(route as MplsRouteOptions))).toThrow(message)
  })

  it.each<[object, RegExp]>([
    [{}, /^dev: without a via that is an IP address the route needs an interface$/],
    [{ via: '02:00:00:00:00:09' }, /^dev: /],
    [{ dev: null, as: [200] }, /^dev: /],
    [{ nexthops: [{ via: '10.1.1.1' }, { as: [200] }] }, /^nexthops\[1\]\.dev: /],
  ])('lead to an interface, or are not made: %j', (route, message) => {
    for (const call of [addMplsRoute, replaceMplsRoute, changeMplsRoute])
      expect(() => sentBy(call({ label: 100, ...route }))).toThrow(message)
    expect(sentBy(deleteMplsRoute({ label: 100, ...route }))).toHaveLength(1)
  })

  it('lead to the interface that the kernel finds for an address', () => {
    expect(sentBy(addMplsRoute({ label: 100, via: '10.1.1.1' }))).toHaveLength(1)
  })

  const LISTED: MplsRoute[] = [
    { ...FOUND!, label: 100, via: '10.1.1.1', ifindex: 10 },
    { ...FOUND!, label: 101, via: '02:00:00:00:00:09', ifindex: 11, protocol: 'static' },
    {
      ...FOUND!,
      ...{ label: 102, via: null, ifindex: null },
      nexthops: [{ via: '2001:db8::1', dev: null, ifindex: 11, as: null, flags: [] }],
    },
  ]

  it.each<[MplsRouteFilter, number[]]>([
    [{ label: 101 }, [101]],
    [{ protocol: 'boot' }, [100, 102]],
    [{ protocol: 4 }, [101]],
    [{ via: '2001:db8:0::1' }, [102]],
    [{ via: '02-00-00-00-00-09' }, [101]],
    [{ dev: 'eth1' }, [101, 102]],
    [{ dev: 'eth1', protocol: 'boot' }, [102]],
    [{ via: '10.1.1.2' }, []],
  ])('are flushed with %j', (filter, labels) => {
    const [, ...deleted] = sentBy(flushMplsRoutes(filter), [LISTED])
    expect(deleted).toEqual(labels.flatMap((label) => sentBy(deleteMplsRoute({ label }))))
  })

  it.each<[object, RegExp]>([
    [{}, /which routes\? Give at least one of label, dev, via, protocol, or all: true/],
    [{ netns: 'red' }, /which routes\?/],
    [{ all: true, label: 100 }, /not those by label: give one/],
    [{ all: false }, /all: false is not true/],
    [{ via: 'eth0' }, /via: 'eth0' is not/],
    [{ label: 1 << 20 }, /label: 1048576 is not/],
    [{ protocol: 'me' }, /protocol: 'me' is not one of/],
    [{ to: 100 }, /flushMplsRoutes: unknown option 'to'/],
  ])('are not flushed with %j', (options, message) => {
    expect(() => sentBy(flushMplsRoutes(options))).toThrow(message)
  })

  it.each<[number, object, RegExp]>([
    [15, {}, /label: 15 is not an MPLS label/],
    [100, { as: 200 }, /as: 200 is not an array of labels/],
    [100, { as: [1 << 20] }, /as\[0\]: 1048576 is not an MPLS label/],
    [100, { fibmatch: 1 }, /fibmatch: 1 is not true or false/],
    [100, { via: '10.1.1.1' }, /getMplsRoute: unknown option 'via'/],
  ])('are not looked for with %j, %j', (label, options, message) => {
    expect(() => sentBy(getMplsRoute(label, options))).toThrow(message)
  })
})
