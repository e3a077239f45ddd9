/** The key macspoofchk of docs/examples/cni, next to the plugin bridge. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pings } from './bridge-support.js'
import { ask, type Config, call, skipWithoutTheirs, THEIRS } from './cni-support.js'
import { PATIENCE } from './patience.js'
import { execFileSync, spawnSync } from './programs.js'
import { restoreHost } from './restore.js'
import { hasTool, ip, ipJson, type Printed } from './support.js'
import { cleanAll, deleteLinks, linkNames } from './topology-support.js'

let dataDir: string

/** Whether rules can be made in the family bridge. */
const hasFamily = () =>
  spawnSync('nft', ['add table bridge probe { chain c { type filter hook prerouting priority 0; }; }'])
    .status === 0

beforeEach((context) => {
  context.skip(!hasTool('nft'), 'not installed: nftables')
  const has = hasFamily()
  restoreHost()
  context.skip(!has, 'cannot be installed: this kernel has no nftables of family bridge')
  dataDir = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-'))
  for (const netns of ['c1', 'c2']) ip(`netns add ${netns}`)
})
afterEach(() => {
  deleteLinks()
  cleanAll()
  restoreHost()
  rmSync(dataDir, { recursive: true, force: true })
})

const network = (more: object = {}): Config => ({
  cniVersion: '1.0.0',
  name: 'net1',
  type: 'bridge',
  isGateway: true,
  macspoofchk: true,
  ipam: { type: 'host-local', dataDir, ranges: [[{ subnet: '10.22.0.0/24' }]] },
  ...more,
})
const layer2 = (more: object = {}): Config =>
  network({ cniVersion: '1.1.0', isGateway: false, ipam: {}, ...more })
const OTHER = { CNI_CONTAINERID: 'c2', CNI_NETNS: '/run/netns/c2' }
const ruleset = () => execFileSync('nft', ['list', 'ruleset'])
const macOf = (netns: string) => String(ipJson('link show dev eth0', netns)[0]!['address'])

/** Another MAC, which nobody's neighbour table knows yet. */
function pretend(netns: string, mac: string): void {
  ip(`link set eth0 address ${mac}`, netns)
  ip('neighbour flush dev eth0', netns)
}

type Ask = (command: string, id: string, config: Config) => Promise<Printed | null>
const ours: Ask = (command, id, config) =>
  ask(command, config, { CNI_CONTAINERID: id, CNI_NETNS: `/run/netns/${id}` })
const theirs: Ask = (command, id, config) => call(THEIRS, command, { id, netns: id }, config)

/** Who reaches the gateway, and the other container, as whom. */
async function seen(by: Ask, config: Config) {
  for (const id of ['c1', 'c2']) await by('ADD', id, config)
  const own = macOf('c1')
  const reached: Record<string, boolean> = { honest: pings('c1', '10.22.0.1') }
  pretend('c1', '02:00:00:00:00:66')
  reached['forged'] = pings('c1', '10.22.0.1')
  pretend('c1', macOf('c2'))
  reached['stolen'] = pings('c1', '10.22.0.1')
  reached['other'] = pings('c2', '10.22.0.1')
  pretend('c1', own)
  reached['honest again'] = pings('c1', '10.22.0.3')
  const ruled = ruleset().includes(own)
  for (const id of ['c1', 'c2']) await by('DEL', id, config)
  return { reached, ruled, after: ruleset().includes('veth') || ruleset().includes(own) }
}

const GUARDED = {
  reached: { honest: true, forged: false, stolen: false, other: true, 'honest again': true },
  ruled: true,
  after: false,
}

describe('a container that sends with another MAC', () => {
  it(
    'is heard without macspoofchk',
    async () => {
      const { reached, ruled } = await seen(ours, network({ macspoofchk: false }))
      expect([reached['forged'], ruled]).toEqual([true, false])
    },
    60_000 * PATIENCE,
  )

  it(
    'is not heard with it',
    async () => {
      expect(await seen(ours, network())).toEqual(GUARDED)
    },
    60_000 * PATIENCE,
  )

  it(
    'is not heard with it by the plugin bridge either',
    async (context) => {
      skipWithoutTheirs(context)
      expect(await seen(theirs, network())).toEqual(GUARDED)
    },
    60_000 * PATIENCE,
  )
})

it('without IPAM, the MAC that the interface got is the one that may be used', async () => {
  await ask('ADD', layer2())
  expect(ruleset()).toContain(`ether saddr != ${macOf('c1')} drop`)
  expect(await ask('STATUS', layer2())).toBe(null)
  // The same again is refused, and what there is stays.
  expect(await ask('ADD', layer2())).toMatchObject({ code: 100, details: 'EEXIST' })
  expect(ruleset()).toContain(`ether saddr != ${macOf('c1')} drop`)
  await ask('DEL', layer2())
  expect(ruleset()).not.toContain('veth')
})

it('an ADD that fails leaves no rule', async () => {
  ip('link add eth0 type bridge', 'c1')
  expect(await ask('ADD', layer2())).toMatchObject({ code: 100, details: 'EEXIST' })
  expect([linkNames(), ruleset().includes('veth')]).toEqual([['lo', 'cni0'], false])
})

it('DEL takes the rule where the interface has gone, or was not made yet', async () => {
  const { interfaces } = (await ask('ADD', layer2()))!
  ip(`link delete ${interfaces[1].name}`)
  expect(ruleset()).toContain(interfaces[1].name)
  expect(await ask('DEL', layer2(), { CNI_NETNS: '' })).toBe(null)
  expect(ruleset()).not.toContain('veth')
})

it('CHECK misses the rule; DEL does not', async () => {
  const prevResult = (await ask('ADD', layer2()))!
  expect(await ask('CHECK', { ...layer2(), prevResult })).toBe(null)
  execFileSync('nft', ['delete', 'table', 'bridge', 'netlink-ts-cni'])
  expect(await ask('CHECK', { ...layer2(), prevResult })).toMatchObject({ code: 101 })
  expect(await ask('DEL', layer2())).toBe(null)
})

it.each([
  [
    'other MACs',
    'replace rule bridge netlink-ts-cni PORT handle HANDLE ether saddr != 02:00:00:00:00:66 drop',
  ],
  ['every MAC', 'replace rule bridge netlink-ts-cni PORT handle HANDLE counter accept'],
  ['every MAC, before its rule', 'insert rule bridge netlink-ts-cni PORT accept'],
  [
    'a port that goes another way',
    'delete element bridge netlink-ts-cni ports { PORT }; add element bridge netlink-ts-cni ports { PORT : accept }',
  ],
])('CHECK finds %s', async (_, change) => {
  const prevResult = (await ask('ADD', layer2()))!
  await ask('ADD', layer2(), OTHER)
  expect(await ask('CHECK', { ...layer2(), prevResult })).toBe(null)
  const port = String(prevResult['interfaces'][1].name)
  const args = ['-a', 'list', 'chain', 'bridge', 'netlink-ts-cni', port]
  const [, handle] = /drop # handle (\d+)/.exec(execFileSync('nft', args))!
  execFileSync('nft', [change.replaceAll('PORT', port).replace('HANDLE', handle!)])
  const msg = expect.stringContaining(`macspoofchk: ${port}: `)
  const message = change.startsWith('insert') ? expect.stringContaining('too many') : msg
  expect(await ask('CHECK', { ...layer2(), prevResult })).toMatchObject({ code: 101, msg: message })
})

it.each([
  ['map', 'flush map bridge netlink-ts-cni ports'],
  ['chain of the port', 'flush chain bridge netlink-ts-cni PORT'],
  ['chain of all ports', 'flush chain bridge netlink-ts-cni prerouting'],
])('the %s is emptied: CHECK misses it, DEL takes the rest, and ADD works again', async (_, command) => {
  const prevResult = (await ask('ADD', layer2()))!
  execFileSync('nft', command.replace('PORT', prevResult['interfaces'][1].name).split(' '))
  expect(await ask('CHECK', { ...layer2(), prevResult })).toMatchObject({ code: 101 })
  expect(await ask('DEL', layer2())).toBe(null)
  expect(ruleset()).not.toContain('veth')
  expect(await ask('ADD', layer2())).not.toHaveProperty('code')
})

it('another map of the same name, which is somebody else’s, is no obstacle to DEL', async () => {
  execFileSync('nft', ['add', 'table', 'bridge', 'netlink-ts-cni'])
  const other = '{ type ipv4_addr : mark ; elements = { 10.9.0.1 : 7 } ; }'
  execFileSync('nft', [`add map bridge netlink-ts-cni ports ${other}`])
  expect(await ask('ADD', layer2())).toMatchObject({ code: 100, details: 'EEXIST' })
  expect(await ask('DEL', layer2())).toBe(null)
  expect(ruleset()).toContain('10.9.0.1 : 0x00000007')
})

it('DEL and GC take the rule where the key was removed since ADD', async () => {
  const without = layer2({ macspoofchk: false, 'cni.dev/valid-attachments': [] })
  await ask('ADD', layer2())
  expect(await ask('DEL', without)).toBe(null)
  expect(ruleset()).not.toContain('veth')
  await ask('ADD', layer2())
  expect(await ask('GC', without)).toBe(null)
  expect(ruleset()).not.toContain('veth')
})

it('GC takes the rules of what is not valid any more, and of no other network', async () => {
  const elsewhere = layer2({ name: 'net2' })
  await ask('ADD', layer2())
  await ask('ADD', layer2(), OTHER)
  await ask('ADD', elsewhere, { CNI_IFNAME: 'eth1' })
  const kept = [macOf('c2'), String(ipJson('link show dev eth1', 'c1')[0]!['address'])].sort()
  const valid = { 'cni.dev/valid-attachments': [{ containerID: 'c2', ifname: 'eth0' }] }
  expect(await ask('GC', { ...layer2(), ...valid })).toBe(null)
  const allowed = [...ruleset().matchAll(/ether saddr != (\S+) drop/g)].map(([, mac]) => mac)
  expect(allowed.sort()).toEqual(kept)
  expect([linkNames('c1'), linkNames('c2')]).toEqual([
    ['lo', 'eth1'],
    ['lo', 'eth0'],
  ])
})
