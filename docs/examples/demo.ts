/**
 * npm run demo: the tutorials' bridge network, made without running a command, timed step by step, drawn from what the kernel says,
 * pinged, and removed again. `--tutorial` makes the same network by `ip` commands too and shows both times, `--nat` goes out through the host
 * and back in by a published port.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { deleteLink, listLinks, listNeighbours, type Netns, spawnInNetns } from 'netlink-ts'
import { attach, BRIDGE, GATEWAY, makeBridge } from './bridge.js'
import { drawBridge } from './draw.js'
import { get, serve } from './http-in-namespace.js'
import { throughTheHost } from './nat.js'

const NETWORK = [
  { name: 'red', address: '192.168.15.1' },
  { name: 'blue', address: '192.168.15.2' },
]

/** Does one step and prints how long it took. */
async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await work()
  console.log(`${what.padEnd(62)} ${(performance.now() - start).toFixed(2).padStart(8)} ms`)
  return result
}

async function make(): Promise<Netns[]> {
  const namespaces: Netns[] = []
  await step(`bridge ${BRIDGE}, up, ${GATEWAY}/24`, makeBridge)
  for (const { name, address } of NETWORK) {
    const what = `namespace ${name}, veth-${name} ${address}/24, port and default route`
    namespaces.push(await step(what, () => attach(name, address)))
  }
  return namespaces
}

/**
 * The pairs first, so that their names are free when this returns: the kernel takes the interfaces of a deleted namespace away some time
 * later.
 */
async function remove(namespaces: readonly Netns[]): Promise<void> {
  for (const { name } of await listLinks({ master: BRIDGE })) await deleteLink(name)
  for (const netns of namespaces) await netns.delete()
  await deleteLink(BRIDGE)
}

/** Whether `target` answers from inside `netns` (the process's own namespace without one). */
async function reaches(netns: Netns | null, target: string): Promise<boolean> {
  const args = ['-c1', '-W2', target]
  if (netns === null) return spawnSync('ping', args).status === 0
  return await new Promise((resolve) => {
    spawnInNetns(netns, 'ping', args, { stdio: 'ignore' }).once('close', (code) => resolve(code === 0))
  })
}

/** Where there is no ping: a request to a web server in the other namespace, sockets opened by this library. */
async function answersHttp(from: string, at: string, address: string): Promise<boolean> {
  const server = await serve(at, address, 80)
  const body = await get(from, new URL(`http://${address}/`))
  server.close()
  return body.includes(at)
}

async function check(red: Netns, blue: Netns): Promise<boolean> {
  const results: [string, boolean][] = []
  if (spawnSync('ping', ['-V']).status === 0) {
    results.push(['ping red from blue', await reaches(blue, '192.168.15.1')])
    results.push([`ping the host side (${GATEWAY}) from red`, await reaches(red, GATEWAY)])
    results.push(['ping blue from the host side', await reaches(null, '192.168.15.2')])
  } else {
    console.log('ping is not installed (Debian: apt-get install iputils-ping): a web request instead')
    results.push(['web request from blue to red', await answersHttp('blue', 'red', '192.168.15.1')])
  }
  for (const [what, passed] of results) console.log(`${what.padEnd(62)} ${passed ? 'answered' : 'NO ANSWER'}`)
  return results.every(([, passed]) => passed)
}

/** The commands of the tutorials for the same network, and for removing it. */
function tutorial(): { make: string[]; remove: string[] } {
  const make = [
    `ip link add ${BRIDGE} type bridge`,
    `ip link set ${BRIDGE} up`,
    `ip addr add ${GATEWAY}/24 dev ${BRIDGE}`,
  ]
  const remove: string[] = []
  for (const { name, address } of NETWORK) {
    make.push(
      `ip netns add ${name}`,
      `ip -n ${name} link set lo up`,
      `ip link add veth-${name} type veth peer name veth-${name}-br`,
      `ip link set veth-${name} netns ${name}`,
      `ip link set veth-${name}-br master ${BRIDGE}`,
      `ip link set veth-${name}-br up`,
      `ip -n ${name} addr add ${address}/24 dev veth-${name}`,
      `ip -n ${name} link set veth-${name} up`,
      `ip -n ${name} route add default via ${GATEWAY}`,
    )
    remove.push(`ip link delete veth-${name}-br`, `ip netns delete ${name}`)
  }
  return { make, remove: [...remove, `ip link delete ${BRIDGE}`] }
}

function runCommands(commands: readonly string[]): number {
  const start = performance.now()
  for (const command of commands) {
    const [program = '', ...args] = command.split(' ')
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command}: ${stderr}`)
  }
  return performance.now() - start
}

async function compare(): Promise<void> {
  if (spawnSync('ip', ['-V']).status !== 0) {
    console.log('\nip is not installed (Debian: apt-get install iproute2): no comparison')
    return
  }
  const commands = tutorial()
  const byCommands = runCommands(commands.make)
  runCommands(commands.remove)
  const start = performance.now()
  await makeBridge()
  const namespaces: Netns[] = []
  for (const { name, address } of NETWORK) namespaces.push(await attach(name, address))
  const byCalls = performance.now() - start
  await remove(namespaces)
  console.log(
    `\nthe same network by ${commands.make.length} ip commands`.padEnd(63),
    `${byCommands.toFixed(2).padStart(8)} ms`,
  )
  console.log('by netlink-ts'.padEnd(62), `${byCalls.toFixed(2).padStart(8)} ms`)
}

const flag = { type: 'boolean', default: false } as const
const { values } = parseArgs({ options: { tutorial: flag, nat: flag } })
const namespaces = await make()
const [red, blue] = namespaces as [Netns, Netns]
console.log(`\n${await drawBridge(BRIDGE, namespaces)}\n`)
const passed = await check(red, blue)
console.log('\nARP table of red')
for (const { to, mac, dev, state } of await listNeighbours({ family: 'ipv4', netns: red })) {
  console.log(`  ${to.padEnd(16)} ${mac ?? '-'}  ${dev}  ${state}`)
}
console.log()
if (values.nat) for (const line of await throughTheHost(step)) console.log(`  ${line}`)
await step('namespaces, veth pairs and bridge removed', () => remove(namespaces))
if (values.tutorial) await compare()
if (!passed) process.exitCode = 1
