import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { SystemError } from '../../src/index.js'
import { execFileSync } from './programs.js'
import { FACES, ip } from './support.js'

const red = `red-${process.pid}`
const blue = `blue-${process.pid}`
const path = (netns: string) => `/run/netns/${netns}`
const identity = (file: string) => [statSync(file).dev, statSync(file).ino]

afterEach(() => {
  for (const netns of existsSync('/run/netns') ? readdirSync('/run/netns') : []) ip(`netns delete ${netns}`)
})

describe.each(FACES)('namespaces ($face)', ({ nl }) => {
  it('are not deleted by the handle of another one that had the name before', async () => {
    using made = await nl.createNetns(red)
    ip(`netns delete ${red}`)
    ip(`netns add ${red}`)
    await expect(async () => made.delete()).rejects.toThrow(
      `stat namespace '${red}': ENOENT (No such file or directory); the name has been deleted, or is that of another namespace by now`,
    )
    expect(existsSync(path(red))).toBe(true)
  })

  it('without a name cannot be deleted, only closed', async () => {
    using made = await nl.createNetns()
    await expect(async () => made.delete()).rejects.toThrow(
      'delete: this namespace has no name; close() is enough',
    )
  })

  it('with a second mount on the name say which', async () => {
    using _ = await nl.createNetns(red)
    execFileSync('mount', ['--bind', '/proc/self/ns/net', path(red)])
    const failure = await Promise.resolve()
      .then(() => nl.deleteNetns(red))
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(SystemError)
    const [line] = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((each) => each.includes(path(red)))
    expect(failure).toMatchObject({
      code: 'EBUSY',
      syscall: 'unlink',
      subject: `namespace '${red}'`,
      advice:
        `still mounted on ${path(red)} after one mount was taken off: mount ${line!.split(' ')[0]} in /proc/self/mountinfo; ` +
        'delete the name once more for each, or `umount` it',
    })
    await nl.deleteNetns(red)
    expect(existsSync(path(red))).toBe(false)
  })

  it('that are there already or not there are errors that say so', async () => {
    ip(`netns add ${red}`)
    const before = identity(path(red))
    await expect(async () => nl.createNetns(red)).rejects.toMatchObject({
      code: 'EEXIST',
      subject: `namespace '${red}'`,
      advice: 'the name is taken: openNetns() opens that namespace, deleteNetns() deletes its name',
    })
    expect(identity(path(red))).toEqual(before)
    const advice =
      'there is no namespace of that name in this mount namespace (listNetns() tells which there are)'
    await expect(async () => nl.openNetns(blue)).rejects.toMatchObject({ code: 'ENOENT', advice })
    await expect(async () => nl.deleteNetns(blue)).rejects.toMatchObject({ code: 'ENOENT', advice })
    await expect(async () => nl.listLinks({ netns: blue })).rejects.toMatchObject({ code: 'ENOENT', advice })
    await expect(async () => nl.openNetns({ pid: 0 })).rejects.toThrow('netns.pid: 0 is not a process id')
    await expect(async () => nl.openNetns({ path: '/dev/null' })).rejects.toMatchObject({ code: 'EINVAL' })
    await expect(async () => nl.openNetns({ path: '/proc/self/ns/mnt' })).rejects.toMatchObject({
      code: 'EINVAL',
    })
    await expect(async () => nl.openNetns({ fd: 999_999 })).rejects.toMatchObject({ code: 'ENOENT' })
    const file = openSync('/dev/null', 'r')
    await expect(async () => nl.openNetns({ fd: file })).rejects.toMatchObject({
      code: 'EINVAL',
      advice: 'this is not a network namespace',
    })
    closeSync(file)
  })

  it('are not what they cannot be', async () => {
    using made = await nl.createNetns()
    for (const [netns, says] of [
      [null, 'netns: null is not a name, a handle, { pid }, { path } or { fd }'],
      [7, 'netns: 7 is not a name, a handle, { pid }, { path } or { fd }'],
      [{ path: 7 }, 'netns.path: 7 is not a path'],
      [{}, 'netns: {} is not a name, a handle, { pid }, { path } or { fd }'],
      [true, 'netns: true is not a name, a handle, { pid }, { path } or { fd }'],
    ] as const) {
      const refused = new TypeError(says)
      await expect(async () => nl.listLinks({ netns: netns as never })).rejects.toThrow(refused)
      await expect(async () => made.listLinks({ netns: netns as never })).rejects.toThrow(refused)
      await expect(async () =>
        made.getSysctl('net.ipv4.ip_forward', { netns: netns as never }),
      ).rejects.toThrow(refused)
      expect(() => nl.spawnInNetns(netns as never, 'true')).toThrow(refused)
    }
  })

  it('are printed by name', async () => {
    using named = await nl.createNetns(red)
    using unnamed = await nl.createNetns()
    expect(inspect(named)).toBe(`Netns { name: '${red}' }`)
    expect(inspect(unnamed)).toBe('Netns { name: null }')
  })

  it('closed are closed: later calls are refused, closing again is nothing', async () => {
    const made = await nl.createNetns()
    made.close()
    made.close()
    await expect(async () => made.listLinks()).rejects.toMatchObject({
      code: 'EBADF',
      advice: 'the handle has been closed',
    })
    await expect(async () => made.getSysctl('net.ipv4.ip_forward')).rejects.toMatchObject({ code: 'EBADF' })
    expect(() => made.spawnInNetns('true')).toThrow('the handle has been closed')
  })
})
