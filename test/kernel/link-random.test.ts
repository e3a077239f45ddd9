/** Links at random, made, changed and deleted by calls and by `ip link`. */

import fc from 'fast-check'
import { it } from 'vitest'
import { BRIDGE, CHANGE, MACVLAN, type Options, PORT, plain, VXLAN } from './link-words.js'
import { PATIENCE } from './patience.js'
import { someOf } from './some-of.js'
import { hasKind } from './support.js'
import { BESIDE, expectTwins, type Step, type Words, wordsOf } from './twins.js'

const { constantFrom: one } = fc
const maybe = (arbitraries: Record<string, fc.Arbitrary<unknown>>, maxLength: number) =>
  fc.oneof(fc.constant({}), someOf(arbitraries, maxLength, 1))

const NAME = one('br0', 'br1', 'v0', 'v0', 'v1', 'v1', 'x0', 'x1', 'alt0', 'nodev')
const MAC = one('02:00:00:00:07:01', '02:00:00:00:07:02', '02:00:00:00:07:03')
const BAD_MAC = one('00:00:00:00:00:00')
const ON = fc.boolean()

const CHANGES: fc.Arbitrary<object> = someOf(
  {
    up: ON,
    name: one('x0', 'x1', 'v0', 'alt0'),
    mac: fc.oneof({ weight: 3, arbitrary: MAC }, { weight: 1, arbitrary: BAD_MAC }),
    mtu: one(1400, 1500, 9000, 60, 68, 65536, 70000),
    txQueueLength: one(0, 100, 1000),
    group: one(0, 7, 8),
    alias: one('uplink', 'a'),
    arp: ON,
    multicast: ON,
    allMulticast: ON,
    promiscuous: ON,
    protoDown: ON,
    addrGenMode: one('none', 'eui64', 'random', 'stable_secret'),
    gsoMaxSize: one(1000, 65536, 1000000),
    gsoMaxSegs: one(0, 10, 65535),
    groMaxSize: one(5000, 100000),
    master: one('br0', 'br1', 'v1'),
  },
  3,
  1,
)

const BRIDGE_OPTIONS = {
  forwardDelay: one(2, 4, 30, 1, 31),
  helloTime: one(1, 2, 10, 11),
  maxAge: one(6, 20, 40, 41),
  ageingTime: one(0, 100, 300),
  priority: one(0, 100, 65535),
  groupFwdMask: one(0, 8, 1),
  groupAddress: one('01:80:c2:00:00:04', '01:80:c2:00:00:01', '02:00:00:00:00:01'),
  vlanFiltering: ON,
  mcastSnooping: ON,
  mcastQuerier: ON,
  mcastQueryUseIfaddr: ON,
  mcastHashMax: one(16, 512, 15),
  mcastLastMemberCount: one(1, 5),
  mcastQueryInterval: one(1, 100, 0),
  mcastIgmpVersion: one(2, 3, 4),
  mcastMldVersion: one(1, 2, 3),
  mcastStats: ON,
  nfCallIptables: ON,
}

const PORT_OPTIONS = {
  state: one(0, 1, 2, 3, 4, 5),
  priority: one(0, 20, 63, 64),
  cost: one(1, 100, 65535, 0),
  ...Object.fromEntries(
    [
      ...['hairpin', 'guard', 'rootBlock', 'fastLeave', 'learning', 'flood', 'proxyArp', 'proxyArpWifi'],
      ...['mcastFlood', 'mcastToUnicast', 'bcastFlood', 'neighSuppress', 'isolated', 'locked'],
    ].map((name) => [name, ON]),
  ),
  mcastRouter: one(0, 1, 2, 3, 4),
  groupFwdMask: one(0, 8, 1),
  backupPort: one('v1', 'br0'),
}

const NEW = {
  name: one('x0', 'x1', 'v0'),
  mac: MAC,
}
const PLAIN = { mtu: one(1400, 60, 65536, 70000), group: one(7), txQueueLength: one(5) }
const COMMON = { ...PLAIN, up: ON }

const VXLAN_OPTIONS = {
  remote: one('10.1.0.9', '239.1.1.1', 'fd00::9'),
  local: one('10.1.0.1'),
  ttl: one(5),
  learning: ON,
  ageing: one(0, 500),
  limit: one(0, 10),
}
const MODE = { mode: one('private', 'vepa', 'bridge', 'passthru') }

interface Made {
  readonly kind: string
  readonly table: Words<Options>
  /** The interface underneath. */
  readonly link?: fc.Arbitrary<string | undefined>
  readonly options: fc.Arbitrary<object>
}
const KINDS: Made[] = [
  { kind: 'bridge', table: BRIDGE, options: maybe(BRIDGE_OPTIONS, 2) },
  { kind: 'ifb', table: {}, options: fc.constant({}) },
  { kind: 'dummy', table: {}, options: fc.constant({}) },
  {
    kind: 'macvlan',
    table: MACVLAN,
    link: one('v0', 'v1', 'x0', 'br0'),
    options: maybe(MODE, 1),
  },
  {
    kind: 'vxlan',
    table: VXLAN,
    link: fc.constant('v0'),
    options: fc
      .tuple(fc.record({ id: one(1, 2), dstport: one(4789, 0) }), maybe(VXLAN_OPTIONS, 3))
      .map((parts): Options => Object.assign({}, ...parts))
      // Which ip refuses, too, in its own words.
      .filter(({ local, remote }) => local === undefined || remote !== 'fd00::9'),
  },
]

const madeOf = ({ kind, table, link = fc.constant(undefined), options }: Made): fc.Arbitrary<Step> =>
  fc
    .tuple(fc.record(NEW), maybe(COMMON, 2), link, options)
    .map(([{ name, mac }, common, below, own]): Step => {
      const words = wordsOf(CHANGE, { mac, ...common })
      // Of a vxlan device it is an option.
      const data = wordsOf(table, { ...own, ...(kind === 'vxlan' && { link: below }) })
      const under = below === undefined || kind === 'vxlan' ? '' : `link ${below} `
      return {
        command: `link add ${under}name ${name} ${words} type ${kind} ${data}`,
        verb: 'createLink',
        args: [{ name, mac, ...common, link: below, ...own, kind }],
      }
    })

/** The kernel does not make a pair whose other end is to be up; the library makes it, and brings it up. */
const PAIR: fc.Arbitrary<Step> = fc
  .tuple(fc.record(NEW), maybe(COMMON, 2), fc.record(NEW), maybe(PLAIN, 1))
  .map(([near, more, far, rest]): Step => {
    const [one, other] = [
      { ...near, ...more },
      { ...far, ...rest },
    ]
    const words = (end: object) => wordsOf({ ...CHANGE, name: (name) => `name ${name}` }, end)
    return {
      command: `link add ${words(one)} type veth peer ${words(other)}`,
      verb: 'createLink',
      args: [{ kind: 'veth', ...one, peer: other }],
    }
  })

/** What a kind may be missing of a kernel is asked where links are made. */
const MAKING = () =>
  fc.oneof({ weight: 2, arbitrary: PAIR }, ...KINDS.filter(({ kind }) => hasKind(kind)).map(madeOf))

const setting = (dev: string, command: string, options: object): Step => ({
  command: `link set dev ${dev} ${command}`,
  verb: 'setLink',
  args: [dev, options],
})

const SETTING = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(NAME, CHANGES)
      .map(([dev, changes]) => setting(dev, wordsOf(CHANGE, changes), changes)),
  },
  { weight: 1, arbitrary: NAME.map((dev) => setting(dev, 'nomaster', { master: null })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(one('br0', 'br1'), someOf(BRIDGE_OPTIONS, 3, 1))
      .map(([dev, own]) => setting(dev, `type bridge ${wordsOf(BRIDGE, own)}`, { kind: 'bridge', ...own })),
  },
  ...[
    // ip wants `dev` beside a group, also where the device has one.
    { kind: 'vxlan', table: VXLAN, options: { ...VXLAN_OPTIONS, remote: one('10.1.0.9', 'fd00::9') } },
    { kind: 'macvlan', table: MACVLAN, options: MODE },
  ].map(({ kind, table, options }) => ({
    weight: 1,
    arbitrary: fc
      .tuple(one('x0', 'x1'), someOf(options, 1, 1))
      .map(([dev, own]) => setting(dev, `type ${kind} ${wordsOf(table, own)}`, { kind, ...own })),
  })),
  {
    weight: 4,
    arbitrary: fc.tuple(one('v0', 'v1', 'x0', 'x1'), someOf(PORT_OPTIONS, 3, 1)).map(([dev, own]) =>
      setting(dev, `type bridge_slave ${wordsOf(PORT, own)}`, {
        port: { kind: 'bridge', ...own },
      }),
    ),
  },
)

const NAMING: fc.Arbitrary<Step> = fc
  .tuple(NAME, one('alt0', 'alt1', 'x0', 'v0', 'a-name-that-is-longer-than-others'), ON)
  .map(([dev, name, adds]) => ({
    command: `link property ${adds ? 'add' : 'del'} dev ${dev} altname ${name}`,
    verb: 'setLink',
    args: [dev, { [adds ? 'addAltNames' : 'removeAltNames']: [name] }],
  }))

/**
 * With a new name that none has there: the library refuses another before the interface moves, where the kernel says so after it has moved
 * (link-move.test.ts).
 */
const MOVING: fc.Arbitrary<Step> = fc
  .tuple(NAME, maybe({ name: fc.uuid().map((id) => id.slice(0, 13)), ifindex: one(5, 50) }, 2))
  .map(([dev, options]) => ({
    command: `link set dev ${dev} netns ${BESIDE} ${wordsOf({ ...CHANGE, ifindex: plain('index') }, options)}`,
    verb: 'moveLink',
    args: [dev, BESIDE, options],
  }))

const DELETING: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: NAME.map((dev) => ({
      command: `link delete dev ${dev}`,
      verb: 'deleteLink' as const,
      args: [dev, {}],
    })),
  },
  {
    weight: 1,
    arbitrary: one(7, 8).map((group) => ({
      command: `link delete group ${group}`,
      verb: 'deleteLinkGroup' as const,
      args: [group, {}],
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(one(7, 8), maybe({ up: ON, mtu: one(1400, 60), multicast: ON }, 2))
      .map(([group, changes]) => ({
        command: `link set group ${group} ${wordsOf(CHANGE, changes)}`,
        verb: 'setLinkGroup' as const,
        args: [group, changes],
      })),
  },
)

const steps = (): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: MAKING() },
      { weight: 8, arbitrary: SETTING },
      { weight: 2, arbitrary: NAMING },
      { weight: 1, arbitrary: DELETING },
      { weight: 1, arbitrary: MOVING },
    ),
    { minLength: 4, maxLength: 20 },
  )

it('links are what ip makes of them', { timeout: 600_000 * PATIENCE }, () =>
  expectTwins(
    {
      given: [
        'link add br0 address 02:00:00:00:00:20 type bridge',
        'link add br1 address 02:00:00:00:00:21 type bridge',
        'link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02',
        'link set v0 master br0',
        'link set v0 up',
        'link set v1 up',
        'link set br0 up',
      ],
      shown: ['link show'],
      moves: true,
      isReady: ([links]) => links!.some(({ linkinfo }) => linkinfo?.info_slave_data?.state === 'forwarding'),
    },
    steps(),
    12,
  ),
)
