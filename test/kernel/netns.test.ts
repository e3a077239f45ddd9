import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type * as promises from '../../src/index.js'
import type { Netns as SyncNetns } from '../../src/sync.js'
import { execFileSync } from './programs.js'
import { execIn, FACES, ip, ipJson, type Printed } from './support.js'

type Netns = promises.Netns | SyncNetns

const name = (suffix: string) => `${suffix}-${process.pid}`
const red = name('red')
const blue = name('blue')
const path = (netns: string) => `/run/netns/${netns}`
const identity = (file: string) => [statSync(file).dev, statSync(file).ino]
const mounts = () =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4])

afterEach(() => {
  for (const netns of existsSync('/run/netns') ? readdirSync('/run/netns') : []) ip(`netns delete ${netns}`)
})

describe.each(FACES)('namespaces ($face)', ({ nl }) => {
  it('made here are those of ip', async () => {
    using made = await nl.createNetns(red)
    expect(ipJson('netns list')).toEqual([{ name: red }])
    expect(execIn(red, 'ip', 'netns', 'identify')).toBe(`${red}\n`)
    expect(made.name).toBe(red)
    expect(identity(`/proc/self/fd/${made.fd}`)).toEqual(identity(path(red)))
    expect(identity(path(red))).not.toEqual(identity('/proc/self/ns/net'))
    expect(statSync(path(red)).mode & 0o777).toBe(0o444)
  })

  it('made by ip are opened by name, path, pid, descriptor and handle', async () => {
    ip(`netns add ${red}`)
    using named = await nl.openNetns(red)
    const child = named.spawnInNetns('cat')
    const { pid } = child
    // The pipe is read by cat once it is in the namespace.
    child.stdin!.write('there\n')
    await new Promise((resolve) => child.stdout!.once('data', resolve))
    for (const netns of [{ path: path(red) }, { pid: pid! }, { fd: named.fd }, named]) {
      using opened = await nl.openNetns(netns)
      expect(identity(`/proc/self/fd/${opened.fd}`)).toEqual(identity(path(red)))
      expect(opened.fd).not.toBe(named.fd)
      expect(await opened.listLinks()).toMatchObject([{ name: 'lo', up: false }])
    }
    child.stdin!.end()
    await new Promise((resolve) => child.once('close', resolve))
  })

  it('have lo up when that is asked', async () => {
    using up = await nl.createNetns(red, { loopback: true })
    using down = await nl.createNetns(blue)
    expect((await up.getLink('lo')).up).toBe(true)
    expect((await down.getLink('lo')).up).toBe(false)
    expect(ipJson('link show dev lo', red)[0]).toMatchObject({ flags: expect.arrayContaining(['UP']) })
    expect((ipJson('link show dev lo', blue)[0] as Printed).flags).not.toContain('UP')
  })

  it('without a name have no file', async () => {
    using made = await nl.createNetns()
    expect(made.name).toBeNull()
    expect(await nl.listNetns()).toEqual([])
    expect(identity(`/proc/self/fd/${made.fd}`)).not.toEqual(identity('/proc/self/ns/net'))
    expect(await made.listLinks()).toMatchObject([{ name: 'lo' }])
  })

  it('stay open in a handle when the name is deleted', async () => {
    using made = await nl.createNetns(red)
    ip(`netns delete ${red}`)
    expect(existsSync(path(red))).toBe(false)
    await made.setLink('lo', { up: true })
    expect((await made.getLink('lo')).up).toBe(true)
  })

  it('are listed as ip lists them', async () => {
    for (const netns of [red, blue]) ip(`netns add ${netns}`)
    ip(`netns set ${red} 1234`)
    expect(await nl.listNetns()).toEqual([
      { name: blue, nsid: null },
      { name: red, nsid: 1234 },
    ])
    expect(ipJson('netns list')).toEqual(expect.arrayContaining([{ name: blue }, { name: red, id: 1234 }]))
  })

  it('are listed with files that nothing is mounted on, which can be deleted', async () => {
    writeFileSync(path(red), '')
    expect(await nl.listNetns()).toEqual([{ name: red, nsid: null }])
    await expect(async () => nl.openNetns(red)).rejects.toMatchObject({
      code: 'EINVAL',
      advice: 'this is not a network namespace',
    })
    await nl.deleteNetns(red)
    expect(await nl.listNetns()).toEqual([])
  })

  it('are none where there is no directory', async () => {
    execFileSync('umount', ['-l', '/run/netns'])
    rmdirSync('/run/netns')
    expect(await nl.listNetns()).toEqual([])
    expect(await nl.identifyNetns(process.pid)).toBeNull()
    using made = await nl.createNetns(red)
    expect(await nl.listNetns()).toEqual([{ name: made.name, nsid: null }])
  })

  it('have ids, as ip sees and gives them', async () => {
    using made = await nl.createNetns(red)
    ip(`netns add ${blue}`)
    expect(await nl.getNsid(red)).toBeNull()
    await nl.setNsid(made, 77)
    expect(await nl.getNsid(made)).toBe(77)
    expect(ipJson('netns list')).toContainEqual({ name: red, id: 77 })
    ip(`netns set ${blue} 78`)
    expect(await nl.getNsid(blue)).toBe(78)
    await made.setNsid(blue, 5)
    expect(await made.getNsid({ path: path(blue) })).toBe(5)
    expect(ipJson('netns list-id nsid 5', red)).toMatchObject([{ nsid: 5 }])
    expect(await nl.getNsid(blue)).toBe(78)
    await nl.setNsid({ pid: process.pid }, 'auto', { netns: red })
    expect(await nl.getNsid({ pid: process.pid }, { netns: red })).toBe(0)
    await expect(async () => nl.setNsid(red, 9)).rejects.toMatchObject({
      code: 'EEXIST',
      operation: 'RTM_NEWNSID',
      subject: `namespace '${red}'`,
      extack: { message: 'Peer netns already has a nsid assigned', path: 'fd' },
    })
    await expect(async () => nl.setNsid('nobody', 9)).rejects.toMatchObject({
      code: 'ENOENT',
      subject: "namespace 'nobody'",
    })
  })

  it('are deleted by name and by handle, as ip deletes them', async () => {
    const made = await nl.createNetns(red)
    using other = await nl.createNetns(blue)
    await made.delete()
    expect(existsSync(path(red))).toBe(false)
    expect(() => made.fd).toThrow('EBADF')
    await nl.deleteNetns(blue)
    expect(ipJson('netns list')).toEqual([])
    expect(mounts().filter((mount) => mount?.startsWith('/run/netns/'))).toEqual([])
    await expect(async () => other.delete()).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await other.listLinks()).toHaveLength(1)
  })
})

describe.each(FACES)('null instead of a namespace ($face)', ({ nl }) => {
  const none = { netns: null as never }
  it.each<[string, string, (made: Netns) => unknown]>([
    ['a method', 'netns', (made) => made.listLinks(none)],
    ['a raw socket', 'netns', (made) => made.openNetlinkSocket(0, none)],
    ['the near end', 'near.netns', (made) => made.createVethPair({ name: 'a', ...none }, { name: 'b' })],
    ['the far end', 'far.netns', (made) => made.createVethPair({ name: 'a' }, { name: 'b', ...none })],
  ])('is a mistake: %s', async (_, field, call) => {
    using made = await nl.createNetns()
    const asked = expect(async () => await call(made)).rejects
    await asked.toThrow(new TypeError(`${field}: null is not a name, a handle, { pid }, { path } or { fd }`))
  })
})

describe.each(FACES)('what is no namespace ($face)', ({ nl }) => {
  it.each<[string, object, string]>([
    ['a misspelt key', { pid: 1, nmae: 'red' }, "netns: unknown option 'nmae' (known: pid)"],
    ['two of them', { path: '/proc/self/ns/net', fd: 0 }, "netns: unknown option 'fd' (known: path)"],
    ['a descriptor with a name', { fd: 0, name: 'red' }, "netns: unknown option 'name' (known: fd)"],
    ['a path with NUL', { path: 'a\0b' }, "netns.path: 'a\\u0000b' contains NUL"],
    ['a path that is none', { path: 7 }, 'netns.path: 7 is not a path'],
    ['a process id as text', { pid: '1' }, "netns.pid: '1' is not a process id"],
  ])('is refused by its field: %s', async (_, netns, says) => {
    await expect(async () => await nl.openNetns(netns as never)).rejects.toThrow(says)
    await expect(async () => await nl.listLinks({ netns: netns as never })).rejects.toThrow(says)
  })

  it('and options that delete() does not have', async () => {
    using made = await nl.createNetns(red)
    const asked = async () => await made.delete({ force: true } as object)
    await expect(asked).rejects.toThrow("delete: unknown option 'force' (known: signal)")
    expect(existsSync(path(red))).toBe(true)
  })
})

describe('promises', () => {
  const { nl } = FACES[0]
  it('take null for no namespace either where they are monitors', async () => {
    using made = await nl.createNetns()
    await expect(made.monitor(['link'], { netns: null as never })).rejects.toThrow('netns: null is not')
  })

  /** What this process has open, without the descriptor that looks. */
  const open = () =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      const file = `/proc/self/fd/${fd}`
      return existsSync(file) ? [readlinkSync(file)] : []
    })

  it('let `await using` close a namespace', async () => {
    const before = open()
    let inside: string
    {
      await using made = await nl.createNetns()
      inside = readlinkSync(`/proc/self/fd/${made.fd}`)
      expect(open()).toContain(inside)
    }
    expect(open()).not.toContain(inside)
    expect(open()).toHaveLength(before.length)
  })

  it('undo what an abort finds half done', async () => {
    const before = open()
    const controller = new AbortController()
    const made = nl.createNetns(red, { loopback: true, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(made).rejects.toThrow('enough')
    expect(existsSync(path(red))).toBe(false)
    expect(open()).toEqual(before)
  })

  it('are not made at all by a signal that has fired', async () => {
    await expect(nl.createNetns(red, { signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow(
      'never',
    )
    expect(existsSync(path(red))).toBe(false)
  })
})
