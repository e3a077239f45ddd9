/** docs/examples/overlay.ts: two hosts, with a container each, joined by VXLAN. */

import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Lease, Overlay } from '../../docs/examples/overlay.js'
import { createTopology, type Topology } from '../../src/topology.js'
import { PATIENCE } from './patience.js'
import { spawnSync } from './programs.js'
import { hasKind, ip, ipJson, type Printed } from './support.js'
import { cleanAll } from './topology-support.js'

const A: Lease = { subnet: '10.244.1.0/24', host: '192.0.2.1', mac: '02:00:00:00:01:01' }
const B: Lease = { subnet: '10.244.2.0/24', host: '192.0.2.2', mac: '02:00:00:00:02:02' }

/** Two hosts on a wire; each has a container on its bridge. */
function hosts(): Topology {
  const host = (n: number) => ({
    sysctls: { 'net.ipv4.ip_forward': 1 },
    links: { eth0: { addresses: [`192.0.2.${n}/24`] } },
    bridges: { cni0: { addresses: [`10.244.${n}.1/24`], ports: [`container-${n}:eth0`] } },
  })
  const container = (n: number) => ({
    links: { eth0: { addresses: [`10.244.${n}.2/24`] } },
    routes: [{ to: 'default', via: `10.244.${n}.1` }],
  })
  const [first, second] = [host(1), host(2)]
  return {
    name: 'hosts',
    namespaces: {
      'host-1': { ...first, links: { eth0: { ...first.links.eth0, peer: 'host-2:eth0' } } },
      'host-2': second,
      'container-1': container(1),
      'container-2': container(2),
    },
  }
}

let overlays: Overlay[] = []
beforeEach((context) => context.skip(!hasKind('vxlan'), 'cannot be installed: the link kind vxlan'))
afterEach(async () => {
  for (const overlay of overlays) await overlay.leave()
  overlays = []
  cleanAll()
})

/** How many echo requests, of one, from the first container to the second were answered. */
function answers(): number {
  const args = 'netns exec container-1 ping -c1 -W1 10.244.2.2'.split(' ')
  const { stdout } = spawnSync('ip', args)
  return Number(/(\d+) received/.exec(stdout)![1])
}

function fdb(): Printed[] {
  const { stdout } = spawnSync('bridge', '-j -n host-1 fdb show dev flannel.1'.split(' '))
  return JSON.parse(stdout) as Printed[]
}

const neighbours = () => ipJson('neigh show dev flannel.1', 'host-1')
const routes = () => ipJson('route show dev flannel.1', 'host-1')

const FDB = [{ mac: B.mac, dst: '192.0.2.2', flags: ['self'], state: 'permanent' }]
const NEIGHBOURS = [{ dst: '10.244.2.0', lladdr: B.mac, state: ['PERMANENT'] }]
const ROUTES = [{ dst: B.subnet, gateway: '10.244.2.0', flags: ['onlink'] }]

async function join(): Promise<Overlay> {
  await createTopology(hosts())
  const first = await Overlay.join(A, 'host-1')
  const second = await Overlay.join(B, 'host-2')
  overlays = [first, second]
  await first.add(B)
  await second.add(A)
  // The kernel sees later that there is a carrier.
  await expect.poll(() => answers(), { timeout: 10_000 * PATIENCE }).toBe(1)
  return first
}

it('containers of two hosts reach each other, by three entries for a host', async () => {
  const first = await join()
  expect(ipJson('link show dev flannel.1', 'host-1')[0]!['linkinfo']['info_data']).toMatchObject({
    id: 1,
    local: '192.0.2.1',
    port: 8472,
    learning: false,
  })
  expect(fdb()).toMatchObject(FDB)
  expect(neighbours()).toMatchObject(NEIGHBOURS)
  expect(routes()).toMatchObject(ROUTES)
  await first.remove(B)
  expect([fdb(), neighbours(), routes()]).toEqual([[], [], []])
  expect(answers()).toBe(0)
  await first.add(B)
  expect(answers()).toBe(1)
})

it.each([
  ['a forwarding entry', `bridge -n host-1 fdb delete ${B.mac} dev flannel.1 dst 192.0.2.2`],
  ['a neighbour', 'ip -n host-1 neigh delete 10.244.2.0 dev flannel.1'],
  ['a route', `ip -n host-1 route delete ${B.subnet}`],
  [
    'what is gone with a device that is down',
    'ip -n host-1 link set flannel.1 down && ip -n host-1 link set flannel.1 up',
  ],
])('%s is put back when the kernel tells', async (_, command) => {
  await join()
  expect(spawnSync('sh', ['-c', command])).toMatchObject({ status: 0, stderr: '' })
  await expect
    .poll(() => [fdb(), neighbours(), routes()], { timeout: 10_000 * PATIENCE })
    .toMatchObject([FDB, NEIGHBOURS, ROUTES])
  expect(answers()).toBe(1)
})

it('what was asked last holds, while the first is under way', async () => {
  const first = await join()
  await Promise.all([first.remove(B), first.add(B), first.remove({ ...B })])
  expect([fdb(), neighbours(), routes()]).toEqual([[], [], []])
  await Promise.all([first.add(B), first.remove(B), first.add(B)])
  expect([fdb(), neighbours(), routes()]).toMatchObject([FDB, NEIGHBOURS, ROUTES])
})

it('a host that is removed while entries are put back does not come back', async () => {
  const first = await join()
  const C: Lease = { subnet: '10.244.3.0/24', host: '192.0.2.3', mac: '02:00:00:00:03:03' }
  const ends = () => neighbours().map(({ dst }) => dst)
  const lost = () => ip('neigh delete 10.244.3.0 dev flannel.1', 'host-1')
  // In the order in which they are put back.
  await first.remove(B)
  await first.add(C)
  for (let turns = 0; turns < 15; turns++) {
    await first.add(B)
    lost()
    for (let turn = 0; turn < turns; turn++) await setImmediate()
    await first.remove(B)
    // When it comes back for the second time, all is over that the first loss began.
    await expect.poll(ends, { timeout: 10_000 * PATIENCE }).toContain('10.244.3.0')
    lost()
    await expect.poll(ends, { timeout: 10_000 * PATIENCE }).toContain('10.244.3.0')
    expect([ends(), fdb().length, routes().length]).toEqual([['10.244.3.0'], 1, 1])
  }
})

it('a host that left keeps nothing', async () => {
  await join()
  for (const overlay of overlays.splice(0)) await overlay.leave()
  expect(
    ipJson('link', 'host-1')
      .map(({ ifname }) => ifname)
      .sort(),
  ).not.toContain('flannel.1')
  expect(ipJson('route show', 'host-1').map(({ dst }) => dst)).toEqual(['10.244.1.0/24', '192.0.2.0/24'])
})
