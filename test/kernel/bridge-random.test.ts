/** What bridges forward by at random, made, changed and deleted by calls and by `bridge`. */

import fc from 'fast-check'
import { describe, it } from 'vitest'
import { hasVlanFiltering } from './bridge-support.js'
import { ENTRY, FLUSH, GROUP, PORT, VLAN, VNI } from './bridge-words.js'
import type { Options } from './link-words.js'
import { PATIENCE } from './patience.js'
import { someOf } from './some-of.js'
import { expectTwins, type Ground, type Step, type Verb, wordsOf } from './twins.js'

const { constantFrom: one } = fc
const ON = fc.boolean()
const joined = (...parts: fc.Arbitrary<Options>[]) =>
  fc.tuple(...parts).map((all): Options => Object.assign({}, ...all))

const step = (command: string, verb: Verb, ...args: unknown[]): Step => ({
  command: `bridge ${command}`,
  verb,
  args,
})

const DEV = one('v0', 'v0', 'v2', 'br0', 'vx0', 'vx1', 'v1', 'nodev')
const SELF = someOf({ master: fc.constant(true), self: fc.constant(true) }, 2)
const MAC = one('02:00:00:00:09:01', '02:00:00:00:09:02', '02:00:00:00:00:01', '33:33:00:00:00:07')

const KEY = joined(
  fc.record({ mac: MAC, dev: DEV }),
  SELF,
  someOf({ vlan: one(5, 4094), dst: one('10.1.0.9', '10.1.0.8'), port: one(4789), vni: one(5) }, 1),
)
const FDB_CALLS = {
  add: 'addFdbEntry',
  append: 'appendFdbEntry',
  replace: 'replaceFdbEntry',
  del: 'deleteFdbEntry',
} as const
const FDB_ENTRY = joined(
  KEY,
  someOf(
    {
      state: one('permanent', 'static', 'dynamic'),
      flags: fc.subarray(['sticky', 'extern_learn', 'use', 'router'], { minLength: 1, maxLength: 2 }),
    },
    2,
  ),
).map((entry): Options => {
  if (entry['master'] !== true || entry['self'] === true) return entry
  // Those of a vxlan device, which a bridge passes over: bridge(8) sends them, addFdbEntry() refuses them.
  const { dst: _dst, port: _port, vni: _vni, flags = [], ...ofBridge } = entry
  const kept = (flags as string[]).filter((flag) => flag !== 'router')
  return kept.length === 0 ? ofBridge : { ...ofBridge, flags: kept }
})
const FDB: fc.Arbitrary<Step[]> = fc.array(FDB_ENTRY, { minLength: 1, maxLength: 5 }).chain((known) =>
  fc.array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc
          .tuple(one(...known), one('add' as const, 'append' as const, 'replace' as const, 'del' as const))
          .map(([entry, verb]) => {
            const { state, flags, ...key } = entry
            const options = verb === 'del' ? key : entry
            return step(`fdb ${verb} ${wordsOf(ENTRY, options)}`, FDB_CALLS[verb], options)
          }),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(
            one('br0', 'vx0', 'v0'),
            someOf(
              {
                brport: one('v0', 'v2', 'v1'),
                vlan: one(5),
                state: one('permanent', 'nopermanent', 'static', 'nostatic', 'dynamic', 'nodynamic'),
                flags: one(['sticky'], ['extern_learn']),
              },
              2,
            ),
          )
          .map(([dev, filter]) =>
            step(`fdb flush dev ${dev} ${wordsOf(FLUSH, filter)}`, 'flushFdb', dev, filter),
          ),
      },
    ),
    { minLength: 1, maxLength: 14 },
  ),
)

const MDB_CALLS = { add: 'addMdbEntry', del: 'deleteMdbEntry' } as const
const MDB_KEY = joined(
  fc.record({
    dev: one('br0', 'br0', 'br0', 'v0'),
    port: one('v0', 'v2', 'br0', 'v1'),
    group: one('239.1.1.1', '239.1.1.2', '224.0.0.1', 'ff05::7', '01:00:5e:01:01:01'),
  }),
  someOf({ vid: one(5) }, 1),
)
const MDB: fc.Arbitrary<Step[]> = fc
  .array(
    joined(
      MDB_KEY,
      fc.record({ state: one('permanent', 'permanent', 'temp') }),
      someOf({ source: one('10.1.0.9', '10.1.0.8') }, 1),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .chain((known) =>
    fc.array(
      fc.tuple(one(...known), one('add' as const, 'add' as const, 'del' as const)).map(([given, verb]) => {
        const entry = given['group'].startsWith('239.') ? given : { ...given, source: undefined }
        const { state, ...key } = entry
        const options = verb === 'del' ? key : entry
        return step(`mdb ${verb} ${wordsOf(GROUP, options)}`, MDB_CALLS[verb], options)
      }),
      { minLength: 1, maxLength: 12 },
    ),
  )

const SWITCHES = [
  ...['hairpin', 'guard', 'rootBlock', 'fastLeave', 'learning', 'flood', 'mcastFlood', 'mcastToUnicast'],
  ...['bcastFlood', 'neighSuppress', 'vlanTunnel', 'isolated', 'locked'],
]
const PORTS: fc.Arbitrary<Step[]> = fc.array(
  fc
    .tuple(
      one('v0', 'v2', 'v4', 'v1', 'br0', 'nodev'),
      joined(
        someOf(
          {
            state: one(0, 1, 2, 3, 4),
            priority: one(0, 20, 63, 64),
            // Bridge does not send 0, which the kernel refuses.
            cost: one(1, 100, 65535),
            mcastRouter: one(0, 1, 2, 3),
            backupPort: one('v1', 'v2', 'br0'),
            ...Object.fromEntries(SWITCHES.map((name) => [name, ON])),
          },
          3,
          1,
        ),
        someOf({ master: fc.constant(true) }, 1),
      ),
    )
    .map(([dev, port]) => step(`link set dev ${dev} ${wordsOf(PORT, port)}`, 'setBridgePort', dev, port)),
  { minLength: 1, maxLength: 14 },
)

const VID = one<unknown>(1, 5, 6, [5, 8], [6, 20], 4094)
/** Who is told of a VLAN: bridge(8) tells both at once, calls refuse that (rtnl_bridge_setlink()). */
const TARGET = one<Options>({}, {}, { master: true }, { self: true })
/** Without ids of tunnels: bridge gives a VLAN that is there one, and addBridgeVlan() makes the VLAN, too. */
const VLANS: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(
          one('v0', 'v0', 'v2', 'br0', 'v1'),
          joined(
            fc.record({ vid: VID }),
            someOf({ pvid: fc.constant(true), untagged: fc.constant(true) }, 2),
            TARGET,
          ),
        )
        // A range with a pvid is refused by each itself.
        .filter(([, { vid, pvid }]) => !(pvid && Array.isArray(vid)))
        .map(([dev, vlan]) => step(`vlan add dev ${dev} ${wordsOf(VLAN, vlan)}`, 'addBridgeVlan', dev, vlan)),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(one('v0', 'v0', 'v2', 'br0', 'v1'), joined(fc.record({ vid: VID }), TARGET))
        .map(([dev, vlan]) =>
          step(`vlan del dev ${dev} ${wordsOf(VLAN, vlan)}`, 'deleteBridgeVlan', dev, vlan),
        ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          one('v0', 'v2', 'br0'),
          joined(fc.record({ vid: VID }), someOf({ state: one(0, 3, 4), mcastRouter: one(0, 1, 2) }, 1, 1)),
        )
        .map(([dev, vlan]) => step(`vlan set dev ${dev} ${wordsOf(VLAN, vlan)}`, 'setBridgeVlan', dev, vlan)),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          one('br0', 'v0'),
          joined(
            fc.record({ vid: VID }),
            someOf(
              {
                mcastSnooping: ON,
                mcastQuerier: ON,
                mcastIgmpVersion: one(2, 3, 4),
                mcastLastMemberCount: one(1, 5),
              },
              2,
              1,
            ),
          ),
        )
        .map(([dev, vlan]) =>
          step(`vlan global set dev ${dev} ${wordsOf(VLAN, vlan)}`, 'setGlobalBridgeVlan', dev, vlan),
        ),
    },
  ),
  { minLength: 1, maxLength: 14 },
)

const VNIS: fc.Arbitrary<Step[]> = fc.array(
  fc
    .tuple(
      one('vx1', 'vx1', 'vx1', 'vx0', 'v0', 'nodev'),
      fc.record({ vni: one<unknown>(7, 8, [8, 10], [5, 20], 16777215) }),
      someOf({ group: one('239.1.1.1', '10.1.0.9', 'fd00::9', '0.0.0.0') }, 1),
      fc.boolean(),
    )
    .map(([dev, key, more, adds]) => {
      const options = adds ? { ...key, ...more } : key
      const words = wordsOf(VNI, options)
      return adds
        ? step(`vni add dev ${dev} ${words}`, 'addVxlanVni', dev, options)
        : step(`vni delete dev ${dev} ${words}`, 'deleteVxlanVni', dev, options)
    }),
  { minLength: 1, maxLength: 14 },
)

const WITH_VLANS = hasVlanFiltering()

const GROUND: Omit<Ground, 'shown'> = {
  withoutIpv6: true,
  given: [
    `link add br0 index 20 address 02:00:00:00:00:20 type bridge${WITH_VLANS ? ' vlan_filtering 1 mcast_vlan_snooping 1' : ''}`,
    ...[0, 2, 4].flatMap((n) => [
      `link add v${n} index ${10 + n} address 02:00:00:00:00:0${n + 1} type veth peer name v${n + 1} index ${11 + n} address 02:00:00:00:00:1${n}`,
      `link set v${n} master br0`,
    ]),
    'link add vx1 index 31 address 02:00:00:00:00:31 type vxlan external vnifilter dstport 4790',
    'link add vx0 index 30 address 02:00:00:00:00:30 type vxlan id 7 dstport 4789',
    ...['br0', 'v0', 'v1', 'v2', 'v3', 'vx0'].map((dev) => `link set ${dev} up`),
  ],
  unordered: true,
}

const forwarding = (shown: readonly Options[][]) =>
  shown.flat().filter(({ linkinfo }) => linkinfo?.info_slave_data?.state === 'forwarding').length === 2

const TABLES = [
  { table: 'fdb', steps: FDB, shown: ['link show', 'bridge fdb show'] },
  { table: 'mdb', steps: MDB, shown: ['link show', 'bridge mdb show'] },
  { table: 'vni', steps: VNIS, shown: ['link show', 'bridge vni show'] },
  { table: 'link', steps: PORTS, shown: ['link show'] },
  ...(WITH_VLANS
    ? [
        {
          table: 'vlan',
          steps: VLANS,
          shown: ['link show', 'bridge vlan show', 'bridge vlan tunnelshow', 'bridge vlan global show'],
        },
      ]
    : []),
]

describe.each(TABLES)('bridge $table', ({ steps, shown }) => {
  it('is what bridge makes of it', { timeout: 600_000 * PATIENCE }, () =>
    expectTwins({ ...GROUND, shown, isReady: forwarding }, steps, 8),
  )
})
