/** Requests that meet aborts, monitors that close while events come, and worker threads that are ended in the midst of their calls. */

import { readdirSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { createNetns, getLink, listLinks, monitor } from '../../dist/esm/index.js'

const settled = (promise) =>
  promise.catch((error) => {
    if (error.name !== 'AbortError' && error.name !== 'SystemError') throw error
  })

const create = async (signal) => (await createNetns(undefined, { signal })).close()

async function aborts() {
  const moments = [(abort) => abort(), queueMicrotask, setImmediate, (abort) => setTimeout(abort, 1)]
  const calls = [create, (signal) => listLinks({ signal }), (signal) => getLink('lo', { signal })]
  for (let i = 0; i < 600; i += 60) {
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => {
        const controller = new AbortController()
        const call = settled(calls[at % calls.length](controller.signal))
        moments[at % moments.length](() => controller.abort())
        return call
      }),
    )
  }
}

async function monitors() {
  const netns = await createNetns()
  let going = true
  const events = (async () => {
    for (let i = 0; going; i++) {
      await netns.createVethPair({ name: `a${i}` }, { name: `b${i}` })
      await netns.deleteLink(`a${i}`)
    }
  })()
  for (let i = 0; i < 30; i++) {
    const changes = await monitor(['link', 'address'], { netns })
    const next = changes.next()
    if (i % 2 === 0) await next
    changes.close()
    await next
  }
  going = false
  await events
  netns.close()
}

const IN_WORKER = `
import { parentPort } from 'node:worker_threads'
import { createNetns, listLinks } from ${JSON.stringify(new URL('../../dist/esm/index.js', import.meta.url).href)}
for (let i = 0; i < 20; i++) createNetns().then(async (netns) => { await netns.listLinks(); netns.close() })
parentPort.postMessage('begun')
for (;;) await listLinks()`

async function workers() {
  const source = new URL(`data:text/javascript,${encodeURIComponent(IN_WORKER)}`)
  for (let i = 0; i < 8; i++) {
    const three = [1, 2, 3].map(() => new Worker(source))
    await Promise.all(three.map((worker) => new Promise((begun) => worker.once('message', begun))))
    await Promise.all(three.map((worker) => worker.terminate()))
  }
}

await Promise.all(Array.from({ length: 500 }, () => create()))
const before = readdirSync('/proc/self/fd').length
for (const part of [aborts, monitors, workers]) {
  await part()
  console.log(part.name)
}
const left = readdirSync('/proc/self/fd').length - before
if (left > 5) throw new Error(`${left} descriptors are left`)
