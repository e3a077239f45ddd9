import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { PATIENCE } from './patience.js'
import { linesOf, program, start } from './program.js'
import { execFileSync } from './programs.js'

const COUNT = 1000

/** libuv's pool is started, then the threads that may not move are those that are there before the addon's first call. */
const BEGIN = `
  await Promise.all(Array.from({ length: 16 }, () => fs.promises.stat('/')))
  await wait()`
const END = `
  print(fs.readdirSync('/proc/self/task').map((id) => fs.readlinkSync('/proc/self/task/' + id + '/ns/net')))`

const INSIDE = (face: string) => `
  const inside = async (netns) => {
    await netns.setSysctl('net.ipv4.ip_forward', 1)
    fs.closeSync(await netns.openSocketInNetns({ type: 'dgram' }))
    await netns.listLinks()
    await ${face}.listLinks({ netns: { fd: netns.fd } })
    netns.close()
  }`

interface Sampled {
  readonly home: string
  /** Thread id -> the namespaces in which it was seen, of the threads that were there at first. */
  readonly first: Map<string, Set<string>>
  /** Where later threads, the addon's own, were seen. */
  readonly later: Set<string>
  readonly sweeps: number
  /** Where the threads were at the end. */
  readonly end: unknown
}

/** Runs a program and looks all the time, from this process, in which namespace each of its threads is. */
async function sample(source: string): Promise<Sampled> {
  const started = start(program(BEGIN + source + END))
  await started.ready
  const pid = nodeBelow(started.pid)
  const tasks = `/proc/${pid}/task`
  const home = readlinkSync(`/proc/${pid}/ns/net`)
  const first = new Map(readdirSync(tasks).map((id) => [id, new Set<string>()]))
  const later = new Set<string>()
  let sweeps = 0
  let running = true
  const result = linesOf(started).finally(() => {
    running = false
  })
  started.go()
  while (running) {
    for (const id of entries(tasks)) {
      const netns = namespaceOf(`${tasks}/${id}`)
      if (netns !== null) (first.get(id) ?? later).add(netns)
    }
    sweeps++
    await new Promise((resolve) => setImmediate(resolve))
  }
  const [, end] = await result
  return { home, first, later, sweeps, end }
}

/** The program's own process: timeout(1) is its parent. */
function nodeBelow(pid: number): number {
  return Number(execFileSync('cat', [`/proc/${pid}/task/${pid}/children`]))
}

function entries(directory: string): string[] {
  return whileThere(() => readdirSync(directory)) ?? []
}

function namespaceOf(task: string): string | null {
  return whileThere(() => readlinkSync(`${task}/ns/net`))
}

/** Null of a thread or process that has ended; EACCES is of one that is just ending and has left its namespaces already. */
function whileThere<T>(look: () => T): T | null {
  try {
    return look()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return null
    throw error
  }
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const WAITS = 'environment.netns().Wait(std::move(job))->Answer(environment)[0]'
const MOVES = `[&] {
    Whereabouts main;
    if (auto failure = main.Go(place))
      job->Fail(*failure);
    else
      job->Run();
    main.GoHome();
    return job->Answer(environment)[0];
  }()`

/** The package with an addon whose blocking calls enter namespaces on the thread that calls them: of what is built one file is another. */
function buildMoving(copy: string): void {
  for (const part of ['src', 'native', 'build', 'binding.gyp', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, part), join(copy, part), { recursive: true, preserveTimestamps: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const file = join(copy, 'native/addon.cc')
  const [before, after, ...more] = readFileSync(file, 'utf8').split(WAITS)
  expect(more).toEqual([])
  writeFileSync(file, `#include "place.h"\n${before}${MOVES}${after}`)
  // Its rules for itself name the headers of Node by relative paths.
  execFileSync('make', ['-C', join(copy, 'build'), '-o', 'Makefile', 'BUILDTYPE=Release'])
}

describe('threads during a thousand namespaces', () => {
  it.each([
    [
      'at once, by promises',
      `${INSIDE('nl')}
      await Promise.all(Array.from({ length: ${COUNT} }, async () => inside(await nl.createNetns())))`,
    ],
    [
      'one after another, in blocking calls',
      `${INSIDE('sync')}
      for (let i = 0; i < ${COUNT}; i++) await inside(sync.createNetns())`,
    ],
  ])(
    'JavaScript and libuv stay where they are: %s',
    async (_, source) => {
      const { home, first, later, sweeps, end } = await sample(source)
      expect(sweeps).toBeGreaterThan(100)
      expect(first.size).toBeGreaterThanOrEqual(5)
      for (const seen of first.values()) expect([...seen]).toEqual([home])
      // The addon's threads were seen elsewhere: the sampler is fast enough to see a thread in a namespace, though the processor may be shared.
      expect(later.size).toBeGreaterThan(10 / PATIENCE)
      // And all are back when the last promise has settled.
      expect(new Set(end as string[])).toEqual(new Set([home]))
    },
    60_000,
  )

  it('an addon that moves the main thread would be seen', { timeout: 120_000 * PATIENCE }, async () => {
    const copy = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
    try {
      buildMoving(copy)
      const { home, first } = await sample(`
        const { createNetns } = await import(${JSON.stringify(pathToFileURL(join(copy, 'src/sync.ts')).href)})
        for (let i = 0; i < ${COUNT}; i++) createNetns().close()`)
      const moved = [...first.values()].filter((seen) => [...seen].some((netns) => netns !== home))
      expect(moved).toHaveLength(1)
    } finally {
      rmSync(copy, { recursive: true })
    }
  })

  it('workers use the library at once with the main thread', { timeout: 60_000 * PATIENCE }, async () => {
    const source = `
      const { Worker } = await import('node:worker_threads')
      const work = async (nl, sync, id) => {
        const seen = []
        for (let i = 0; i < 30; i++) {
          const netns = await nl.createNetns('worker' + id + 'x' + i, { loopback: true })
          const other = sync.createNetns()
          const far = { name: 'eth0', netns: other, up: true, addresses: ['10.0.0.' + (id + 1) + '/24'] }
          await netns.createVethPair({ name: 'near', up: true }, far)
          seen.push((await netns.listLinks()).map(({ name }) => name).sort().join())
          seen.push(other.listAddresses({ family: 'ipv4' }).map(({ address }) => address).join())
          await netns.delete()
          other.close()
        }
        return [...new Set(seen)]
      }
      // Module code, as --input-type is inherited.
      const code = (id) => \`
        import { parentPort } from 'node:worker_threads'
        import { register } from 'tsx/esm/api'
        register()
        const [nl, sync] = await Promise.all(\${JSON.stringify(library)}.map((url) => import(url)))
        parentPort.postMessage(await (\${work})(nl, sync, \${id}))\`
      const workers = [1, 2].map((id) => {
        const worker = new Worker(code(id), { eval: true })
        return new Promise((resolve, reject) => {
          let seen
          worker.on('message', (message) => { seen = message })
          worker.on('error', reject)
          worker.on('exit', () => resolve(seen))
        })
      })
      print(await Promise.all([work(nl, sync, 0), ...workers]))
      print(fs.readdirSync('/run/netns').filter((name) => name.startsWith('worker')))`
    const [seen, left] = await linesOf(start(program(source)))
    expect(seen).toEqual([0, 1, 2].map((id) => ['lo,near', `10.0.0.${id + 1}/24`]))
    expect(left).toEqual([])
  })
})
