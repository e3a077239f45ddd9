import { importPromises, inputEnd, readOptions, Stopwatch } from './worker.js'

const IDLE_MS = 200
/** After so many events the clock is read, as C does. */
const MESSAGES = 64

const { monitor } = await importPromises()
const { count } = readOptions()
const watch = new Stopwatch()
let seen = 0
let resyncs = 0

const events = await monitor(['route'])
console.log('ready')

/** Once the feeder has ended and no more come, what is missing is lost. */
inputEnd().then(() => {
  let before = -1
  const idle = setInterval(() => {
    if (seen === before) {
      clearInterval(idle)
      events.close()
    }
    before = seen
  }, IDLE_MS)
})

for await (const event of events) {
  if (event.type === 'resync') resyncs++
  else if (event.action === 'new' && event.route.protocol === 'boot' && event.route.to.startsWith('44.')) {
    if (seen === 0) watch.begin()
    if (++seen % MESSAGES === 0 || seen === count) watch.end()
    if (seen === count) break
  }
}
if (seen < count && resyncs === 0) throw new Error(`${seen} of ${count} events, and no resync`)
watch.report({ lost: count - seen })
