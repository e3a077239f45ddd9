import {
  destination,
  GATEWAY,
  importPromises,
  importSync,
  ROUTES_DEV,
  readOptions,
  Stopwatch,
  watchMemory,
} from './worker.js'

const sync = await importSync()
const promises = await importPromises()
type Route = ReturnType<typeof sync.listRoutes>[number]

const { count, mode, repeat, hold } = readOptions()
const wanted = { family: 'ipv4', table: 254, protocol: 'boot' } as const
const watch = new Stopwatch()

/** Every route is looked at, as by the other programs. */
const isAdded = ({ to, via, dev }: Route) => via === GATEWAY && dev === ROUTES_DEV && to.startsWith('44.')

function countAdded(routes: readonly Route[]): number {
  let found = 0
  for (const route of routes) if (isAdded(route)) found++
  return found
}

async function countStream(): Promise<number> {
  let found = 0
  for await (const route of promises.streamRoutes(wanted)) if (isAdded(route)) found++
  return found
}

const MODES: Record<string, () => number | Promise<number>> = {
  sync: () => countAdded(sync.listRoutes(wanted)),
  array: async () => countAdded(await promises.listRoutes(wanted)),
  stream: countStream,
}

/** Not timed: each route that was added is there, once. */
async function verify(): Promise<void> {
  const missing = new Set<string>()
  for (let number = 0; number < count; number++) missing.add(destination(number))
  const check = ({ to, via, dev }: Route) => {
    if (via !== GATEWAY || dev !== ROUTES_DEV || !missing.delete(to))
      throw new Error(`${to} via ${via} dev ${dev}: not one of the routes that were added`)
  }
  if (mode === 'sync') sync.listRoutes(wanted).forEach(check)
  else if (mode === 'array') (await promises.listRoutes(wanted)).forEach(check)
  else for await (const route of promises.streamRoutes(wanted)) check(route)
  if (missing.size > 0) throw new Error(`${missing.size} of ${count} routes are missing`)
}

const peak = watchMemory()
watch.begin()
for (let i = 0; i < repeat; i++) {
  const begun = performance.now()
  const found = await MODES[mode]!()
  watch.record(begun)
  if (found !== count) throw new Error(`${found} of ${count} routes`)
}
watch.end()
watch.report({ peak_bytes: peak() })
if (hold) await verify()
