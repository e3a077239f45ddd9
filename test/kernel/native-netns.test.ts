import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CreatedNetns } from '../../src/socket/native.js'
import {
  EEXIST,
  EINVAL,
  EISDIR,
  EMFILE,
  ENOENT,
  ENOMEM,
  ENOPROTOOPT,
  ENOSPC,
  EPERM,
  must,
  NETLINK_ROUTE,
  native,
  PLAIN,
  runScript,
} from './native-addon.js'
import { create, identity, mounts, path, REFUSED, SHARED, ways } from './native-namespaces.js'
import { openFds } from './open-descriptors.js'
import { execFileSync } from './programs.js'
import { hasTool } from './support.js'

describe.each(ways)('createNetns (%s)', (_, call) => {
  const createNetns = (name: string | null, settings = PLAIN) =>
    call<CreatedNetns>((done) => native.createNetns(name, settings, false, done))

  test('makes a namespace that ip finds under its name', async () => {
    const name = `/run/netns/${basename(path('native'))}`
    mkdirSync('/run/netns', { recursive: true })
    const { fd, socket } = must(await createNetns(name, PLAIN))
    onTestFinished(() => void native.removeNetns(name))
    expect(readlinkSync(`/proc/self/fd/${fd}`)).not.toBe(readlinkSync('/proc/self/ns/net'))
    expect(statSync(name).ino).toBe(statSync(`/proc/self/fd/${fd}`).ino)
    expect(statSync(name).mode & 0o777).toBe(0o444)
    execFileSync('ip', ['-n', basename(name), 'link', 'add', 'inside', 'type', 'ifb'])
    expect(socket.ifindex('inside')).toBeGreaterThan(1)
    socket.close()
    expect(native.close(fd)).toBe(0)
  })

  test('without a path it is only a descriptor', async () => {
    const { fd, socket } = must(await createNetns(null))
    socket.close()
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toMatch(/^net:/)
    expect(native.close(fd)).toBe(0)
  })

  test('brings lo up if asked to', async () => {
    for (const loopback of [true, false]) {
      const { fd, socket } = must(
        await call<CreatedNetns>((done) => native.createNetns(null, PLAIN, loopback, done)),
      )
      socket.close()
      const shown = execFileSync('nsenter', [
        `--net=/proc/${process.pid}/fd/${fd}`,
        'ip',
        '-j',
        'link',
        'show',
        'lo',
      ])
      expect(JSON.parse(shown.toString())[0].flags.includes('UP')).toBe(loopback)
      native.close(fd)
    }
  })

  test('a name in use is EEXIST, and stays', async () => {
    const name = path()
    create(name)
    const ino = statSync(name).ino
    expect(await createNetns(name)).toEqual({ errno: EEXIST, syscall: 'open' })
    expect(statSync(name).ino).toBe(ino)
    const file = path()
    writeFileSync(file, 'mine')
    expect(await createNetns(file)).toEqual({ errno: EEXIST, syscall: 'open' })
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  test('a socket that cannot be opened leaves neither file nor mount behind', async () => {
    const name = path()
    const before = openFds()
    expect(await createNetns(name, REFUSED)).toEqual({ errno: ENOPROTOOPT, syscall: 'setsockopt' })
    expect(existsSync(name)).toBe(false)
    expect(mounts(name)).toEqual([])
    expect(openFds()).toBe(before)
  })
})

describe('limits and rights', () => {
  const CREATE = `const { existsSync } = require('node:fs')
const path = '${SHARED}/limited'
console.log(JSON.stringify([native.createNetns(path, PLAIN, false), existsSync(path)]))`

  test('without CAP_SYS_ADMIN: EPERM', async () => {
    const { stdout, stderr } = await runScript(CREATE, ['setpriv', '--bounding-set=-sys_admin'])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([{ errno: EPERM, syscall: 'mount', ofDirectory: true }, false])
  })

  test('past user.max_net_namespaces: ENOSPC', async () => {
    const limit = [
      'unshare',
      '-Urm',
      'sh',
      '-c',
      'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"',
      'sh',
    ]
    const { stdout, stderr } = await runScript(CREATE, limit)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([{ errno: ENOSPC, syscall: 'unshare' }, false])
  })

  test('a failing mount leaves neither file nor descriptor behind', async ({ skip }) => {
    skip(!hasTool('strace'), 'strace is not there')
    const name = path()
    const source = `const { existsSync } = require('node:fs')
const open = () => readdirSync('/proc/self/fd').length
const first = native.createNetns(null, PLAIN, false) // so that the thread has what it needs
const before = open()
const answer = native.createNetns('${name}', PLAIN, false)
console.log(JSON.stringify([answer, existsSync('${name}'), open() - before]))`
    const inject = ['-P', name, '-e', 'inject=mount:error=ENOMEM']
    const { stdout, stderr } = await runScript(source, ['strace', '-f', '-qq', '-o', '/dev/null', ...inject])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([{ errno: ENOMEM, syscall: 'mount' }, false, 0])
  })

  test('without descriptors: EMFILE', async () => {
    const source = `const { existsSync } = require('node:fs')
const first = native.createNetns(null, PLAIN, false) // so that the thread has what it needs
first.socket.close()
native.close(first.fd)
const held = []
let answer
do held.push((answer = native.duplicate(0)))
while (typeof answer === 'number')
const path = '${SHARED}/limited'
const failures = [answer, native.createNetns(path, PLAIN, false)]
native.close(held[0])
failures.push(native.createNetns(path, PLAIN, false))
native.close(held[1])
console.log(JSON.stringify([...failures, existsSync(path)]))`
    const { stdout, stderr } = await runScript(source)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([
      { errno: EMFILE, syscall: 'fcntl' },
      { errno: EMFILE, syscall: 'open', ofDirectory: true },
      { errno: EMFILE, syscall: 'socket' },
      false,
    ])
  })

  test('settings that the kernel refuses', () => {
    expect(native.openNetlink(-1, NETLINK_ROUTE, REFUSED)).toEqual({
      errno: ENOPROTOOPT,
      syscall: 'setsockopt',
    })
  })
})

describe('openNetns', () => {
  test('opens a namespace by its file', () => {
    const name = path()
    const { fd } = create(name)
    const opened = must(native.openNetns(name))
    expect(identity(opened)).toBe(identity(fd))
    expect(native.close(opened)).toBe(0)
  })

  test.each([
    ['/etc/passwd', EINVAL, 'ioctl'],
    ['/proc/self/ns/mnt', EINVAL, 'ioctl'],
    ['/proc/self/ns', EINVAL, 'ioctl'],
    [`${SHARED}/none`, ENOENT, 'open'],
  ])('%s is refused', (file, errno, syscall) => {
    const before = readdirSync('/proc/self/fd').length
    expect(native.openNetns(file)).toEqual({ errno, syscall })
    expect(readdirSync('/proc/self/fd')).toHaveLength(before)
  })

  test('a FIFO does not block', () => {
    const fifo = path('fifo')
    execFileSync('mkfifo', [fifo])
    expect(native.openNetns(fifo)).toEqual({ errno: EINVAL, syscall: 'ioctl' })
  })
})

describe.each(ways)('removeNetns (%s)', (_, call) => {
  const remove = (name: string) => call((done) => native.removeNetns(name, done))

  test('unmounts and unlinks, while the descriptor stays valid', async () => {
    const name = path()
    const { socket } = create(name)
    expect(mounts(name)).toHaveLength(1)
    expect(await remove(name)).toBe(0)
    expect(mounts(name)).toEqual([])
    expect(existsSync(name)).toBe(false)
    expect(socket.ifindex('lo')).toBe(1)
  })

  test('a file with nothing mounted on it is unlinked', async () => {
    const name = path()
    writeFileSync(name, '')
    expect(await remove(name)).toBe(0)
    expect(existsSync(name)).toBe(false)
  })

  test('a link is unlinked without unmounting what it points to', async () => {
    const name = path()
    create(name)
    const link = path()
    symlinkSync(name, link)
    expect(await remove(link)).toBe(0)
    expect(existsSync(link)).toBe(false)
    expect(mounts(name)).toHaveLength(1)
  })

  test('errors name the system call', async () => {
    expect(await remove(`${SHARED}/none`)).toEqual({ errno: ENOENT, syscall: 'umount2' })
    const directory = `${SHARED}/directory`
    mkdirSync(directory, { recursive: true })
    expect(await remove(directory)).toEqual({ errno: EISDIR, syscall: 'unlink' })
  })
})
