import { parseArgs } from 'node:util'

const BRIDGE = 'br-bench'
const GATEWAY = '10.0.0.1'
const LANES = 16

// The built package, as a user's program finds it.
const sync: Sync = await import(publicName('netlink-ts/sync'))
const promises: Promises = await import(publicName('netlink-ts'))

interface Netns {
  close(): void
}

interface Link {
  name: string
  up: boolean
  mac: string | null
}

/** The public calls that are measured. */
interface Sync {
  createNetns(name: string, options: { loopback: boolean }): Netns
  createVethPair(near: object, peer: object): [Link, Link]
  createBridge(options: object): unknown
  deleteNetns(name: string): void
  deleteLink(name: string): void
}

interface Promises {
  createNetns(...args: Parameters<Sync['createNetns']>): Promise<Netns>
  createVethPair(...args: Parameters<Sync['createVethPair']>): Promise<[Link, Link]>
}

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'sync' },
    count: { type: 'string', default: '100' },
    queues: { type: 'string' },
    hold: { type: 'boolean', default: false },
  },
})
const count = Number(values.count)
const queues = values.queues === undefined ? {} : { queues: Number(values.queues) }
const eachNs: number[] = []

/** A name that tsc does not resolve: the package may not be built when the types are checked. */
function publicName(name: string): string {
  return name
}

function near(number: number) {
  return { name: `veth${number}`, master: BRIDGE, up: true, ...queues }
}

function peer(number: number) {
  const address = `10.0.${(number + 2) >> 8}.${(number + 2) & 255}/16`
  return {
    name: 'eth0',
    up: true,
    addresses: [address],
    routes: [{ to: 'default', via: GATEWAY }],
    ...queues,
  }
}

function attachSync(number: number): void {
  const netns = sync.createNetns(`c${number}`, { loopback: true })
  const links = sync.createVethPair(near(number), { ...peer(number), netns })
  netns.close()
  verify(number, links)
}

async function attach(number: number): Promise<void> {
  const netns = await promises.createNetns(`c${number}`, { loopback: true })
  const links = await promises.createVethPair(near(number), { ...peer(number), netns })
  netns.close()
  verify(number, links)
}

function verify(number: number, [outer, inner]: [Link, Link]): void {
  if (
    outer.name !== `veth${number}` ||
    inner.name !== 'eth0' ||
    !outer.up ||
    !inner.up ||
    !outer.mac ||
    !inner.mac
  ) {
    throw new Error(`container ${number} is not what was asked for`)
  }
}

async function oneByOne(next: () => number | undefined): Promise<void> {
  for (let number = next(); number !== undefined; number = next()) {
    const begun = performance.now()
    await attach(number)
    record(begun)
  }
}

function record(begun: number): void {
  eachNs.push(Math.round((performance.now() - begun) * 1e6))
}

async function attachAll(): Promise<void> {
  let number = 0
  const next = () => (number < count ? number++ : undefined)
  if (values.mode === 'lanes') await Promise.all(Array.from({ length: LANES }, () => oneByOne(next)))
  else await oneByOne(next)
}

function attachAllSync(): void {
  for (let number = 0; number < count; number++) {
    const begun = performance.now()
    attachSync(number)
    record(begun)
  }
}

sync.createBridge({ name: BRIDGE, up: true, addresses: [`${GATEWAY}/16`] })

const start = performance.now()
if (values.mode === 'sync') attachAllSync()
else await attachAll()
const totalNs = Math.round((performance.now() - start) * 1e6)
console.log(JSON.stringify({ total_ns: totalNs, each_ns: eachNs }))

if (values.hold) for await (const _ of process.stdin);
for (let number = 0; number < count; number++) sync.deleteNetns(`c${number}`)
sync.deleteLink(BRIDGE)
