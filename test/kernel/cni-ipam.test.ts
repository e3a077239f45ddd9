/** docs/examples/cni with addresses of another plugin: `ipam.type` names a program in CNI_PATH. */

import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundle } from './bundle.js'
import {
  ask,
  type Config,
  call,
  chain,
  eachWithContainer,
  install,
  installForward,
  run,
  skipWithoutTheirs,
  startDaemon,
  THEIRS,
} from './cni-support.js'
import { needNftables } from './needs.js'
import { PATIENCE } from './patience.js'
import { start } from './program.js'
import { spawnSync } from './programs.js'
import { hasTool, ip, ipJson, type Printed } from './support.js'
import { linkNames } from './topology-support.js'

needNftables()
eachWithContainer()

/** Where the plugins lie that are named. */
let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-ipam-'))
})
afterEach(() => rmSync(path, { recursive: true }))

const network = (type: string, ipam: object = {}, more: object = {}): Config => ({
  cniVersion: '1.0.0',
  name: 'net1',
  type: 'bridge',
  ipam: { type, ...ipam },
  ...more,
})

type Ask = (command: string, config: Config, args?: string) => Promise<Printed | null>
const ours: Ask = (command, config, args = '') =>
  ask(command, config, { CNI_PATH: `/nowhere::${path}:${THEIRS}`, CNI_ARGS: args })
const theirs: Ask = (command, config, args) => call(THEIRS, command, { id: 'c1', netns: 'c1', args }, config)

/** What an attachment is, without what is by chance. */
async function effect(by: Ask, config: Config, args?: string) {
  const result = (await by('ADD', config, args))!
  expect(result).not.toHaveProperty('code')
  const addresses = (dev: string, netns?: string) =>
    (ipJson(`address show dev ${dev}`, netns)[0]!['addr_info'] as Printed[])
      .filter(({ scope }) => scope !== 'link')
      .map(({ local, prefixlen, broadcast }) => [local, prefixlen, broadcast])
  const given = [addresses('cni0'), addresses('eth0', 'c1')]
  const routes = ['route', '-6 route'].flatMap((table) =>
    ipJson(`${table} show`, 'c1').map(({ dst, gateway, dev, scope }) => ({ dst, gateway, dev, scope })),
  )
  expect(await by('CHECK', { ...config, prevResult: result }, args)).toBe(null)
  for (let i = 0; i < 2; i++) expect(await by('DEL', { ...config, prevResult: result }, args)).toBe(null)
  expect(linkNames('c1')).toEqual(['lo'])
  ip('link delete cni0')
  const { ips, routes: told = [] } = result
  return { ips, told, given, routes }
}

describe('`static` is asked as the plugin `bridge` asks it', () => {
  beforeEach((context) => {
    skipWithoutTheirs(context)
    context.skip(!hasTool('iptables'), 'not installed: iptables')
  })

  const IPV4 = { address: '10.22.0.5/24', gateway: '10.22.0.254' }
  const BOTH = [IPV4, { address: 'fd00:22::5/64', gateway: 'fd00:22::1' }]

  it.each<[string, object, object, string?]>([
    [
      'both families and routes',
      {
        addresses: BOTH,
        routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }, { dst: '10.99.0.0/16', gw: '10.22.0.77' }],
      },
      { isGateway: true, ipMasq: true },
    ],
    ['default routes', { addresses: BOTH }, { isDefaultGateway: true }],
    [
      'gateways that nobody names',
      { addresses: [{ address: '10.22.0.5/16' }, { address: 'fd00:22::5/64' }] },
      { isDefaultGateway: true },
    ],
    [
      'neither gateways nor a way there',
      { addresses: [{ address: '10.22.0.5/24' }], routes: [{ dst: '10.99.0.0/16' }] },
      {},
    ],
    ['an address of the environment', {}, {}, 'IgnoreUnknown=1;IP=10.22.0.9/24;GATEWAY=10.22.0.1'],
    ['an address of the runtime', {}, { runtimeConfig: { ips: ['10.22.0.8/24'] } }],
    ['the form before version 1.0', { addresses: [IPV4] }, { cniVersion: '0.4.0' }],
  ])('%s', async (_, ipam, more, args) => {
    const config = network('static', ipam, more)
    const mine = await effect(ours, config, args)
    expect(mine.ips).toHaveLength(Array.isArray((ipam as Printed)['addresses']) ? mine.given[1]!.length : 1)
    expect(mine).toEqual(await effect(theirs, config, args))
  })

  it('its name servers are told; those of the network go before', async () => {
    const dns = { nameservers: ['192.0.2.53'], domain: 'example.org', search: ['example.org'] }
    const config = network('static', { addresses: [IPV4], dns })
    expect(await call(THEIRS, 'ADD', { id: 'c1', netns: 'c1' }, { ...config, type: 'static' })).toMatchObject(
      { dns },
    )
    expect(await ours('ADD', config)).toMatchObject({ dns })
    expect(await ours('DEL', config)).toBe(null)
    const own = { dns: { domain: 'example.net' } }
    expect(await ours('ADD', { ...config, ...own })).toHaveProperty('dns', own.dns)
  })

  it('an error of its own is answered as it is', async () => {
    const wrong = network('static', { addresses: [{ address: '10.22.0.5' }] })
    const refused = await ours('ADD', wrong)
    expect(refused).toMatchObject({ code: 999, msg: expect.stringContaining('10.22.0.5') })
    expect(linkNames('c1')).toEqual(['lo'])
    expect(refused).toMatchObject((await theirs('ADD', wrong))!)
  })
})

it(
  '`dhcp` asks a server on the bridge',
  async (context) => {
    skipWithoutTheirs(context)
    const { stdout } = hasTool('busybox') ? spawnSync('busybox', ['--list']) : { stdout: '' }
    context.skip(!stdout.includes('udhcpd'), 'not installed: udhcpd of busybox')
    for (const args of ['link add cni0 up type bridge', 'address add 10.22.0.1/24 dev cni0']) ip(args)
    const [leases, socket, conf] = ['leases', 'dhcp.sock', 'udhcpd.conf'].map((name) => join(path, name))
    writeFileSync(leases!, '')
    const range = `start 10.22.0.20\nend 10.22.0.30\ninterface cni0\nlease_file ${leases}\npidfile ${path}/pid\n`
    writeFileSync(conf!, `${range}option subnet 255.255.255.0\noption router 10.22.0.1\noption lease 600\n`)
    const started = [
      start(['busybox', 'udhcpd', '-f', conf!]),
      start([join(THEIRS, 'dhcp'), 'daemon', '-socketpath', socket!]),
    ]
    try {
      await expect.poll(() => existsSync(socket!), { timeout: 10_000 * PATIENCE }).toBe(true)
      const config = network('dhcp', { daemonSocketPath: socket })
      const prevResult = await ours('ADD', config)
      const address = expect.stringMatching(/^10\.22\.0\.(2\d|30)\/24$/)
      expect(prevResult).toMatchObject({
        ips: [{ address, gateway: '10.22.0.1', interface: 2 }],
        routes: [{ dst: '0.0.0.0/0', gw: '10.22.0.1' }],
      })
      expect(ipJson('route show default', 'c1')).toMatchObject([{ gateway: '10.22.0.1', dev: 'eth0' }])
      expect(await ours('CHECK', { ...config, prevResult })).toBe(null)
      expect(await ours('DEL', config)).toBe(null)
    } finally {
      for (const { pid } of started) process.kill(pid, 'SIGKILL')
      await Promise.all(started.map(({ ended }) => ended))
    }
  },
  60_000 * PATIENCE,
)

it('a process for each call and one that stays ask it alike', async (context) => {
  skipWithoutTheirs(context)
  context.skip(!hasTool('cc'), 'not installed: a C compiler')
  const [plugin, program, socket] = [bundle('cni/plugin'), bundle('cni/daemon'), join(path, 'cni.sock')]
  const directories = ['one-shot', 'long-lived'].map((name) => join(path, name))
  for (const directory of directories) {
    mkdirSync(directory)
    symlinkSync(join(THEIRS, 'static'), join(directory, 'static'))
  }
  install(directories[0]!, plugin)
  installForward(directories[1]!, socket, '/nonexistent')
  const { pid, ended } = await startDaemon(program, socket)
  try {
    const list: Config[] = [
      network('static', { addresses: [{ address: '10.22.0.5/24' }] }, { isDefaultGateway: true }),
      {
        ...network('static'),
        type: 'portmap',
        runtimeConfig: { portMappings: [{ hostPort: 80, containerPort: 8 }] },
      },
    ]
    const seen = []
    const said = []
    for (const directory of directories) {
      const c1 = { id: 'c1', netns: 'c1' }
      const { ips, routes } = (await chain(directory, 'ADD', c1, list))!
      seen.push([ips, routes, ipJson('route', 'c1')])
      await chain(directory, 'DEL', c1, list)
      writeFileSync(join(directory, 'loud'), '#!/bin/sh\necho at a loss >&2; exit 1', { mode: 0o755 })
      const { stdout, stderr } = await run(directory, 'ADD', c1, network('loud'))
      expect(JSON.parse(stdout)).toMatchObject({ code: 100, msg: expect.stringMatching(/1: at a loss$/) })
      said.push(stderr)
      const none = network('nobody')
      expect(await call(directory, 'ADD', c1, none)).toMatchObject({
        code: 7,
        msg: expect.stringContaining(`is '${directory}'`),
      })
      expect(linkNames('c1')).toEqual(['lo'])
    }
    expect(seen[0]).toEqual(seen[1])
    // Of ADD, and of the DEL that follows; the daemon's is its own.
    expect(said).toEqual(['at a loss\n'.repeat(2), ''])
    expect(seen[0]![0]).toMatchObject([{ address: '10.22.0.5/24', gateway: '10.22.0.1' }])
  } finally {
    process.kill(pid, 'SIGTERM')
    expect(await ended).toMatchObject({ status: 0, stderr: 'at a loss\n'.repeat(2) })
    for (const file of [plugin, program]) rmSync(file)
  }
})
