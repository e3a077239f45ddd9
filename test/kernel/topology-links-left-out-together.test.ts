/** What links leave out that stand on each other, are ports of each other, or that somebody else has set; and a process that is killed meanwhile. */

import { afterEach, describe, expect, it } from 'vitest'
import { getLink } from '../../src/sync.js'
import * as operations from '../../src/topology/operations.js'
import type { Topology, TopologyBridge } from '../../src/topology.js'
import { createTopology, deleteTopology, recoverTopologies } from '../../src/topology-sync.js'
import { hasVlanFiltering } from './bridge-support.js'
import { since } from './needs.js'
import { execFileSync } from './programs.js'
import { hasKind, ip, ipJson } from './support.js'
import { CASES, lab } from './topology-left-out-cases.js'
import { atStep, cleanAll, TOPOLOGY_FACES, wasKilled } from './topology-support.js'

afterEach(cleanAll)

const shown = (key: string, netns = 'red') =>
  Object.fromEntries(ipJson('link show', netns).map((one) => [one['ifname'], one[key]]))

describe.each(TOPOLOGY_FACES)('$face:', ({ topology: tp }) => {
  it.for(CASES)('%s', async ([, full, less, key, expected, needs], context) => {
    context.skip(needs !== undefined && !hasKind(needs), `cannot be installed: this kernel has no ${needs}`)
    await tp.createTopology(full)
    await tp.applyTopology(less)
    expect(shown(key)).toMatchObject(expected)
    expect((await tp.planTopology(less)).explain()).toEqual([])
    await tp.deleteTopology('red')
    await tp.createTopology(full)
    const commands = (await tp.planTopology(less)).explain()
    execFileSync('sh', ['-e'], { input: commands.join('\n') })
    expect(shown(key)).toMatchObject(expected)
    expect((await tp.planTopology(less)).explain()).toEqual([])
    await tp.deleteTopology('red')
  })

  it('what somebody else has set since, and what no value said, stays', async () => {
    const said = { group: 7, mtu: 1400, promiscuous: true }
    await tp.createTopology(lab({ x: { peer: 'y', ...said } }, { br: { ageingTime: 100, priority: 100 } }))
    ip('-n red link set dev x group 8 txqueuelen 5')
    ip('-n red link set dev br type bridge ageing_time 20000 hello_time 100')
    expect((await tp.planTopology(lab({}, { br: {} }))).explain()).toEqual([
      'ip -n red link set dev br type bridge priority 32768',
      'ip -n red link set dev x mtu 1500 promisc off',
    ])
    await tp.applyTopology(lab({}, { br: {} }))
    expect(ipJson('link show dev x', 'red')).toMatchObject([{ group: '8', txqlen: 5, mtu: 1500 }])
    expect(ipJson('link show dev br', 'red')).toMatchObject([
      { linkinfo: { info_data: { ageing_time: 20_000, hello_time: 100, priority: 32_768 } } },
    ])
    await tp.deleteTopology('red')
  })

  it('a bridge has the mtu of a port that somebody else gave it', async () => {
    await tp.createTopology(lab({}, { br: { mtu: 1800, ports: ['x'] } }))
    ip('-n red link add name theirs mtu 1350 type veth peer name other')
    ip('-n red link set dev theirs master br')
    await tp.applyTopology(lab({}, { br: { ports: ['x'] } }))
    expect(shown('mtu')).toMatchObject({ x: 1500, br: 1350 })
    await tp.deleteTopology('red')
  })

  it('the group of a bridge of providers is another one', async (context) => {
    context.skip(!hasVlanFiltering(), 'cannot be installed: this kernel has no filtering of VLANs')
    const less = lab({}, { br: { vlanFiltering: true, vlanProtocol: '802.1ad' } })
    const group = () => ipJson('link show dev br', 'red')[0]!['linkinfo'].info_data.group_addr
    await tp.createTopology(less)
    const asNew = group()
    await tp.deleteTopology('red')
    const groupAddress = '01:80:c2:00:00:05'
    await tp.createTopology(lab({}, { br: { vlanFiltering: true, vlanProtocol: '802.1ad', groupAddress } }))
    await tp.applyTopology(less)
    expect(group()).toBe(asNew)
    await tp.deleteTopology('red')
  })

  it('what is the same without it is no change', async () => {
    const said = { mtu: 1500, group: 0, arp: true, gsoMaxSize: 65_536, broadcast: 'ff:ff:ff:ff:ff:ff' }
    await tp.createTopology(
      lab({ x: { peer: 'y', ...said } }, { br: { ...said, stp: false, forwardDelay: 15 } }),
    )
    expect((await tp.planTopology(lab({}, { br: {} }))).explain()).toEqual([])
    await tp.deleteTopology('red')
  })

  it('a link that is to be on the bridge whose port it is, is refused by the kernel alone', async () => {
    const ring = (mtu?: number) =>
      lab(
        { m: { kind: 'macvlan', link: 'br' }, w: { kind: 'macvlan', link: 'br', ...(mtu && { mtu }) } },
        { br: { ports: mtu ? ['x'] : ['m'] } },
      )
    await tp.createTopology(ring(1300))
    await expect(async () => tp.applyTopology(ring())).rejects.toMatchObject({ code: 'EBUSY', left: [] })
    await tp.deleteTopology('red')
  })

  it('one switch of several', async () => {
    const value = (multiBoolopt?: TopologyBridge['multiBoolopt']) =>
      lab({}, { br: { ...(multiBoolopt && { multiBoolopt }) } })
    await tp.createTopology(value({ no_ll_learn: true }))
    const commands = ['ip -n red link set dev br type bridge no_linklocal_learn 0']
    expect((await tp.planTopology(value({}))).explain()).toEqual(commands)
    expect((await tp.planTopology(value())).explain()).toEqual(commands)
    await tp.deleteTopology('red')
  })

  it('a size for IPv4 beside one for all, which sets it', async (context) => {
    context.skip(!since(6, 3), 'cannot be installed: this kernel has no sizes for IPv4')
    const value = (sizes: object) => lab({ x: { peer: 'y', ...sizes } })
    const sizes = () => {
      const { gsoMaxSize, gsoIpv4MaxSize, groMaxSize, groIpv4MaxSize } = getLink('x', { netns: 'red' })
      return { gsoMaxSize, gsoIpv4MaxSize, groMaxSize, groIpv4MaxSize }
    }
    const ofIpv4 = { gsoIpv4MaxSize: 20_000, groIpv4MaxSize: 20_000 }
    await tp.createTopology(value({ gsoMaxSize: 30_000, groMaxSize: 30_000, ...ofIpv4 }))
    await tp.applyTopology(value(ofIpv4))
    expect(sizes()).toEqual({ gsoMaxSize: 65_536, groMaxSize: 65_536, ...ofIpv4 })
    await tp.applyTopology(value({ gsoMaxSize: 30_000, groMaxSize: 30_000, ...ofIpv4 }))
    await tp.applyTopology(value({ gsoMaxSize: 30_000, groMaxSize: 30_000 }))
    const all = { gsoIpv4MaxSize: 30_000, groIpv4MaxSize: 30_000 }
    expect(sizes()).toEqual({ gsoMaxSize: 30_000, groMaxSize: 30_000, ...all })
    await tp.deleteTopology('red')
  })

  it('a link that was to be dormant is not any more', async () => {
    await tp.createTopology(lab({ x: { peer: 'y', linkMode: 'dormant' } }))
    await expect.poll(() => shown('operstate')).toMatchObject({ x: 'DORMANT' })
    expect((await tp.applyTopology(lab({}))).explain()).toEqual([
      'ip -n red link set dev x mode default state up',
    ])
    expect(shown('operstate')).toMatchObject({ x: 'UP' })
    expect((await tp.planTopology(lab({}))).explain()).toEqual([])
    await tp.deleteTopology('red')
  })

  it('interfaces of the process’s own namespace', async () => {
    const value = (settings: object): Topology => ({
      name: 'own',
      links: { x0: { peer: 'y0', ...settings } },
      bridges: { br0: settings },
    })
    await tp.createTopology(value({ mtu: 1400, txQueueLength: 5 }))
    expect((await tp.applyTopology(value({}))).explain()).toEqual([
      'ip link set dev br0 mtu 1500 txqueuelen 1000',
      'ip link set dev x0 mtu 1500 txqueuelen 1000',
    ])
    expect(ipJson('link show dev x0')).toMatchObject([{ mtu: 1500, txqlen: 1000 }])
    expect((await tp.planTopology(value({}))).explain()).toEqual([])
    await tp.deleteTopology('own')
  })

  it('routes, addresses and neighbours are there afterwards', async () => {
    const entries = {
      routes: [{ to: 'default', via: '10.1.0.9' }],
      neighbours: [{ to: '10.1.0.8', dev: 'x', mac: '02:00:00:00:00:08' }],
    }
    const addresses = ['10.1.0.1/24', { address: 'fd00::1/64', flags: ['nodad'] }]
    const less = lab({ x: { peer: 'y', addresses } }, {}, entries)
    for (const settings of [
      { arp: false },
      { broadcast: '02:00:00:00:00:01' },
      { mtu: 1400, multicast: false },
    ]) {
      await tp.createTopology(lab({ x: { peer: 'y', addresses, ...settings } }, {}, entries))
      await tp.applyTopology(less)
      expect((await tp.planTopology(less)).explain()).toEqual([])
      expect(ipJson('neighbour show nud permanent', 'red')).toMatchObject([{ dst: '10.1.0.8' }])
      await tp.deleteTopology('red')
    }
  })
})

it('a process that is killed before any of the steps has changed nothing once that is recovered', () => {
  const full = lab({ x: { peer: 'y', mtu: 1400, group: 7 } }, { br: { stp: true, ports: ['y'] } })
  const less = lab({}, { br: { ports: ['y'] } })
  for (const step of [1, 2])
    for (const after of [0, 1, 2]) {
      createTopology(full)
      const before = [shown('mtu'), shown('group')]
      expect(wasKilled('red', operations.applyTopology(less), atStep(step, after))).toBe(true)
      recoverTopologies()
      expect([shown('mtu'), shown('group')]).toEqual(before)
      deleteTopology('red')
    }
})
