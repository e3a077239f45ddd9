import { importConntrackSync, importNft, importNftSync, inputEnd, readOptions, Stopwatch } from './worker.js'

const BRIDGE = 'br-bench'
const FIRST_PORT = 20_000
const TRACKED = 1000
const OWN = { family: 'inet', name: 'netlink-ts' } as const

const sync = await importNftSync()
const promises = await importNft()
const { count, mode, warm, beside, hold } = readOptions()
const watch = new Stopwatch()
const numbers = Array.from({ length: count }, (_, number) => number)

const address = (number: number) => `10.0.${(number + 2) >> 8}.${(number + 2) & 255}`
const masquerade = (number: number) => ({ source: address(number), name: `c${number}` })
const port = (number: number) => ({ hostPort: FIRST_PORT + number, to: `${address(number)}:80` })

async function attachSync(number: number) {
  const begun = performance.now()
  const made = [sync.masquerade(masquerade(number)), sync.publishPort(port(number))]
  watch.record(begun)
  return made
}

async function attach(number: number) {
  const begun = performance.now()
  const made = [await promises.masquerade(masquerade(number)), await promises.publishPort(port(number))]
  watch.record(begun)
  return made
}

async function publish(number: number) {
  const begun = performance.now()
  const made = sync.publishPort(port(number))
  watch.record(begun)
  return [made]
}

/** The rules that all published ports share, and nothing else. */
function layOut(): void {
  sync.transaction((tx) => {
    tx.addTable(OWN)
    tx.deleteTable(OWN)
  })
  sync.publishPort({ hostPort: 1, to: `${address(0)}:80`, dev: BRIDGE }).withdraw()
}

/** Entries as a machine has them that is in use. */
async function track(): Promise<void> {
  const { addConntrack } = await importConntrackSync()
  for (let number = 0; number < TRACKED; number++)
    addConntrack({
      original: { src: '203.0.113.9', dst: '203.0.113.1', protocol: 'tcp', sport: 1000 + number, dport: 22 },
      state: 'established',
      timeout: 600_000,
    })
}

interface Withdrawable {
  withdraw(): unknown
}

const MODES: Record<string, (number: number) => Promise<Withdrawable[]>> = {
  sync: attachSync,
  promises: attach,
  tracked: attachSync,
  ports: publish,
}

async function run(): Promise<Withdrawable[]> {
  const made = []
  for (const number of numbers) made.push(...(await MODES[mode]!(number)))
  return made
}

if (mode === 'lay-out') {
  layOut()
  const { flushConntrack } = await importConntrackSync()
  flushConntrack()
} else {
  // Of a container of their own: a target that is shared is another work.
  if (beside > 0) sync.publishPort({ hostPort: `1-${beside}`, to: address(count), dev: BRIDGE })
  if (mode === 'tracked') await track()
  for (let done = 0; done < warm; done += count) for (const made of await run()) await made.withdraw()
  watch.begin()
  await run()
  watch.end()
  const ports = sync.listNat().filter(({ verb }) => verb === 'publishPort').length
  if (ports !== count + Math.min(beside, 1)) throw new Error(`${ports} ports are published`)
  if (hold) {
    console.log('ready')
    await inputEnd()
  }
}
watch.report()
