/** Requests that meet aborts, monitors that close while events come, and worker threads that are ended in the midst of their calls. */

import { readdirSync, readlinkSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { createNetns, getLink, listLinks, monitor } from '../../dist/esm/index.js'

/**
 * The descriptors, '21 socket:[1]', without those of the process's own namespace: each thread of the addon opens one when it first leaves, and
 * keeps it. And without the sanitizer's report.
 */
function descriptors() {
  const home = readlinkSync('/proc/self/ns/net')
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return target === home || /\/report\.\d+$/.test(target) ? [] : [`${fd} ${target}`]
    } catch (error) {
      if (error.code === 'ENOENT') return [] // the one that lists the directory
      throw error
    }
  })
}

const settled = (promise) =>
  promise.catch((error) => {
    if (error.name !== 'AbortError') throw error
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

// What is opened once and kept: the socket of the process's own namespace, and what Node opens to print.
await Promise.all(Array.from({ length: 500 }, () => Promise.all([create(), listLinks()])))
console.log('begun')
const before = descriptors()
for (const part of [aborts, monitors, workers]) {
  await part()
  console.log(part.name)
}
const left = descriptors().filter((one) => !before.includes(one))
if (left.length > 0) throw new Error(`descriptors are left: ${left}`)
