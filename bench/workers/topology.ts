import {
  importTopology,
  importTopologySync,
  inputEnd,
  readOptions,
  Stopwatch,
  startSettler,
  watchMemory,
} from './worker.js'

const settle = startSettler()
const sync = await importTopologySync()
const promises = await importTopology()

const { count, mode, warm, hold } = readOptions()
const watch = new Stopwatch()
const star = sync.star(count, { name: 'c', network: '10.0.0.0/16' })

const MODES: Record<string, () => void | Promise<void>> = {
  sync: () => sync.createTopology(star),
  promises: () => promises.createTopology(star),
}

for (let done = 0; done < warm; done += count) {
  await MODES[mode]!()
  sync.deleteTopology('c')
  await settle()
}
const peak = watchMemory()
watch.begin()
await MODES[mode]!()
watch.end()
const bytes = peak()
const missing = sync.planTopology(star).explain()
if (missing.length > 0) throw new Error(`the topology is not what its value says: ${missing[0]}`)
if (hold) {
  console.log('ready')
  await inputEnd()
}
watch.report({ peak_bytes: bytes })
sync.deleteTopology('c')
