import {
  destination,
  GATEWAY,
  importPromises,
  importSync,
  ROUTES_DEV,
  readOptions,
  Stopwatch,
} from './worker.js'

const sync = await importSync()
const promises = await importPromises()
type Results = Awaited<ReturnType<typeof promises.batch>>

const { count, mode, warm } = readOptions()
const { ifindex } = sync.getLink(ROUTES_DEV)
const watch = new Stopwatch()

interface RouteInput {
  to: string
  via: string
  ifindex: number
}

function route(number: number): RouteInput {
  return { to: destination(number), via: GATEWAY, ifindex }
}

function addAll(batch: { addRoute(route: RouteInput): void }): void {
  for (let number = 0; number < count; number++) batch.addRoute(route(number))
}

function checkAll(results: Results): void {
  const failed = results.find(({ status }) => status !== 'fulfilled')
  if (results.length !== count || failed !== undefined)
    throw new Error(`${results.length} of ${count} answers`, { cause: failed })
}

const MODES: Record<string, () => void | Promise<void>> = {
  batch: async () => checkAll(await promises.batch(addAll)),
  'batch-sync': () => checkAll(sync.batch(addAll)),
  'all-at-once': async () => {
    const added: Promise<void>[] = []
    addAll({ addRoute: (it) => added.push(promises.addRoute(it)) })
    await Promise.all(added)
  },
}

/** A link that goes down loses all of them. */
function removeAll(): void {
  sync.setLink(ROUTES_DEV, { up: false })
  sync.setLink(ROUTES_DEV, { up: true })
}

for (let done = 0; done < warm; done += count) {
  await MODES[mode]!()
  removeAll()
}
watch.begin()
await MODES[mode]!()
watch.end()
watch.report()
