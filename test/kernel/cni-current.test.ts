/** docs/examples/cni beside plugins that know version 1.1 of the specification, which those of Debian 12 and 13 do not. */

import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, type Config, call, eachWithContainer, THEIRS } from './cni-support.js'
import { needNftables } from './needs.js'
import { spawnSync } from './programs.js'
import { ip, ipJson, type Printed } from './support.js'
import { linkNames } from './topology-support.js'

needNftables()

/** NETLINK_CNI_CURRENT names some for these tests alone. */
const PLUGINS = process.env['NETLINK_CNI_CURRENT'] ?? THEIRS

function isCurrent(): boolean {
  if (!existsSync(join(PLUGINS, 'bridge'))) return false
  const { stdout } = spawnSync('env', ['CNI_COMMAND=VERSION', join(PLUGINS, 'bridge')])
  return (JSON.parse(stdout) as Printed)['supportedVersions'].includes('1.1.0')
}
const current = isCurrent()

const each = eachWithContainer()
/** Where the plugins lie, theirs and others. */
let path: string
beforeEach((context) => {
  context.skip(!current, 'cannot be installed: CNI plugins of version 1.1 (test/kernels/fetch.sh CACHE cni)')
  path = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-current-'))
  for (const name of ['bridge', 'portmap', 'static', 'host-local'])
    symlinkSync(join(PLUGINS, name), join(path, name))
  // By another name than the one that is this plugin's own.
  symlinkSync(join(PLUGINS, 'host-local'), join(path, 'their-host-local'))
})
afterEach(() => {
  if (path !== undefined) rmSync(path, { recursive: true, force: true })
})

type Ask = (command: string, config: Config) => Promise<Printed | null>
const ours: Ask = (command, config) => ask(command, config, { CNI_PATH: path })
const theirs: Ask = (command, config) => call(path, command, { id: 'c1', netns: 'c1' }, config)

const network = (ipam: object, more: object = {}): Config => ({
  cniVersion: '1.1.0',
  name: 'net1',
  type: 'bridge',
  isGateway: true,
  ipam,
  ...more,
})

const ROUTES = [
  { dst: '0.0.0.0/0', priority: 50 },
  { dst: '10.98.0.0/16', gw: '10.22.0.77', table: 99, scope: 0 },
]
const IPAM = {
  static: () => ({ type: 'static', addresses: [{ address: '10.22.0.2/24' }], routes: ROUTES }),
  'host-local': () => ({
    type: 'their-host-local',
    dataDir: each.dataDir,
    ranges: [[{ subnet: '10.22.0.0/24' }]],
    routes: ROUTES,
  }),
} as const
const held = () =>
  existsSync(join(each.dataDir, 'net1'))
    ? readdirSync(join(each.dataDir, 'net1')).filter((name) => /^[\d.]+$/.test(name))
    : []

describe.each(['static', 'host-local'] as const)('addresses of %s', (type) => {
  it('an attachment from STATUS to GC, as with the plugin bridge', async () => {
    const seen = []
    for (const by of [ours, theirs]) {
      const config = network(IPAM[type]())
      expect(await by('STATUS', config)).toBe(null)
      const prevResult = (await by('ADD', config))!
      const { ips, routes } = prevResult
      const inside = ipJson('route show table all type unicast', 'c1')
      seen.push([ips, routes, inside.map(({ dst, gateway, metric, table }) => [dst, gateway, metric, table])])
      // Theirs looks for every route in the main table.
      if (by === ours) expect(await by('CHECK', { ...config, prevResult })).toBe(null)
      const valid = [{ containerID: 'c1', ifname: 'eth0' }]
      expect(await by('GC', { ...config, 'cni.dev/valid-attachments': valid })).toBe(null)
      expect([linkNames('c1'), held()]).toEqual([['lo', 'eth0'], type === 'static' ? [] : ['10.22.0.2']])
      expect(await by('DEL', { ...config, prevResult })).toBe(null)
      expect([linkNames('c1'), held()]).toEqual([['lo'], []])
      expect(await by('GC', { ...config, 'cni.dev/valid-attachments': [] })).toBe(null)
      ip('link delete cni0')
      rmSync(join(each.dataDir, 'net1'), { recursive: true, force: true })
    }
    expect(seen[0]![2]).toContainEqual(['10.98.0.0/16', '10.22.0.77', undefined, '99'])
    expect(seen[0]).toEqual(seen[1])
  })

  it('GC takes what is on no list, and is passed on', async () => {
    const config = network(IPAM[type]())
    expect(await ours('ADD', config)).not.toHaveProperty('code')
    expect(await ours('GC', { ...config, 'cni.dev/valid-attachments': [] })).toBe(null)
    expect(linkNames('c1')).toEqual(['lo'])
    // Which they may not do by GC yet.
    expect(await ours('DEL', config)).toBe(null)
    expect(held()).toEqual([])
  })

  it('a version of the configuration that they do not know is refused before they are asked', async () => {
    const config = network(IPAM[type](), { cniVersion: '1.2.0' })
    for (const by of [ours, theirs])
      for (const command of ['STATUS', 'GC', 'ADD'])
        expect(await by(command, config)).toMatchObject({ code: 1 })
  })
})

it.each<[number, object]>([
  [50, { msg: 'no address is free' }],
  [51, { msg: 'the server is gone', details: 'since noon' }],
  [11, { msg: 'later' }],
  [120, { msg: 'a number of its own' }],
])('STATUS of an IPAM plugin is passed on: %i', async (code, more) => {
  const answer = JSON.stringify({ cniVersion: '1.1.0', code, ...more })
  writeFileSync(join(path, 'mine'), `#!/bin/sh\necho '${answer}'; exit 1\n`, { mode: 0o755 })
  for (const by of [ours, theirs])
    expect(await by('STATUS', network({ type: 'mine' }))).toMatchObject({ code, ...more })
})

describe.each(['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'])('a result of version %s', (cniVersion) => {
  it('tells of bridge what theirs tells, and of the MTU since 1.1', async () => {
    const routes = [{ dst: '10.98.0.0/16', priority: 7, table: 99, mtu: 1300, advmss: 1200, scope: 0 }]
    const seen = []
    for (const by of [ours, theirs]) {
      const config = network({ ...IPAM.static(), routes }, { cniVersion, dns: { search: ['example.org'] } })
      const result = (await by('ADD', config))!
      const interfaces = (result['interfaces'] as Printed[]).map(({ name, mac: _, mtu, ...others }) => {
        expect(mtu).toBe(by === ours && cniVersion === '1.1.0' ? 1500 : undefined)
        return { name: String(name).replace(/^veth.*/, 'veth'), ...others }
      })
      seen.push({ ...result, interfaces })
      expect(await by('DEL', config)).toBe(null)
      ip('link delete cni0')
    }
    expect(seen[0]).toEqual(seen[1])
    expect(seen[0]).toMatchObject({ cniVersion, routes })
  })

  it('passes portmap as it passes theirs', async () => {
    const isOld = cniVersion.startsWith('0.')
    const prevResult = {
      cniVersion,
      interfaces: [
        { name: 'br0', mac: '02:00:00:00:00:01', mtu: 1400 },
        { name: 'eth0', sandbox: '/run/netns/c1', socketPath: '/run/c1.sock', pciID: '0000:01:00.0' },
      ],
      ips: [
        { ...(isOld && { version: '4' }), address: '10.22.0.2/24', gateway: '10.22.0.1', interface: 1 },
        { ...(isOld && { version: '6' }), address: 'fd00:22::2/64' },
      ],
      routes: [
        { dst: '::/0', gw: 'fd00:22::1' },
        { dst: '10.98.0.0/16', table: 99, mtu: 1300 },
      ],
      dns: { nameservers: ['192.0.2.53'], options: ['ndots:2'] },
    }
    const config = { cniVersion, name: 'net1', type: 'portmap', prevResult }
    const answers = [await ours('ADD', config), await theirs('ADD', config)]
    expect(JSON.parse(JSON.stringify(answers[0]))).toEqual(answers[1])
    expect(answers[1]).toMatchObject({ ips: prevResult.ips, routes: prevResult.routes })
    if (!isOld) expect(answers[1]).toEqual(prevResult)
  })
})
