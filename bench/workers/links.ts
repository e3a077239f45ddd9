import { importPromises, importSync, readOptions, Stopwatch } from './worker.js'

const sync = await importSync()
const promises = await importPromises()
type Link = ReturnType<typeof sync.getLink>

const WARM_UP = 10_000

const { count, mode, repeat, warm } = readOptions()
const watch = new Stopwatch()

function check(link: Link): void {
  const { name, kind, mac, mtu, flags, link: peer } = link
  if (!name.startsWith('v') || kind !== 'veth' || !mac || mtu !== 1500 || peer === null)
    throw new Error(`${name} is not one of the links that were made`)
  if (!flags.includes('broadcast')) throw new Error(`${name}: flags ${flags}`)
}

function checkAll(links: readonly Link[]): void {
  if (links.length !== count) throw new Error(`${links.length} of ${count} links`)
  links.forEach(check)
}

function checkOne(name: string, link: Link): void {
  check(link)
  if (link.name !== name) throw new Error(`asked for ${name}, got ${link.name}`)
}

/** Each link is set to another value than it has. */
const another = (number: number) => ({ txQueueLength: 500 + (Math.floor(number / (count / 2)) % 2) })
const name = (number: number) => `va${number % (count / 2)}`
const MODES: Record<string, (number: number) => void | Promise<void>> = {
  sync: () => checkAll(sync.listLinks({ kind: 'veth' })),
  promise: async () => checkAll(await promises.listLinks({ kind: 'veth' })),
  'get-sync': (number) => {
    const asked = name(number)
    checkOne(asked, sync.getLink(asked))
  },
  'get-promise': async (number) => {
    const asked = name(number)
    checkOne(asked, await promises.getLink(asked))
  },
  'set-sync': (number) => sync.setLink(name(number), another(number)),
  'set-promise': (number) => promises.setLink(name(number), another(number)),
}

const work = MODES[mode]!
const before = mode.includes('-') ? WARM_UP : warm
for (let i = 0; i < before; i++) await work(i)
watch.begin()
for (let i = 0; i < repeat; i++) {
  const begun = performance.now()
  const done = work(i)
  if (done) await done
  watch.record(begun)
}
watch.end()
watch.report()
