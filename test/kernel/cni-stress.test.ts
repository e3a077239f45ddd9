/**
 * docs/examples/cni under a runtime that starts many commands at once and kills some: no address is given wrong, and nothing is left.
 * NETLINK_CNI_STRESS=50x200: containers and commands. NETLINK_CNI_SEED: another order of the commands, and other times to kill some.
 */

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, expect, it, type TestContext } from 'vitest'
import { bundle } from './bundle.js'
import { type Config, type Container, install, installForward, run, startDaemon } from './cni-support.js'
import { needNftables } from './needs.js'
import { PATIENCE } from './patience.js'
import type { Started } from './program.js'
import { execFileSync } from './programs.js'
import { restoreHost } from './restore.js'
import { hasTool, ipJson, type Printed } from './support.js'
import { cleanAll, deleteLinks, linkNames } from './topology-support.js'

let directory: string
let plugin: string
let program: string

needNftables()
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'netlink-ts-cni-'))
  plugin = bundle('cni/plugin')
  program = bundle('cni/daemon')
})
afterAll(() => {
  for (const path of [plugin, program]) rmSync(path)
  rmSync(directory, { recursive: true })
})
afterEach(() => {
  // Pairs first: the kernel takes those of a deleted namespace away some time later.
  deleteLinks()
  cleanAll()
  restoreHost()
  rmSync(join(directory, 'data'), { recursive: true, force: true })
})

const SEED = Number(process.env['NETLINK_CNI_SEED'] ?? 1)
const given = process.env['NETLINK_CNI_STRESS']
const sizes = (otherwise: string) => (given ?? otherwise).split('x').map(Number) as [number, number]

interface Load {
  /** Where the plugin lies. */
  readonly bin: string
  readonly containers: number
  readonly commands: number
  /** So many of them; those of one container come one after another, as a runtime gives them. */
  readonly atOnce: number
  /** One container of so many has a published port: a second plugin for each of its commands. */
  readonly published: number
  /**
   * Milliseconds after which one in five is killed, unless it has ended by then: from before it has begun. `usual` is what a call of a
   * plugin takes at that time.
   */
  killAfter(n: number, usual: number): number
  /** What takes away the containers that are there in the end: DEL of each, or GC of all. */
  readonly end: 'DEL' | 'GC'
  /** Before each command. */
  before?(n: number): Promise<void>
}

/** Commands in random order; fails where an address is given twice, or something is left when all have ended. */
async function stress(load: Load): Promise<void> {
  const { bin, containers: many, commands, atOnce, published, killAfter, end, before } = load
  const dataDir = join(directory, 'data')
  // One for each container, so that what is given back is soon given again.
  const ranges = [[{ subnet: '10.22.0.0/24', rangeEnd: `10.22.0.${many + 1}` }]]
  const bridge = { type: 'bridge', isGateway: true, ipMasq: true, macspoofchk: true }
  const config: Config = {
    ...{ cniVersion: '1.1.0', name: 'net1', ...bridge },
    ipam: { type: 'host-local', dataDir, ranges },
  }
  const containers = Array.from({ length: many }, (_, i) => ({ id: `s${i}`, netns: `s${i}` }))
  const isPublished = (container: Container) => containers.indexOf(container) % published === 0
  /** The one behind it in the list. */
  const portmap = (container: Container, prevResult?: Printed): Config => ({
    ...{ cniVersion: '1.1.0', name: 'net1', type: 'portmap', masqAll: true },
    conditionsV4: ['!', '-s', '192.0.2.0/24'],
    runtimeConfig: { portMappings: [{ hostPort: 8000 + containers.indexOf(container), containerPort: 80 }] },
    ...(prevResult === undefined ? {} : { prevResult }),
  })
  execFileSync('ip', ['-batch', '-'], {
    input: containers.map(({ netns }) => `netns add ${netns}\n`).join(''),
  })
  /** By address, whose it is; `leaving` from when a DEL may take it away until that has been answered. */
  const held = new Map<string, { readonly container: Container; leaving: boolean }>()
  const attached = new Set<string>()
  const wrong: string[] = []
  /** The containers of the calls that were killed. */
  const killed: Container[] = []
  /** Milliseconds; the latest calls count most. */
  let usual = 100
  /** What a call printed; null where it was killed, or the daemon was that it had asked. */
  const ask = async (
    command: string,
    container: Container,
    of: Config,
    after?: number,
  ): Promise<string | null> => {
    const begin = performance.now()
    const { status, stdout, stderr } = await run(bin, command, container, of, after)
    expect(stderr).toBe('')
    if (status === 0) usual += (performance.now() - begin - usual) / 4
    if (status === null) killed.push(container)
    if (status === null || (status === 1 && (JSON.parse(stdout) as Printed)['code'] === 5)) return null
    if (status !== 0) wrong.push(stdout)
    return stdout
  }
  /** Whoever had it has it no more: neither by what was answered nor, where a DEL is under way, in the kernel. */
  const take = (address: string, container: Container) => {
    const other = held.get(address)
    if (other !== undefined && (!other.leaving || addressesOf(other.container.netns).includes(address)))
      wrong.push(`${address} is given to ${container.id}, and ${other.container.id} has it`)
    held.set(address, { container, leaving: false })
  }
  const leave = (container: Container, isOver: boolean) => {
    for (const [address, one] of held) {
      if (one.container !== container) continue
      if (isOver) held.delete(address)
      else one.leaving = true
    }
  }
  /** DEL until it has been answered, as a runtime does. */
  const detach = async (container: Container, after?: number): Promise<void> => {
    attached.delete(container.id)
    if (isPublished(container) && (await ask('DEL', container, portmap(container), after)) === null)
      return await detach(container)
    leave(container, false)
    if ((await ask('DEL', container, config, after)) === null) return await detach(container)
    leave(container, true)
  }
  const attach = async (container: Container, after?: number): Promise<void> => {
    const stdout = await ask('ADD', container, config, after)
    if (stdout === null) return await detach(container)
    const result = JSON.parse(stdout) as Printed
    take(String(result['ips']?.[0].address), container)
    if (isPublished(container) && (await ask('ADD', container, portmap(container, result), after)) === null)
      return await detach(container)
    attached.add(container.id)
  }
  /** One that is to be killed and has ended sooner is followed by another one, which has less time. */
  const command = async (container: Container, after?: number): Promise<void> => {
    const kills = () => killed.filter((one) => one === container).length
    const before = kills()
    await (attached.has(container.id) ? detach(container, after) : attach(container, after))
    if (after === undefined || kills() > before) return
    expect(after, 'milliseconds after which it had ended').toBeGreaterThan(1)
    await command(container, Math.ceil(after / 2))
  }
  const all = Array.from({ length: commands }, (_, i) => containers[i % many]!)
  const inAnyOrder = fc.shuffledSubarray(all, { minLength: commands })
  const queue = fc.sample(inAnyOrder, { numRuns: 1, seed: SEED })[0]!
  const busy = new Map<string, Promise<void>>()
  const worker = async () => {
    for (let container = queue.pop(); container !== undefined; container = queue.pop()) {
      const one = container
      const n = queue.length
      const work = (busy.get(one.id) ?? Promise.resolve()).then(async () => {
        await before?.(n)
        await command(one, n % 5 === 0 ? killAfter(n / 5, usual) : undefined)
      })
      busy.set(one.id, work)
      await work
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  expect(wrong).toEqual([])
  // One in five of the commands, each once.
  expect(killed).toHaveLength(Math.ceil(commands / 5))
  const inKernel = inEach('-4 address').flatMap(addressesIn)
  expect(inKernel.sort()).toEqual([...held.keys()].sort())
  if (end === 'DEL') await Promise.all(containers.map((container) => detach(container)))
  else
    for (const one of [portmap(containers[0]!), config])
      await ask('GC', containers[0]!, { ...one, 'cni.dev/valid-attachments': [] })
  expect(wrong).toEqual([])
  expect(linkNames().filter((name) => name.startsWith('veth'))).toEqual([])
  expect(inEach('link').filter((links) => links.length > 1)).toEqual([])
  const rules = execFileSync('nft', ['list', 'table', 'bridge', 'netlink-ts-cni'])
  expect(rules).not.toContain('veth')
  const chains = execFileSync('nft', ['list', 'table', 'inet', 'netlink-ts'])
  expect(chains).not.toMatch(/cni-[\da-f]{16}-[\da-f]{16}| 80\d\d /)
  expect(readdirSync(join(dataDir, 'net1'))).toEqual(['last_reserved_ip.0'])
}

const addressesIn = (links: readonly Printed[]) =>
  links
    .filter(({ ifname }) => ifname !== 'lo')
    .flatMap(({ addr_info }) => (addr_info as Printed[]).map(({ local }) => `${local}/24`))

const addressesOf = (netns: string) => addressesIn(ipJson('-4 address show', netns))

/** What ip tells of each namespace, asked by one process. */
function inEach(question: string): Printed[][] {
  const args = ['-all', 'netns', 'exec', 'ip', '-j', ...question.split(' ')]
  const printed = execFileSync('ip', args)
  return printed
    .split(/^netns: .*$/m)
    .slice(1)
    .map((one) => JSON.parse(one) as Printed[])
}

const needs = (context: TestContext, ...tools: string[]) => {
  for (const tool of tools) context.skip(!hasTool(tool), `not installed: ${tool}`)
}

{
  // Fewer than below, one container in five with a port, and no DEL of each in the end: every call is Node's start, a fifth of a second of a
  // processor that has nothing else to do. 50x200 has been run, too.
  const [containers, commands] = sizes('50x60')
  const name = `${commands} commands for ${containers} containers, each a process of its own`
  it(name, { timeout: (60_000 + commands * 6000) * PATIENCE }, async (context) => {
    needs(context, 'nft')
    const bin = join(directory, 'one-shot')
    mkdirSync(bin)
    install(bin, plugin)
    // Until Node has started nothing is done: most are killed at work.
    const percent = fc.noBias(fc.integer({ min: 40, max: 99 }))
    const percents = fc.sample(percent, { numRuns: Math.ceil(commands / 5), seed: SEED })
    const killAfter = (n: number, usual: number) => Math.ceil((usual * percents[n]!) / 100)
    await stress({ bin, containers, commands, atOnce: 8, published: 5, killAfter, end: 'GC' })
  })
}

{
  const [containers, commands] = sizes('50x200')
  const name = `${commands} commands at once for ${containers} containers by way of a daemon, which is killed too`
  it(name, { timeout: (60_000 + commands * 3000) * PATIENCE }, async (context) => {
    needs(context, 'nft', 'cc')
    const bin = join(directory, 'long-lived')
    const socket = join(directory, 'cni.sock')
    mkdirSync(bin)
    installForward(bin, socket, plugin)
    let daemon: Started = await startDaemon(program, socket)
    const restart = async () => {
      process.kill(daemon.pid, 'SIGKILL')
      await daemon.ended
      daemon = await startDaemon(program, socket)
    }
    let restarted = Promise.resolve()
    const before = async (n: number) => {
      if (n % 50 !== 25) return
      restarted = restarted.then(restart)
      await restarted
    }
    try {
      await stress({
        bin,
        containers,
        commands,
        atOnce: commands,
        published: 1,
        killAfter: (n) => 1 + ((n * 7) % 40),
        end: 'DEL',
        before,
      })
    } finally {
      process.kill(daemon.pid, 'SIGTERM')
      expect(await daemon.ended).toMatchObject({ status: 0, stderr: '' })
    }
  })
}
