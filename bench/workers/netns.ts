import { importPromises, importSync, inputEnd, readOptions, Stopwatch, startSettler } from './worker.js'

const settle = startSettler()
const sync = await importSync()
const promises = await importPromises()

const { count, mode, warm, hold } = readOptions()
const names = Array.from({ length: count }, (_, number) => `c${number}`)
const watch = new Stopwatch()

async function heldBetween(): Promise<void> {
  if (!hold) return
  console.log('ready')
  await inputEnd()
}

async function createAndDelete(): Promise<void> {
  if (mode === 'sync') {
    for (const name of names) sync.createNetns(name).close()
    await heldBetween()
    for (const name of names) sync.deleteNetns(name)
  } else {
    await Promise.all(names.map(async (name) => (await promises.createNetns(name)).close()))
    await heldBetween()
    await Promise.all(names.map((name) => promises.deleteNetns(name)))
  }
}

for (let done = 0; done < warm; done += count) {
  await createAndDelete()
  await settle()
}
watch.begin()
await createAndDelete()
watch.end()
watch.report()
