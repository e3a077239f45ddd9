/** The keys vlan, vlanTrunk and preserveDefaultVlan of docs/examples/cni, next to the plugin bridge. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasVlanFiltering, pings } from './bridge-support.js'
import { ask, type Config, call, skipWithoutTheirs, THEIRS } from './cni-support.js'
import { PATIENCE } from './patience.js'
import { execFileSync } from './programs.js'
import { restoreHost } from './restore.js'
import { hasKind, ip, ipJson, type Printed } from './support.js'
import { cleanAll, deleteLinks, linkNames } from './topology-support.js'

const filtering = hasVlanFiltering()
let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-'))
  for (const netns of ['c1', 'c2', 'c3']) ip(`netns add ${netns}`)
})
afterEach(() => {
  deleteLinks()
  cleanAll()
  restoreHost()
  rmSync(dataDir, { recursive: true, force: true })
})

const network = (more: object = {}, subnet = '10.22.0.0/24'): Config => ({
  cniVersion: '1.0.0',
  name: 'net1',
  type: 'bridge',
  ipam: { type: 'host-local', dataDir, ranges: [[{ subnet }]] },
  ...more,
})
const layer2 = (more: object = {}): Config => network({ ipam: {}, ...more })
const of = (id: string) => ({ CNI_CONTAINERID: id, CNI_NETNS: `/run/netns/${id}` })

type Ask = (command: string, id: string, config: Config) => Promise<Printed | null>
const ours: Ask = (command, id, config) => ask(command, config, of(id))
const theirs: Ask = (command, id, config) => call(THEIRS, command, { id, netns: id }, config)

/** The VLANs of each port, and of the bridge itself, in the order in which they were made; names of veth are by chance. */
function vlans(): [string, unknown[]][] {
  const order = linkNames()
  const printed = execFileSync('bridge', ['-j', 'vlan', 'show'])
  return (JSON.parse(printed) as Printed[])
    .sort((a, b) => order.indexOf(a['ifname']) - order.indexOf(b['ifname']))
    .map(({ ifname, vlans: list }) => [
      String(ifname).replace(/^veth.*/, 'veth'),
      (list as Printed[]).map(({ vlan, flags = [] }) => [vlan, ...flags]),
    ])
}

if (filtering)
  describe('with VLAN filtering', () => {
    const DEFAULT = [1, 'Egress Untagged']
    const OWN = (vlan: number) => [vlan, 'PVID', 'Egress Untagged']

    it.each<[string, object, unknown[]]>([
      ['vlan', { vlan: 100 }, [DEFAULT, OWN(100)]],
      ['vlan without the default one', { vlan: 100, preserveDefaultVlan: false }, [OWN(100)]],
      ['the default one', { vlan: 1, preserveDefaultVlan: false }, [OWN(1)]],
      [
        'a trunk',
        { vlanTrunk: [{ id: 7 }, { minID: 20, maxID: 22 }, { id: 21 }] },
        [OWN(1), [7], [20], [21], [22]],
      ],
      [
        'a trunk without the default one',
        { vlanTrunk: [{ minID: 20, maxID: 22, id: 30 }], preserveDefaultVlan: false },
        [[20], [21], [22], [30]],
      ],
      ['a trunk of nothing', { vlanTrunk: [], preserveDefaultVlan: false }, [OWN(1)]],
      ['neither', { vlan: 0 }, [OWN(1)]],
    ])('%s: the port is in its VLANs', async (_, more, expected) => {
      const config = layer2({ cniVersion: '1.1.0', ...more })
      const prevResult = (await ask('ADD', config))!
      expect(vlans()).toEqual([
        ['cni0', [OWN(1)]],
        ['veth', expected],
      ])
      const { vlan_filtering } = ipJson('link show cni0')[0]!['linkinfo']['info_data']
      expect(vlan_filtering).toBe(Number('vlanTrunk' in more || more['vlan' as keyof typeof more] !== 0))
      expect(await ask('CHECK', { ...config, prevResult })).toBe(null)
      expect(await ask('DEL', config)).toBe(null)
    })

    it('CHECK misses a VLAN', async () => {
      const config = layer2({ cniVersion: '1.1.0', vlanTrunk: [{ minID: 20, maxID: 22 }] })
      const prevResult = (await ask('ADD', config))!
      execFileSync('bridge', ['vlan', 'delete', 'vid', '21', 'dev', prevResult['interfaces'][1].name])
      expect(await ask('CHECK', { ...config, prevResult })).toMatchObject({ code: 101 })
    })

    /** What two VLANs with a gateway, on one bridge, are, and who reaches whom. */
    async function effect(by: Ask) {
      const red = network({ name: 'red', isGateway: true, vlan: 100, mtu: 1400 }, '10.22.0.0/24')
      // That of Debian knows no preserveDefaultVlan.
      const blue = network({ name: 'blue', isDefaultGateway: true, vlan: 200 }, '10.23.0.0/24')
      const results = [await by('ADD', 'c1', red), await by('ADD', 'c2', red), await by('ADD', 'c3', blue)]
      const state = vlans()
      const addresses = ['cni0', 'cni0.100', 'cni0.200'].map((dev) => {
        const { mtu, operstate, addr_info } = ipJson(`address show dev ${dev}`)[0]!
        const given = (addr_info as Printed[]).filter(({ scope }) => scope !== 'link')
        return [dev, mtu, operstate, given.map(({ local, prefixlen }) => [local, prefixlen])]
      })
      // Of the same network, as far as it can know.
      ip('address add 10.22.0.99/24 dev eth0', 'c3')
      const reached = {
        neighbour: pings('c1', '10.22.0.3'),
        gateway: pings('c1', '10.22.0.1'),
        gatewayOfBlue: pings('c3', '10.23.0.1'),
        otherVlan: pings('c1', '10.22.0.99'),
      }
      for (const [id, config] of [
        ['c1', red],
        ['c2', red],
        ['c3', blue],
      ] as const)
        await by('DEL', id, config)
      const plain = results.map((result) =>
        (result!['interfaces'] as Printed[]).map(({ name, sandbox }) => [
          String(name).replace(/^veth.*/, 'veth'),
          sandbox,
        ]),
      )
      const left = linkNames().map((name) => name.replace(/^veth.*/, 'veth'))
      return { plain, state, addresses, reached, left: left.sort() }
    }

    it(
      'two VLANs with a gateway: the same as by the plugin bridge',
      async (context) => {
        skipWithoutTheirs(context)
        const mine = await effect(ours)
        expect(mine.reached).toEqual({
          neighbour: true,
          gateway: true,
          gatewayOfBlue: true,
          otherVlan: false,
        })
        deleteLinks()
        rmSync(dataDir, { recursive: true })
        expect(mine).toEqual(await effect(theirs))
      },
      300_000 * PATIENCE,
    )

    it(
      'a trunk carries what is tagged, and nothing of other VLANs',
      async (context) => {
        context.skip(!hasKind('vlan'), 'cannot be installed: this kernel has no VLAN interfaces')
        const access = (vlan: number) => layer2({ vlan, preserveDefaultVlan: false })
        await ours('ADD', 'c1', layer2({ vlanTrunk: [{ id: 100 }], preserveDefaultVlan: false }))
        await ours('ADD', 'c2', access(100))
        await ours('ADD', 'c3', access(200))
        for (const vid of [100, 200]) {
          ip(`link add eth0.${vid} link eth0 up type vlan id ${vid}`, 'c1')
          ip(`address add 10.${vid}.0.1/24 dev eth0.${vid}`, 'c1')
        }
        ip('address add 10.100.0.2/24 dev eth0', 'c2')
        ip('address add 10.200.0.3/24 dev eth0', 'c3')
        expect([pings('c1', '10.100.0.2'), pings('c1', '10.200.0.3')]).toEqual([true, false])
      },
      120_000 * PATIENCE,
    )

    it(
      'a bridge that did not look at tags does from then on, and its other ports go on',
      async () => {
        const plain = network({ isGateway: true })
        await ours('ADD', 'c1', plain)
        await ours('ADD', 'c2', layer2({ name: 'net2', vlan: 100, preserveDefaultVlan: false }))
        ip('address add 10.22.0.99/24 dev eth0', 'c2')
        expect([pings('c1', '10.22.0.1'), pings('c1', '10.22.0.99')]).toEqual([true, false])
      },
      120_000 * PATIENCE,
    )

    it(
      'a gateway that was killed half-way is made whole by the next container',
      async () => {
        const config = network({ isGateway: true, vlan: 100 })
        await ours('ADD', 'c1', config)
        const port = linkNames().find(
          (name) => name.startsWith('veth') && ipJson(`link show ${name}`)[0]!['link'] === 'cni0.100',
        )!
        ip(`link set ${port} down`)
        execFileSync('bridge', ['vlan', 'delete', 'vid', '100', 'dev', port])
        expect(pings('c1', '10.22.0.1')).toBe(false)
        await ours('ADD', 'c2', config)
        expect(pings('c2', '10.22.0.1')).toBe(true)
      },
      120_000 * PATIENCE,
    )
  })

if (!filtering)
  describe('without VLAN filtering', () => {
    // Functions, since the directory is made for each test.
    it.each([
      ['vlan', () => layer2({ vlan: 100 })],
      ['vlanTrunk', () => layer2({ vlanTrunk: [{ id: 7 }] })],
      ['vlan, with a gateway', () => network({ vlan: 100, isGateway: true })],
    ])('%s: the error says what the kernel lacks, and nothing is left', async (_, made) => {
      const config = made()
      expect(await ours('ADD', 'c1', config)).toMatchObject({
        code: 100,
        details: 'EOPNOTSUPP',
        msg: expect.stringContaining('the kernel has no bridge VLAN filtering'),
      })
      expect([linkNames(), linkNames('c1')]).toEqual([['lo'], ['lo']])
      // A bridge of others stays as it is.
      ip('link add cni0 type bridge')
      expect(await ours('ADD', 'c1', config)).toMatchObject({ code: 100, details: 'EOPNOTSUPP' })
      expect([linkNames(), linkNames('c1')]).toEqual([['lo', 'cni0'], ['lo']])
    })
  })

it.each<[object, string]>([
  [{ vlan: 4095 }, 'vlan: 4095'],
  [{ vlan: -1 }, 'vlan: -1'],
  [{ vlanTrunk: [{ id: 1 }, { id: 0 }] }, 'vlanTrunk[1].id: 0'],
  [{ vlanTrunk: [{ minID: 5 }] }, 'vlanTrunk[0].maxID: undefined'],
  [{ vlanTrunk: [{ maxID: 5 }] }, 'vlanTrunk[0].minID: undefined'],
  [{ vlanTrunk: [{ minID: 5, maxID: 4 }] }, 'vlanTrunk[0]: maxID'],
  [{ vlan: 5, vlanTrunk: [{ id: 1 }] }, 'vlan, vlanTrunk'],
])('%j is refused', async (more, message) => {
  expect(await ours('ADD', 'c1', layer2(more))).toMatchObject({
    code: 7,
    msg: expect.stringContaining(message),
  })
  expect(linkNames()).toEqual(['lo'])
})
