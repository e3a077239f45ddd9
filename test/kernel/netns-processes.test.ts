/** Namespaces and the processes in them: ip(8) and lsns(8) find the same. */

import { readdirSync, statSync, symlinkSync, unlinkSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { spawnInNetns } from '../../src/index.js'
import { SystemError } from '../../src/netlink/errors.js'
import type { Effect } from '../../src/netlink/operation.js'
import { listProcessNetns } from '../../src/netns/pids.js'
import { runSync } from '../../src/socket/sync-driver.js'
import { execFileSync } from './programs.js'
import { FACES, ip } from './support.js'
import { watched } from './watched.js'

const name = (suffix: string) => `${suffix}-${process.pid}`
const red = name('red')
const blue = name('blue')
/** The kernel gives the lowest one that is free: some fifty may be taken. */
const NSID = 4242
const path = (netns: string) => `/run/netns/${netns}`

afterEach(() => {
  for (const netns of readdirSync('/run/netns')) ip(`netns delete ${netns}`)
})

describe.each(FACES)('namespaces ($face)', ({ nl }) => {
  it('are identified by a process in them, as ip identifies them', async () => {
    using made = await nl.createNetns(red)
    ip(`netns add ${blue}`)
    const child = made.spawnInNetns('cat')
    child.stdin!.write('there\n')
    await new Promise((resolve) => child.stdout!.once('data', resolve))
    expect(await nl.identifyNetns(child.pid!)).toBe(red)
    expect(ip(`netns identify ${child.pid}`)).toBe(`${red}\n`)
    expect(await nl.identifyNetns(process.pid)).toBeNull()
    // A second name, as container runtimes make them.
    const link = name('a-link')
    symlinkSync(`/proc/${child.pid}/ns/net`, path(link))
    expect(await nl.identifyNetns(child.pid!)).toBe(link)
    unlinkSync(path(link))
    await nl.deleteNetns(red)
    expect(await nl.identifyNetns(child.pid!)).toBeNull()
    child.stdin!.end()
    await new Promise((resolve) => child.once('close', resolve))
    await expect(async () => nl.identifyNetns(child.pid!)).rejects.toMatchObject({
      code: 'ESRCH',
      message: `stat process ${child.pid}: ESRCH (No such process)`,
    })
  })

  it('are found by the processes in them, as lsns finds them', async () => {
    interface Printed {
      ns: number
      pid: number
      nprocs: number
      netnsid: string
    }
    using made = await nl.createNetns(red)
    // The second in order is not told.
    ip(`netns attach ${name('z-red')} ${process.pid}`)
    symlinkSync(path(red), path(name('s-red')))
    await nl.setNsid(red, NSID)
    const here = () => nl.spawnInNetns({ pid: process.pid }, 'unshare', ['-n', 'cat'])
    const children = [made.spawnInNetns('cat'), here(), made.spawnInNetns('cat')]
    for (const child of children) {
      child.stdin!.write('there\n')
      await new Promise((resolve) => child.stdout!.once('data', resolve))
    }
    const found = await nl.listProcessNetns()
    // It fails, and says nothing, where a process ends while it reads /proc.
    const printed = await vi.waitFor(() =>
      execFileSync('lsns', ['-t', 'net', '-J', '-o', 'NS,PID,NPROCS,NETNSID']),
    )
    const { namespaces } = JSON.parse(printed) as { namespaces: Printed[] }
    const [first, alone, second] = children.map(({ pid }) => pid!)
    for (const [pid, expected] of [
      [first!, { name: red, nsid: NSID, pids: [first!, second!].sort((one, other) => one - other) }],
      [alone!, { name: null, nsid: null, pids: [alone!] }],
    ] as const) {
      const one = found.find(({ pids }) => pids.includes(pid))
      expect(one).toEqual(expected)
      const ns = statSync(`/proc/${pid}/ns/net`).ino
      expect(namespaces.find((it) => it.ns === ns)).toEqual({
        ns,
        pid: expected.pids[0],
        nprocs: expected.pids.length,
        netnsid: expected.nsid === null ? 'unassigned' : `${expected.nsid}`,
      })
    }
    const own = found.find(({ pids }) => pids.includes(process.pid))
    expect(own).toMatchObject({ name: name('z-red'), nsid: null })
    for (const child of children) {
      child.stdin!.end()
      await new Promise((resolve) => child.once('close', resolve))
    }
    const left = (await nl.listProcessNetns()).flatMap(({ pids }) => pids)
    expect(left).toContain(process.pid)
    for (const { pid } of children) expect(left).not.toContain(pid)
  })

  it('tell the processes in them, as ip does', async () => {
    using made = await nl.createNetns(red)
    ip(`netns add ${blue}`)
    expect(await made.listNetnsPids()).toEqual([])
    const children = [made.spawnInNetns('cat'), made.spawnInNetns('cat')]
    for (const child of children) {
      child.stdin!.write('there\n')
      await new Promise((resolve) => child.stdout!.once('data', resolve))
    }
    const pids = children.map(({ pid }) => pid!).sort((one, other) => one - other)
    expect(await nl.listNetnsPids(red)).toEqual(pids)
    expect(ip(`netns pids ${red}`).trim().split('\n').map(Number).sort()).toEqual(pids.toSorted())
    expect(await made.listNetnsPids()).toEqual(pids)
    expect(await nl.listNetnsPids({ pid: pids[0]! })).toEqual(pids)
    expect(await nl.listNetnsPids(blue)).toEqual([])
    expect(await nl.listNetnsPids({ pid: process.pid })).toContain(process.pid)
    // A namespace whose name is gone still has them.
    await nl.deleteNetns(red)
    expect(await made.listNetnsPids()).toEqual(pids)
    await expect(async () => nl.listNetnsPids(red)).rejects.toMatchObject({ code: 'ENOENT' })
    for (const child of children) {
      child.stdin!.end()
      await new Promise((resolve) => child.once('close', resolve))
    }
    expect(await made.listNetnsPids()).toEqual([])
  })
})

/** ENOENT, ESRCH and EACCES: it has ended, or has begun a program of another user. */
it.each([2, 3, 13])('a process that is no more to be had is passed over: %i', async (errno) => {
  const child = spawnInNetns({ pid: process.pid }, 'unshare', ['-n', 'cat'])
  child.stdin!.write('there\n')
  await new Promise((resolve) => child.stdout!.once('data', resolve))
  const pids = (gone: boolean) => {
    const isIts = ({ kind, ...effect }: Effect) =>
      kind === 'netns' && (effect as { netns?: { pid?: number } }).netns?.pid === child.pid
    const error = new SystemError({ errno, syscall: 'open' })
    const all = runSync(watched(listProcessNetns(), (effect) => (gone && isIts(effect) ? error : undefined)))
    return all.flatMap((one) => one.pids)
  }
  expect(pids(false)).toEqual(expect.arrayContaining([child.pid, process.pid]))
  const left = pids(true)
  expect(left).toContain(process.pid)
  expect(left).not.toContain(child.pid)
  child.stdin!.end()
  await new Promise((resolve) => child.once('close', resolve))
})
