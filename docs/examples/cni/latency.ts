/**
 * How long ADD and DEL of the plugin `bridge` take, as a runtime sees them: a process for each call, from its start to its end. As root,
 * with a name and a directory for each of the plugins that are compared:
 *
 *   node --import tsx docs/examples/cni/latency.ts --containers 50 go=/usr/lib/cni one-shot=/opt/one-shot long-lived=/opt/long-lived
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { createBridge, createNetns, deleteLink, type Netns } from 'netlink-ts'
import { listNat } from 'netlink-ts/nftables'
import { type Measured, measure } from '../attach-latency.js'
import { networkTag } from './tag.js'

const NETWORK = 'cni-latency'

function config(dataDir: string): object {
  const ranges = [[{ subnet: '10.9.0.0/16' }]]
  const ipam = { type: 'host-local', dataDir, ranges, routes: [{ dst: '0.0.0.0/0' }] }
  const common = { cniVersion: '1.0.0', name: NETWORK, type: 'bridge', bridge: NETWORK }
  return { ...common, isGateway: true, ipMasq: true, ipam }
}

/** Starts a program and waits for its end; throws unless that is 0. */
async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv, input: string) {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  // One that ends before it has read its input (`node -e 0` takes none) is judged by its status alone.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [printed, [status]] = await Promise.all([text(child.stdout), ended])
  if (status !== 0) throw new Error(`${command}: ${printed}`)
}

/** ADD of containers one after another, then DEL. */
async function compare(directory: string, containers: number): Promise<Record<'ADD' | 'DEL', Measured>> {
  const data = mkdtempSync(join(tmpdir(), 'cni-latency-'))
  const input = JSON.stringify(config(data))
  const made: Netns[] = []
  const ask = (CNI_COMMAND: string) => async (i: number) => {
    const of = { CNI_CONTAINERID: `latency-${i}`, CNI_NETNS: `/run/netns/latency-${i}`, CNI_IFNAME: 'eth0' }
    const env = { PATH: process.env['PATH'], CNI_COMMAND, CNI_PATH: directory, ...of }
    await run(join(directory, 'bridge'), [], env, input)
  }
  await createBridge({ name: NETWORK, up: true })
  try {
    for (let i = 1; i <= containers; i++) made.push(await createNetns(`latency-${i}`))
    const ADD = await measure(ask('ADD'), containers, 1)
    return { ADD, DEL: await measure(ask('DEL'), containers, 1) }
  } finally {
    for (const netns of made) await netns.delete()
    await deleteLink(NETWORK)
    // The rule of a network stays when its last container has gone.
    for (const nat of await listNat())
      if (nat.verb === 'masquerade' && nat.name.startsWith(networkTag(NETWORK))) await nat.withdraw()
    rmSync(data, { recursive: true })
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { containers: { type: 'string', default: '50' } },
})
const containers = Number(values.containers)
const line = (name: string, command: string, { p50, p90, p99 }: Measured) =>
  console.log(`| ${[name, command, ...[p50, p90, p99].map((ms) => ms.toFixed(1))].join(' | ')} |`)

console.log('| plugin | command | p50 ms | p90 ms | p99 ms |\n| --- | --- | --- | --- | --- |')
for (const positional of positionals) {
  const [name = '', directory = ''] = positional.split('=')
  const { ADD, DEL } = await compare(directory, containers)
  line(name, 'ADD', ADD)
  line(name, 'DEL', DEL)
}
// What a plugin in JavaScript takes before it does anything.
line('Node itself', '-e 0', await measure(() => run(process.execPath, ['-e', '0'], {}, ''), containers, 1))
