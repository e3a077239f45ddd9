import { importPromises, importSync, inputEnd, readOptions, Stopwatch, startSettler } from './worker.js'

const BRIDGE = 'br-bench'
const GATEWAY = '10.0.0.1'
const LANES = 16

const settle = startSettler()
const sync = await importSync()
const promises = await importPromises()
type Pair = ReturnType<typeof sync.createVethPair>

const { count, mode, queues, warm, hold } = readOptions()
const watch = new Stopwatch()

function near(number: number) {
  return { name: `veth${number}`, master: BRIDGE, up: true, ...queues }
}

function peer(number: number) {
  const address = `10.0.${(number + 2) >> 8}.${(number + 2) & 255}/16`
  const routes = [{ to: 'default', via: GATEWAY }]
  return { name: 'eth0', up: true, addresses: [address], routes, ...queues }
}

function attachSync(number: number): void {
  const begun = performance.now()
  const netns = sync.createNetns(`c${number}`, { loopback: true })
  const links = sync.createVethPair(near(number), { ...peer(number), netns })
  netns.close()
  verify(number, links)
  watch.record(begun)
}

async function attach(number: number): Promise<void> {
  const begun = performance.now()
  const netns = await promises.createNetns(`c${number}`, { loopback: true })
  const links = await promises.createVethPair(near(number), { ...peer(number), netns })
  netns.close()
  verify(number, links)
  watch.record(begun)
}

function verify(number: number, [outer, inner]: Pair): void {
  const named = outer.name === `veth${number}` && inner.name === 'eth0'
  if (!named || !outer.up || !inner.up || !outer.mac || !inner.mac)
    throw new Error(`container ${number} is not what was asked for`)
}

async function attachLanes(): Promise<void> {
  let number = 0
  const lane = async () => {
    while (number < count) await attach(number++)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

const numbers = Array.from({ length: count }, (_, number) => number)
const MODES: Record<string, () => void | Promise<unknown>> = {
  sync: () => {
    for (const number of numbers) attachSync(number)
  },
  'one-by-one': async () => {
    for (const number of numbers) await attach(number)
  },
  'all-at-once': () => Promise.all(numbers.map(attach)),
  lanes: attachLanes,
}

function remove(): void {
  for (const number of numbers) sync.deleteNetns(`c${number}`)
}

sync.createBridge({ name: BRIDGE, up: true, addresses: [`${GATEWAY}/16`] })
for (let done = 0; done < warm; done += count) {
  await MODES[mode]!()
  remove()
  await settle()
}
watch.begin()
await MODES[mode]!()
watch.end()
watch.report()
if (hold) await inputEnd()
remove()
sync.deleteLink(BRIDGE)
