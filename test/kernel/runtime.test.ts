/** docs/examples/oci-runtime.ts, with runc and with crun: containers with a network, and what is left of them however they end. */

import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { exclusively } from '../../docs/examples/exclusively.js'
import { get } from '../../docs/examples/http-in-namespace.js'
import { openSocketInNetns } from '../../src/index.js'
import { bundle } from './bundle.js'
import { needNftables } from './needs.js'
import { PATIENCE, seconds } from './patience.js'
import { type Started, start } from './program.js'
import { execFileSync, spawnSync } from './programs.js'
import { hasTool, ip, ipJson, withNetns } from './support.js'
import { cleanAll, linkNames, stateOfAll } from './topology-support.js'

const STATE = '/run/oci-runtime'
const CGROUPS = '/sys/fs/cgroup'

let program: string
/** A root file system with busybox in it, and the runtimes' view of control groups: a namespace of those that they may change. */
let rootfs: string
const mounted = spawnSync('unshare', ['-C', 'mount', '-t', 'cgroup2', 'cgroup2', CGROUPS])

beforeAll(() => {
  program = bundle('oci-runtime')
  rootfs = mkdtempSync(join(tmpdir(), 'netlink-ts-rootfs-'))
  for (const directory of ['bin', 'proc', 'dev', 'www']) mkdirSync(join(rootfs, directory))
  if (!existsSync('/bin/busybox')) return
  copyFileSync('/bin/busybox', join(rootfs, 'bin/busybox'))
  for (const applet of ['sh', 'ping', 'httpd', 'ip', 'cat', 'sleep'])
    symlinkSync('busybox', join(rootfs, 'bin', applet))
  execFileSync('sh', ['-c', 'echo page of the container >"$1"', 'sh', join(rootfs, 'www/index.html')])
})
afterAll(() => {
  rmSync(program)
  rmSync(rootfs, { recursive: true })
  if (mounted.status === 0) execFileSync('umount', [CGROUPS])
})
afterEach(async () => {
  expect(await example('down').ended).toMatchObject({ status: 0, stderr: '' })
  cleanAll()
})

const command = (...args: string[]) => ['unshare', '-C', process.execPath, program, ...args]

function example(...args: string[]): Started {
  return start(['timeout', '-s', 'KILL', seconds(60), ...command(...args)])
}

/** Runs a container; its program prints, then waits for go(). */
function run(runtime: string, script: string, ...options: string[]): Started {
  return runAs('web', runtime, script, ...options)
}

function runAs(id: string, runtime: string, script: string, ...options: string[]): Started {
  return example('run', '--runtime', runtime, ...options, id, rootfs, '--', 'sh', '-c', script)
}

/** The program that runs the container (its wrapper is another process). */
function owner(): number {
  return (JSON.parse(readFileSync(join(STATE, 'web/owner.json'), 'utf8')) as { pid: number }).pid
}

function childOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)]))
}

function stateOf(runtime: string): { pid: number; status: string } | null {
  const { status, stdout } = spawnSync(runtime, ['state', 'web'])
  return status === 0 ? (JSON.parse(stdout) as { pid: number; status: string }) : null
}

/** Starts a container and waits until the runtime knows it: crun writes that down when the program may have printed already. */
async function running(runtime: string, then = 'read line'): Promise<Started> {
  const container = run(runtime, `echo ready; ${then}`, '--publish', '8080:80')
  await container.ready
  await expect.poll(() => stateOf(runtime)?.status, { timeout: 10_000 * PATIENCE }).toBe('running')
  return container
}

/** Nothing of a container: no namespace, link, published port, bundle or process of the runtime's. */
function expectNothing(runtime: string): void {
  expect(stateOf(runtime)).toBe(null)
  expect(linkNames().filter((name) => name.startsWith('veth'))).toEqual([])
  expect(ip('netns list')).toBe('')
  expect(execFileSync('find', [STATE, '-mindepth', '1'])).toBe('')
  if (hasTool('nft')) expect(execFileSync('nft', ['list', 'ruleset'])).not.toContain('10.22.0.2')
}

it('an abort ends the waiting for the processes before', async () => {
  const name = 'netlink-ts:runtime.test'
  const stop = new AbortController()
  await exclusively(name, async () => {
    const waiting = exclusively(name, async () => 'done', stop.signal)
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  })
  expect(await exclusively(name, async () => 'free')).toBe('free')
})

describe.each(['runc', 'crun'])('%s', (runtime) => {
  needNftables()
  beforeEach((context) => {
    context.skip(!hasTool(runtime), `not installed: ${runtime}`)
    context.skip(!existsSync('/bin/busybox'), 'not installed: busybox-static')
    context.skip(
      mounted.status !== 0,
      `cannot be installed: control groups that a runtime may change (${mounted.stderr.trim()})`,
    )
  })

  it('a container reaches the outside and is reached by a published port; its exit status is handed on', async () => {
    const before = stateOfAll()
    await withNetns(async (outside) => {
      ip(`link add eth0 type veth peer name eth0 netns ${outside}`)
      ip('address add 203.0.113.1/24 dev eth0')
      ip('link set eth0 up')
      ip('address add 203.0.113.2/24 dev eth0', outside)
      ip('link set eth0 up', outside)
      const server = http.createServer(({ socket }, response) => response.end(socket.remoteAddress))
      server.listen({ fd: await openSocketInNetns(outside, { address: '203.0.113.2', port: 80 }) })
      await once(server, 'listening')
      const script =
        'httpd -p 80 -h /www; echo ready; read line; ip -o -4 address show eth0; ping -c1 -W2 203.0.113.2; exit 7'
      const container = run(runtime, script, '--publish', '8080:80')
      await container.ready
      expect(execFileSync('ping', ['-c1', '-W2', '10.22.0.2'])).toContain('1 received')
      expect(ipJson('route show', 'web')).toMatchObject([
        { dst: 'default', gateway: '10.22.0.1' },
        { dst: '10.22.0.0/24' },
      ])
      // A router among the containers is believed by nobody.
      expect(readFileSync('/proc/sys/net/ipv6/conf/v-net-0/accept_ra', 'utf8')).toBe('0\n')
      expect(await get(outside, new URL('http://203.0.113.1:8080/'))).toBe('page of the container\n')
      container.go()
      const { status, stdout, stderr } = await container.ended
      expect([status, stderr]).toEqual([7, ''])
      expect(stdout).toContain('inet 10.22.0.2/24')
      expect(stdout).toContain('1 packets received')
      server.close()
      ip('link delete eth0')
    })
    expectNothing(runtime)
    expect(linkNames()).toEqual(['lo', 'v-net-0'])
    expect((await example('down').ended).stderr).toBe('')
    expect(stateOfAll()).toEqual(before)
  })

  it.each<[string, number, () => void]>([
    ['the container is killed', 137, () => process.kill(stateOf(runtime)!.pid, 'SIGKILL')],
    ['the runtime is killed', 137, () => process.kill(childOf(owner()), 'SIGKILL')],
    ['the program is ended by SIGTERM', 1, () => process.kill(owner(), 'SIGTERM')],
  ])('%s: nothing is left', async (_, expected, kill) => {
    const container = await running(runtime)
    kill()
    expect((await container.ended).status).toBe(expected)
    expectNothing(runtime)
  })

  it('the program is killed while the container runs: the next one takes all of it away', async () => {
    // Its standard input ends with the program.
    const container = await running(runtime, 'exec sleep 60')
    process.kill(owner(), 'SIGKILL')
    await expect.poll(() => existsSync(`/proc/${owner()}/fd/0`), { timeout: 10_000 * PATIENCE }).toBe(false)
    expect(stateOf(runtime)).toMatchObject({ status: 'running' })
    expect(ip('netns list')).toContain('web')
    const again = await run(runtime, 'ip -o -4 address show eth0; exit 3', '--address', '10.22.0.3').ended
    expect(again).toMatchObject({ status: 3, stderr: '' })
    expect(again.stdout).toContain('inet 10.22.0.3/24')
    await container.ended
    expectNothing(runtime)
  })

  it('the program is killed while it makes the network: the next one takes back what there was', async () => {
    const container = run(runtime, 'read line', '--publish', '8080:80')
    await expect
      .poll(() => existsSync('/run/netns/web'), { interval: 1, timeout: 15_000 * PATIENCE })
      .toBe(true)
    process.kill(owner(), 'SIGKILL')
    await container.ended
    expect(await example('sweep').ended).toMatchObject({ status: 0, stderr: '' })
    expectNothing(runtime)
  })

  it('the program is killed while it deletes the network: the next one deletes the rest', async () => {
    const deleting = () => existsSync('/run/netlink-ts/container-web.deleting')
    // The deletion takes some milliseconds: where this process is kept waiting for longer, it is over, and tried again.
    for (let tried = 1; !deleting(); tried++) {
      expect(tried).toBeLessThan(10)
      const container = await running(runtime, 'read line')
      const pid = owner()
      container.go()
      for (const end = Date.now() + 10_000 * PATIENCE; !deleting() && Date.now() < end; );
      process.kill(pid, 'SIGKILL')
      await container.ended
    }
    expect(existsSync(join(STATE, 'web'))).toBe(true)
    expect(await example('sweep').ended).toMatchObject({ status: 0, stderr: '' })
    expect(deleting()).toBe(false)
    expectNothing(runtime)
  })

  it('several that are started at once, the first ones: each has its network, and nothing is left', async () => {
    const addresses = Array.from({ length: 5 }, (_, i) => `10.22.0.${i + 2}`)
    const containers = addresses.map((address, i) =>
      runAs(`web${i}`, runtime, 'ip -o -4 address show eth0', '--address', address),
    )
    const all = await Promise.all(containers.map(({ ended }) => ended))
    expect(all.map(({ status, stderr }) => [status, stderr])).toEqual(all.map(() => [0, '']))
    for (const [i, address] of addresses.entries()) expect(all[i]!.stdout).toContain(`inet ${address}/24`)
    expectNothing(runtime)
  })

  it('a container whose id has 64 digits, as most programs choose them, has a network', async () => {
    const container = runAs('0123456789abcdef'.repeat(4), runtime, 'ip -o -4 address show eth0')
    const { status, stdout, stderr } = await container.ended
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('inet 10.22.0.2/24')
    expectNothing(runtime)
  })

  it('a program that nobody has waited for since it was killed is no more', async () => {
    // Its parent becomes another program, which waits for none.
    const container = ['web', rootfs, '--', 'sh', '-c', 'echo ready; exec sleep 60']
    const args = command('run', '--runtime', runtime, ...container)
    const parent = start(['sh', '-c', '"$@" & exec sleep 60', 'sh', ...args])
    try {
      await parent.ready
      const pid = owner()
      process.kill(pid, 'SIGKILL')
      const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8')
      await expect.poll(stat, { timeout: 10_000 * PATIENCE }).toMatch(/\) Z /)
      expect(await example('sweep').ended).toMatchObject({ status: 0, stderr: '' })
      expectNothing(runtime)
    } finally {
      process.kill(parent.pid, 'SIGKILL')
      await parent.ended
    }
  })

  it('what all share stays while a container runs', async () => {
    const container = await running(runtime)
    const { status, stderr } = await example('down').ended
    expect([status, stderr]).toEqual([1, `web: these containers run, by ${STATE}\n`])
    expect(execFileSync('ping', ['-c1', '-W2', '10.22.0.2'])).toContain('1 received')
    container.go()
    expect(await container.ended).toMatchObject({ status: 0, stderr: '' })
    expectNothing(runtime)
  })

  it('an id or an address that a container has is no other one’s', async () => {
    const container = await running(runtime)
    for (const [id, address, words] of [
      ['web', '10.22.0.3', 'web: there is a container of this id'],
      ['web2', '10.22.0.2', '--address 10.22.0.2: the container web has it'],
    ] as const) {
      const { status, stderr } = await runAs(id, runtime, 'true', '--address', address).ended
      expect([status, stderr]).toEqual([1, `${words}\n`])
    }
    expect(execFileSync('ping', ['-c1', '-W2', '10.22.0.2'])).toContain('1 received')
    container.go()
    expect(await container.ended).toMatchObject({ status: 0, stderr: '' })
    expectNothing(runtime)
  })

  it('a bundle that a killed program had half written is swept away', async () => {
    mkdirSync(join(STATE, '.web-1/half'), { recursive: true })
    expect(await example('sweep').ended).toMatchObject({ status: 0, stderr: '' })
    expectNothing(runtime)
  })

  it('a network that cannot be made is an error that says why, and no container', async () => {
    const container = run(runtime, 'true', '--address', '10.99.0.2', '--publish', '8080:80')
    const { status, stderr } = await container.ended
    expect(status).toBe(1)
    expect(stderr).toMatch(/^namespaces\.web\.routes\[0\]\.via: 10\.22\.0\.1 /)
    expectNothing(runtime)
  })
})

it.each<[string, string[]]>([
  ["'' is no command", []],
  ["'start' is no command", ['start', 'web']],
  ["Unknown option '--port'", ['run', '--port', '80', 'web', '/', '--', 'true']],
  ['a container has an ID, a root file system and a command', ['run', 'web', '/']],
  ["ID: '../web' is not a letter", ['run', '../web', '/', '--', 'true']],
  ["ROOTFS: there is no directory '/nowhere'", ['run', 'web', '/nowhere', '--', 'true']],
  ["ROOTFS: there is no directory '/etc/passwd'", ['run', 'web', '/etc/passwd', '--', 'true']],
  ["--publish '8080' is not HOSTPORT:PORT", ['run', '--publish', '8080', 'web', '/', '--', 'true']],
  ["--address 10.22.0.1: that is the bridge's", ['run', '--address', '10.22.0.1', 'web', '/', '--', 'true']],
])('%s: an error with the usage, and nothing is made', async (words, args) => {
  const { status, stderr } = await example(...args).ended
  const lines = stderr.trimEnd().split('\n')
  expect([status, lines.length]).toEqual([2, 2])
  expect(lines[0]!.slice(0, words.length)).toBe(words)
  expect(lines[1]).toMatch(/^oci-runtime\.ts run /)
  expect(linkNames()).toEqual(['lo'])
})

it('without rights: what is missing, and what an ordinary user can do', async () => {
  const setpriv = ['timeout', seconds(20), 'setpriv', '--bounding-set', '-all']
  const run = [...setpriv, process.execPath, program, 'run']
  const { status, stderr } = await start([...run, 'web', rootfs, '--', 'true']).ended
  expect(status).toBe(1)
  expect(stderr).toContain('EPERM')
  expect(stderr).toContain('CAP_NET_ADMIN')
  expect(stderr).toContain('unshare -Urnm')
  expect(linkNames()).toEqual(['lo'])
})
