/** The lock of a topology: whose it is, when it is free, and who takes it over. */

import { spawn } from 'node:child_process'
import { once as events } from 'node:events'
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { buildSync } from 'esbuild'
import { afterEach, describe, expect, it } from 'vitest'
import type { Operation } from '../../src/netlink/operation.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { lock } from '../../src/topology/lock.js'
import { recoverTopologies as recover } from '../../src/topology/operations.js'
import { createTopology, deleteTopology, recoverTopologies, star } from '../../src/topology.js'
import { PATIENCE } from './patience.js'
import { library, lines, program } from './program.js'
import { ip, ipJson } from './support.js'
import { cleanAll, GONE, HERE, linkNames } from './topology-support.js'
import { watched } from './watched.js'

afterEach(cleanAll)

const small = () => star(3, { name: 'st' })

/** What fields of /proc/PID/stat follow the name. */
const statOf = (pid: string) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')

const leave = (owner: string, name = 'st') => {
  mkdirSync('/run/netlink-ts', { recursive: true })
  symlinkSync(owner, `/run/netlink-ts/${name}.lock`)
  const step = { step: 'bridges.br0', undo: { call: 'deleteLink', netns: '', dev: 'br0' } }
  const lines = [{ make: { name, bridges: { br0: {} } } }, step].map((line) => `${JSON.stringify(line)}\n`)
  writeFileSync(`/run/netlink-ts/${name}.json`, lines.join(''))
}

describe('the lock of a process', () => {
  it('that was killed and that its parent has not waited for is free', async () => {
    const parent = spawn('sh', ['-c', 'sleep 100 & echo $!; exec sleep 100'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const pid = String((await events(parent.stdout, 'data'))[0]).trim()
      leave([pid, statOf(pid)[19]!, ...HERE].join('-'))
      await expect(createTopology(small())).rejects.toThrow(`process or thread ${pid} is making`)
      expect(await recoverTopologies()).toEqual([])
      process.kill(Number(pid), 'SIGKILL')
      await expect.poll(() => statOf(pid)[0], { timeout: 10_000 * PATIENCE }).toBe('Z')
      expect(await recoverTopologies()).toEqual([{ name: 'st', left: [] }])
      expect(readdirSync('/run/netlink-ts')).toEqual([])
    } finally {
      parent.kill('SIGKILL')
    }
  })

  it('of before a restart of the machine is free', async () => {
    // Its PID namespace has a number that is none now.
    leave(['1', statOf('1')[19]!, '1', '0123456789ab'].join('-'))
    expect(await recoverTopologies()).toEqual([{ name: 'st', left: [] }])
  })

  it('of another PID namespace is taken: whether it lives is not known', async () => {
    const source = `
      const { createTopology, recoverTopologies } = await import(${library('topology')})
      print(fs.readlinkSync('/proc/self/ns/pid'))
      print(await recoverTopologies())
      print((await caught(() => createTopology({ name: 'st', bridges: { br1: {} } }))).message)`
    // Of a process that is gone, for all that can be seen there.
    leave(['99999', '1', ...HERE].join('-'))
    const run = program(source, { wrapper: ['unshare', '-pf', '--mount-proc'] })
    const [there, recovered, message] = await lines(run)
    expect(there).not.toContain(HERE[0])
    expect(recovered).toEqual([])
    expect(message).toContain(`process or thread 99999 of another PID namespace (pid:[${HERE[0]}])`)
    expect(message).toContain('remove /run/netlink-ts/st.lock')
    expect(await recoverTopologies()).toEqual([{ name: 'st', left: [] }])
  })

  it('that was killed is no obstacle to a deletion', async () => {
    leave(GONE)
    ip('link add br0 type bridge')
    await expect(createTopology(small())).rejects.toMatchObject({ code: 'EBUSY' })
    await deleteTopology('st')
    expect([linkNames(), readdirSync('/run/netlink-ts')]).toEqual([['lo'], []])
    // Of one that was being changed, what is there and what was being made go.
    await createTopology({ name: 'st', bridges: { br1: {}, br2: {} } })
    const change = [
      { make: { name: 'st', bridges: { br1: {}, br3: {}, br4: {} } } },
      { step: 'bridges.br2', undo: null },
      { step: 'bridges.br3', undo: { call: 'deleteLink', netns: '', dev: 'br3' } },
    ]
    const text = change.map((line) => `${JSON.stringify(line)}\n`).join('')
    appendFileSync('/run/netlink-ts/st.json', text)
    symlinkSync(GONE, '/run/netlink-ts/st.lock')
    // br4 is somebody else's, which no line tells of.
    for (const name of ['br3', 'br4']) ip(`link add ${name} type bridge`)
    await deleteTopology('st')
    expect([linkNames(), readdirSync('/run/netlink-ts')]).toEqual([['lo', 'br4'], []])
  })
})

it('a record that is not one does not keep others from being recovered', async () => {
  leave(GONE)
  ip('link add br0 type bridge')
  const bad = [
    { make: { name: 'a', bridges: { ba: {} } } },
    { complete: true },
    { make: { name: 'a', bridges: { ba: { newOption: 1 } } } },
  ]
  const worse = [{ make: { name: 'b', bridges: { bb: { newOption: 1 } } } }, { complete: true }, bad[0]]
  for (const [name, all] of [['a', bad] as const, ['b', worse] as const])
    writeFileSync(`/run/netlink-ts/${name}.json`, all.map((line) => `${JSON.stringify(line)}\n`).join(''))
  mkdirSync('/run/netlink-ts/c.json')
  const recovered = await recoverTopologies()
  expect(recovered.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'st'])
  expect(recovered.map(({ left }) => left.length)).toEqual([0, 1, 1, 0])
  expect(recovered[1]!.left[0]).toContain('newOption')
  expect(recovered[2]!.left[0]).toContain('EISDIR')
  expect(linkNames()).not.toContain('br0')
  expect(readdirSync('/run/netlink-ts')).not.toContain('st.json')
})

it('recoverTopologies() removes what those left that were killed as they took over locks', async () => {
  const directory = '/run/netlink-ts'
  mkdirSync(directory, { recursive: true })
  const living = [String(process.pid), statOf(String(process.pid))[19]!, ...HERE].join('-')
  const elsewhere = ['1', '1', '1', HERE[1]!].join('-')
  // Of a lock that is gone, one that two were at, and one of a topology with such a name.
  for (const of of [GONE, `${GONE}.${GONE}`, elsewhere, `${GONE}.lock.${GONE}`])
    symlinkSync(GONE, `${directory}/st.lock.${of}`)
  for (const owner of [living, elsewhere]) symlinkSync(owner, `${directory}/${owner}.lock.${GONE}`)
  // A record is none, whatever its name is.
  await createTopology({ name: `x.lock.${elsewhere}`, bridges: { br0: {} } })
  expect(await recoverTopologies()).toEqual([])
  const made = ['json', '.names'].map((suffix) => `x.lock.${elsewhere}.${suffix}`)
  expect(readdirSync(directory).sort()).toEqual(
    [`${elsewhere}.lock.${GONE}`, `${living}.lock.${GONE}`, ...made].sort(),
  )
})

it('that a thread holds which was ended is taken over', async () => {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
  const bundled = file(`../../build/test/topology-worker-${process.pid}.mjs`)
  buildSync({
    entryPoints: [file('topology-worker.ts')],
    outfile: bundled,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
  })
  try {
    const worker = new Worker(bundled)
    await events(worker, 'message')
    await expect(deleteTopology('st')).rejects.toMatchObject({
      code: 'EBUSY',
      message: expect.toSatisfy((text: string) => {
        const [, id] = / process or thread (\d+) is making/.exec(text) ?? []
        return readdirSync('/proc/self/task').includes(id!) && id !== String(process.pid)
      }),
    })
    await worker.terminate()
  } finally {
    rmSync(bundled)
  }
  expect(linkNames()).toEqual(['lo', 'br0'])
  expect(await recoverTopologies()).toEqual([{ name: 'st', left: [] }])
  expect(linkNames()).toEqual(['lo'])
})

/** Runs an operation by value, and something else before one of its effects. Returns whether it came so far. */
function interrupted<T>(
  operation: Operation<T>,
  at: number,
  meanwhile: () => void,
): { value: T; was: boolean } {
  let count = 0
  const counted = watched(operation, () => {
    if (++count === at) meanwhile()
    return undefined
  })
  const value = runSync(counted)
  return { value, was: count >= at }
}

it.each([
  ['', []],
  [', where another that recovered was killed', [`.${GONE}`]],
  [', where two were', [`.${GONE}`, `.${GONE}.${GONE}`]],
])(
  'of two that recover one takes everything back, and neither takes the lock of a third, however they meet%s',
  (_, rights) => {
    const [directory, name] = ['/run/netlink-ts', 'st']
    const lockFile = `${directory}/${name}.lock`
    const others = new Set<string>()
    for (let at = 1; ; at++) {
      // Of a process that was killed after its first step.
      mkdirSync(directory, { recursive: true })
      for (const right of ['', ...rights]) symlinkSync(GONE, `${lockFile}${right}`)
      // Quick to be taken back, as it is done so often.
      ip('route replace blackhole 10.9.0.0/16')
      const route = { to: '10.9.0.0/16', type: 'blackhole' }
      const step = { step: 'routes[0]', undo: { call: 'deleteRoute', netns: '', route } }
      writeFileSync(
        `${directory}/${name}.json`,
        `${JSON.stringify({ make: small() })}\n${JSON.stringify(step)}\n`,
      )
      let theirs: unknown[] = []
      let third = ''
      const first = interrupted(recover(), at, () => {
        theirs = runSync(recover())
        try {
          runSync(lock('createTopology', directory, name))
          third = 'has the lock'
        } catch (error) {
          expect(error).toMatchObject({ code: 'EBUSY' })
          third = 'is told that somebody has it'
        }
      })
      if (!first.was) break
      others.add(`${theirs.length} ${third}`)
      expect([...first.value, ...theirs], `at effect ${at}`).toEqual([{ name, left: [] }])
      expect(ipJson('route')).toEqual([])
      expect(readdirSync(directory), `at effect ${at}`).toEqual(third === 'has the lock' ? ['st.lock'] : [])
      rmSync(directory, { recursive: true })
    }
    expect([...others].sort()).toEqual(['0 is told that somebody has it', '1 has the lock'])
  },
)
