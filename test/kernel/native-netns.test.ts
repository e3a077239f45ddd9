import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { CreatedNetns, Done, Failure, NativeSocket } from '../../src/socket/native.js'
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EBADF,
  EEXIST,
  EINVAL,
  EISDIR,
  EMFILE,
  ENOENT,
  ENOPROTOOPT,
  ENOSPC,
  ENOTDIR,
  EPERM,
  EPROTONOSUPPORT,
  getLink,
  headers,
  must,
  NETLINK_ROUTE,
  native,
  openFds,
  PLAIN,
  run,
  runScript,
  SOL_NETLINK,
  threads,
} from './native-addon.js'

const SHARED = '/run/native-test'
const AF_INET = 2
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const UNBOUND = new Uint8Array(0)
const REFUSED = Int32Array.of(0, 0, SOL_NETLINK, 999, 1)
const BAD_NETNS = /argument 0 must be a descriptor/

/** The answer of a call with `done`. */
const later = <T>(call: (done: Done<T>) => void) => new Promise<T>(call)

let made = 0
const path = () => `${SHARED}/n${++made}`

function create(name: string | null = null): CreatedNetns {
  const created = must(native.createNetns(name, PLAIN, false))
  onTestFinished(() => {
    created.socket!.close()
    native.close(created.fd)
    if (name !== null) native.removeNetns(name)
  })
  return created
}

/** The mounts on a path, topmost last. */
function mounts(on: string): string[] {
  const table = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return table.filter((line) => line.split(' ')[4] === on)
}

const identity = (fd: number) => {
  const { dev, ino } = statSync(`/proc/self/fd/${fd}`)
  return `${dev}:${ino}`
}

/** struct sockaddr_in */
function inet(port: number, address: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt16LE(AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(address, 4)
  return bytes
}

/** Both ways of calling: blocking, and with `done`. */
type Way = <T>(call: (...done: [] | [Done<T>]) => T | undefined) => Promise<T>
const ways: [string, Way][] = [
  ['blocking', async (call) => call()!],
  ['with done', (call) => later((done) => void call(done))],
]

beforeAll(() => {
  expect(native.shareDirectory(SHARED)).toBe(0)
})

describe.each(ways)('createNetns (%s)', (_, call) => {
  const createNetns = (name: string | null, settings: Int32Array | null): Promise<CreatedNetns | Failure> =>
    call<CreatedNetns | Failure>((...done) => native.createNetns(name, settings, false, ...(done as [])))

  test('makes a namespace that ip finds under its name', async () => {
    const name = `/run/netns/native${++made}`
    mkdirSync('/run/netns', { recursive: true })
    const { fd, socket } = must(await createNetns(name, PLAIN))
    onTestFinished(() => void native.removeNetns(name))
    expect(readlinkSync(`/proc/self/fd/${fd}`)).not.toBe(readlinkSync('/proc/self/ns/net'))
    expect(statSync(name).ino).toBe(statSync(`/proc/self/fd/${fd}`).ino)
    expect(statSync(name).mode & 0o777).toBe(0o444)
    execFileSync('ip', ['-n', `native${made}`, 'link', 'add', 'inside', 'type', 'ifb'])
    expect(socket!.ifindex('inside')).toBeGreaterThan(1)
    socket!.close()
    expect(native.close(fd)).toBe(0)
  })

  test('without a path or settings it is only a descriptor', async () => {
    const { fd, socket } = must(await createNetns(null, null))
    expect(socket).toBeNull()
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toMatch(/^net:/)
    expect(native.close(fd)).toBe(0)
  })

  test('brings lo up if asked to', async () => {
    for (const loopback of [true, false]) {
      const { fd } = must(
        await call<CreatedNetns | Failure>((...done) =>
          native.createNetns(null, null, loopback, ...(done as [])),
        ),
      )
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
    expect(await createNetns(name, null)).toEqual({ errno: EEXIST, syscall: 'open' })
    expect(statSync(name).ino).toBe(ino)
    const file = path()
    writeFileSync(file, 'mine')
    expect(await createNetns(file, null)).toEqual({ errno: EEXIST, syscall: 'open' })
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  test('a missing directory is ENOENT', async () => {
    expect(await createNetns(`${SHARED}/none/x`, null)).toEqual({ errno: ENOENT, syscall: 'open' })
  })

  test('a failing mount leaves no file behind', async () => {
    // A file is made through another process's mount namespace, but nothing can be mounted there.
    const other = spawn('unshare', ['-m', 'sh', '-c', 'echo ready && exec sleep 1000'])
    const ended = once(other, 'close')
    onTestFinished(async () => {
      other.kill()
      await ended
    })
    await once(other.stdout, 'data')
    const directory = mkdtempSync('/tmp/native-')
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const before = openFds()
    expect(await createNetns(`/proc/${other.pid}/root${directory}/x`, PLAIN)).toEqual({
      errno: EINVAL,
      syscall: 'mount',
    })
    expect(readdirSync(directory)).toEqual([])
    expect(openFds()).toBe(before)
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
console.log(JSON.stringify([native.createNetns(path, null, false), existsSync(path)]))`

  test('without CAP_SYS_ADMIN: EPERM', async () => {
    const { stdout, stderr } = await runScript(CREATE, ['setpriv', '--bounding-set=-sys_admin'])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([{ errno: EPERM, syscall: 'unshare' }, false])
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

  test('without descriptors: EMFILE', async () => {
    const source = `const { existsSync } = require('node:fs')
native.close(native.createNetns(null, null, false).fd) // so that the thread has what it needs
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
      { errno: EMFILE, syscall: 'open' },
      { errno: EMFILE, syscall: 'socket' },
      false,
    ])
  })

  test('settings that the kernel refuses', () => {
    expect(native.openNetlink(-1, NETLINK_ROUTE, REFUSED, false)).toEqual({
      errno: ENOPROTOOPT,
      syscall: 'setsockopt',
    })
  })
})

describe.each(ways)('in a namespace (%s)', (_, call) => {
  test('a netlink socket', async () => {
    const { fd, socket } = create()
    const opened = must(
      await call<NativeSocket | Failure>((...done) =>
        native.openNetlink(fd, NETLINK_ROUTE, PLAIN, false, ...(done as [])),
      ),
    )
    onTestFinished(() => opened.close())
    const into = new Uint8Array(1 << 16)
    expect(headers(into, opened.exchange(getLink(1, 8), 32, into))).toMatchObject([{ seq: 8 }])
    expect(opened.portid).not.toBe(socket!.portid)
    const inside = execFileSync('nsenter', [
      `--net=/proc/${process.pid}/fd/${fd}`,
      'cat',
      '/proc/net/netlink',
    ])
    expect(inside.toString()).toContain(` ${opened.portid} `)
  })

  const open = (fd: number, family: number, type: number, address: Uint8Array) =>
    call<number | Failure>((...done) => native.openSocket(fd, family, type, 0, address, ...(done as [])))

  test('a socket of any kind', async () => {
    const { fd } = create()
    const inside = `--net=/proc/${process.pid}/fd/${fd}`
    execFileSync('nsenter', [inside, 'ip', 'link', 'set', 'lo', 'up'])
    const address = inet(7777, [127, 0, 0, 1])
    const server = createServer((connection) => void connection.end('from inside'))
    server.listen({ fd: must(await open(fd, AF_INET, SOCK_STREAM, address)) })
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const ask = 'import socket; print(socket.create_connection(("127.0.0.1", 7777)).recv(100).decode())'
    expect((await run('nsenter', inside, 'python3', '-c', ask)).stdout).toBe('from inside\n')
    const [refused] = await once(connect(7777, '127.0.0.1'), 'error')
    expect(['ECONNREFUSED', 'ENETUNREACH']).toContain(refused.code)
    expect(await open(fd, AF_INET, SOCK_STREAM, address)).toEqual({ errno: EADDRINUSE, syscall: 'bind' })
    const elsewhere = inet(7777, [192, 0, 2, 1])
    expect(await open(fd, AF_INET, SOCK_DGRAM, elsewhere)).toEqual({ errno: EADDRNOTAVAIL, syscall: 'bind' })
  })

  test('files', async () => {
    const { fd } = create()
    const file = '/proc/sys/net/ipv4/ip_forward'
    const read = async (netns: number, name = file) =>
      Buffer.from(
        must(await call<Uint8Array | Failure>((...done) => native.readFile(netns, name, ...(done as [])))),
      ).toString()
    const write = (netns: number, text: string) =>
      call<0 | Failure>((...done) => native.writeFile(netns, file, Buffer.from(text), ...(done as [])))
    const home = readFileSync(file, 'utf8')
    expect(await read(fd)).toBe('0\n')
    expect(await write(fd, '1')).toBe(0)
    expect(await read(fd)).toBe('1\n')
    expect(await read(-1)).toBe(home)
    expect(await read(-1, '/proc/self/mountinfo')).toBe(readFileSync('/proc/self/mountinfo', 'utf8'))
    expect(await write(-1, home)).toBe(0)
    expect(await write(fd, 'many')).toEqual({ errno: EINVAL, syscall: 'write' })
  })

  test('files that fail', async () => {
    const { fd } = create()
    const read = (netns: number, name: string) =>
      call<Uint8Array | Failure>((...done) => native.readFile(netns, name, ...(done as [])))
    expect(await read(fd, '/proc/sys/net/none')).toEqual({ errno: ENOENT, syscall: 'open' })
    expect(await read(fd, '/proc/sys/net')).toEqual({ errno: EISDIR, syscall: 'read' })
    expect(await read(-1, '/proc/sys/net')).toEqual({ errno: EISDIR, syscall: 'read' })
    expect(
      await call<0 | Failure>((...done) =>
        native.writeFile(fd, '/proc/sys/net', new Uint8Array(1), ...(done as [])),
      ),
    ).toEqual({ errno: EISDIR, syscall: 'open' })
    // no reader, and nobody waits for one
    const fifo = `${SHARED}/fifo${++made}`
    execFileSync('mkfifo', [fifo])
    expect(await read(-1, fifo)).toHaveLength(0)
  })

  test('what is not a network namespace', async () => {
    const file = openSync('/etc/passwd', 'r')
    const mnt = openSync('/proc/self/ns/mnt', 'r')
    onTestFinished(() => [file, mnt].forEach(closeSync))
    for (const [fd, errno] of [
      [file, EINVAL],
      [mnt, EINVAL],
      [9999, EBADF],
    ] as const) {
      const failure = { errno, syscall: 'setns' }
      expect(
        await call<unknown>((...done) => native.openNetlink(fd, 0, PLAIN, false, ...(done as []))),
      ).toEqual(failure)
      expect(await open(fd, AF_INET, SOCK_STREAM, UNBOUND)).toEqual(failure)
      expect(await call<unknown>((...done) => native.readFile(fd, '/proc/version', ...(done as [])))).toEqual(
        failure,
      )
    }
  })

  test('protocols and families that do not exist', async () => {
    const { fd } = create()
    for (const netns of [fd, -1]) {
      expect(
        await call<unknown>((...done) => native.openNetlink(netns, 31, PLAIN, false, ...(done as []))),
      ).toEqual({ errno: EPROTONOSUPPORT, syscall: 'socket' })
      expect(await open(netns, 999, SOCK_STREAM, UNBOUND)).toEqual({
        errno: EAFNOSUPPORT,
        syscall: 'socket',
      })
    }
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
    const fifo = `${SHARED}/fifo${++made}`
    execFileSync('mkfifo', [fifo])
    expect(native.openNetns(fifo)).toEqual({ errno: EINVAL, syscall: 'ioctl' })
  })
})

describe.each(ways)('removeNetns (%s)', (_, call) => {
  const remove = (name: string) => call<0 | Failure>((...done) => native.removeNetns(name, ...(done as [])))

  test('unmounts and unlinks, while the descriptor stays valid', async () => {
    const name = path()
    const { socket } = create(name)
    expect(mounts(name)).toHaveLength(1)
    expect(await remove(name)).toBe(0)
    expect(mounts(name)).toEqual([])
    expect(existsSync(name)).toBe(false)
    expect(socket!.ifindex('lo')).toBe(1)
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

describe('shareDirectory', () => {
  test('makes the directory and a shared mount of it, once', () => {
    const directory = `${SHARED}-new${++made}/a/b`
    expect(native.shareDirectory(directory)).toBe(0)
    expect(native.shareDirectory(directory)).toBe(0)
    expect(mounts(directory)).toEqual([expect.stringMatching(/ shared:\d+ /)])
    expect(statSync(directory).mode & 0o777).toBe(0o755)
  })

  test('once also when many programs do it at the same time', async () => {
    const directory = `${SHARED}-at-once${++made}`
    const source = `console.log(JSON.stringify(native.shareDirectory('${directory}')))`
    const ended = await Promise.all(Array.from({ length: 8 }, () => runScript(source)))
    expect(ended.map(({ stdout }) => stdout)).toEqual(Array(8).fill('0\n'))
    expect(mounts(directory)).toHaveLength(1)
  })

  test('waits for the lock that iproute2 takes on the directory', async () => {
    const directory = `${SHARED}-locked${++made}`
    mkdirSync(directory)
    const { ino } = statSync(directory)
    const holder = spawn('flock', [directory, 'sh', '-c', 'echo locked && exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    const ended = runScript(`console.log(native.shareDirectory('${directory}'))`)
    const waiting = new RegExp(`-> FLOCK .*:${ino} `)
    while (!waiting.test(readFileSync('/proc/locks', 'utf8'))) await new Promise(setImmediate)
    expect(mounts(directory)).toEqual([])
    holder.stdin.end()
    expect(await ended).toMatchObject({ stdout: '0\n', stderr: '' })
    expect(mounts(directory)).toHaveLength(1)
  })

  test('is what ip netns does', async () => {
    const source = `JSON.stringify(native.shareDirectory('/run/netns'))`
    const fresh = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh']
    const table = "console.log(require('fs').readFileSync('/proc/self/mountinfo', 'utf8'))"
    const ours = await runScript(`${source};${table}`, fresh)
    const ips = await runScript(
      `require('child_process').execFileSync('ip', ['netns', 'add', 'x']);${table}`,
      fresh,
    )
    // root, mount point, options, kind of propagation
    const lines = (text: string) => {
      const fields = text.split('\n').map((line) => line.split(' ').slice(3, 7))
      const fresh = fields.slice(fields.findLastIndex(([, point]) => point === '/run'))
      return fresh.map(([root, point, options, tag]) => [root, point, options, tag?.split(':')[0]])
    }
    expect(lines(ours.stdout)).toEqual(lines(ips.stdout).filter(([, point]) => point !== '/run/netns/x'))
    expect(lines(ours.stdout)).toContainEqual(['/netns', '/run/netns', expect.any(String), 'shared'])
  })

  test('errors', async () => {
    writeFileSync(`${SHARED}/file`, '')
    expect(native.shareDirectory(`${SHARED}/file/x`)).toEqual({ errno: ENOTDIR, syscall: 'mkdir' })
    expect(native.shareDirectory(`${SHARED}/file`)).toEqual({ errno: ENOTDIR, syscall: 'open' })
    const source = `console.log(JSON.stringify(native.shareDirectory('${SHARED}-refused')))`
    const { stdout } = await runScript(source, ['setpriv', '--bounding-set=-sys_admin'])
    expect(JSON.parse(stdout)).toEqual({ errno: EPERM, syscall: 'mount' })
  })
})

describe('descriptors', () => {
  test('duplicate and close', async () => {
    const { fd } = create()
    const copy = must(native.duplicate(fd))
    expect(copy).not.toBe(fd)
    expect(identity(copy)).toBe(identity(fd))
    const { stdout } = await run('sh', '-c', `ls /proc/self/fd`)
    expect(stdout.split('\n')).not.toContain(String(copy))
    expect(native.close(copy)).toBe(0)
    expect(native.close(copy)).toBe(-EBADF)
    expect(native.duplicate(copy)).toEqual({ errno: EBADF, syscall: 'fcntl' })
  })

  test('all of them are close-on-exec', async () => {
    const { fd, socket } = create()
    const more = [
      must(native.openSocket(fd, AF_INET, SOCK_STREAM, 0, UNBOUND)),
      must(native.openNetns('/proc/self/ns/net')),
    ]
    onTestFinished(() => more.forEach((one) => void native.close(one)))
    for (const one of [fd, socket!.fd, ...more]) {
      const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${one}`, 'utf8'))![1]!
      expect(Number.parseInt(flags, 8) & 0o2000000, `fd ${one}`).toBe(0o2000000) // O_CLOEXEC
    }
  })
})

describe('arguments of a wrong type', () => {
  const calls = native as unknown as Record<string, (...args: unknown[]) => unknown> // to pass what types forbid
  test.each<[string, ...unknown[]]>([
    ['openNetlink', '0', 0, PLAIN, false],
    ['openNetlink', -1, 0, Int32Array.of(0), false],
    ['openNetlink', -1, 0, Int32Array.of(0, 0, 1, 2), false],
    ['openNetlink', -1, 0, [0, 0], false],
    ['openNetlink', -1, 0, PLAIN],
    ['openNetlink', -1, 0, PLAIN, false, 'done'],
    ['openSocket', -1, 2, 1, 0],
    ['createNetns', undefined, null],
    ['createNetns', 'a\0b', null],
    ['createNetns', null, new Uint8Array(8)],
    ['createNetns', null, null, null],
    ['openNetns', 1],
    ['shareDirectory', null],
    ['removeNetns'],
    ['readFile', -1, 5],
    ['writeFile', -1, '/proc/none', 'text'],
    ['duplicate', 1.5],
    ['close', '1'],
  ])('%s', (name, ...args) => {
    expect(() => calls[name]!(...args)).toThrow(TypeError)
  })

  test('a negative namespace other than -1', () => {
    for (const netns of [-2, -3, -4]) {
      expect(() => native.openNetlink(netns, 0, PLAIN, false)).toThrow(BAD_NETNS)
      expect(() => native.readFile(netns, '/proc/version')).toThrow(BAD_NETNS)
    }
  })
})

describe('threads', () => {
  test('those of Node never leave, and the addon’s own are home after the last answer', async () => {
    const home = readlinkSync('/proc/thread-self/ns/net')
    const created = await Promise.all(
      Array.from({ length: 200 }, () =>
        later<CreatedNetns | Failure>((done) => native.createNetns(null, PLAIN, false, done)),
      ),
    )
    const at = threads()
    expect(at.filter(({ netns }) => netns !== home)).toEqual([])
    expect(at.filter(({ name }) => name === 'netlink-netns')).toHaveLength(2)
    for (const one of created.map(must)) {
      native.readFile(one.fd, '/proc/sys/net/ipv4/ip_forward')
      one.socket!.close()
      native.close(one.fd)
    }
    expect(threads().filter(({ netns }) => netns !== home)).toEqual([])
  })

  test('one thread serves what is asked one after another', async () => {
    const source = `const { readFileSync } = require('node:fs')
for (let i = 0; i < 10; i++) native.createNetns(null, null, false)
let left = 10
const next = () => native.createNetns(null, null, false, () => (left-- > 0 ? next() : report()))
const report = () =>
  console.log(readdirSync('/proc/self/task').filter((id) => /netlink/.test(readFileSync('/proc/self/task/' + id + '/comm', 'utf8'))).length)
next()`
    expect(await runScript(source)).toMatchObject({ stdout: '1\n', stderr: '' })
  })

  test('signals are left to Node’s threads', () => {
    create()
    const ours = threads().filter(({ name }) => name.startsWith('netlink-'))
    expect(ours).not.toEqual([])
    // all but SIGKILL, SIGSTOP and the two that the C library keeps to itself
    for (const { blockedSignals } of ours) expect(blockedSignals).toBe('fffffffe7ffbfeff')
  })

  test('a thread that cannot get home ends, and the rest of the work is done by others', async () => {
    // In a user namespace of its own the process may make network namespaces, but not enter that which it comes from.
    const { stdout, stderr, status } = await runScript(
      `const home = readlinkSync('/proc/self/ns/net')
const away = () => readdirSync('/proc/self/task').filter((id) => {
  try { return readlinkSync('/proc/self/task/' + id + '/ns/net') !== home } catch { return false }
}).length
const answers = []
const count = (answer) => answers.push(must(answer))
for (let i = 0; i < 50; i++) {
  native.createNetns(null, null, false, count)
  native.readFile(-1, '/proc/sys/net/ipv4/ip_forward', count)
}
for (let i = 0; i < 20; i++) count(native.createNetns(null, null, false))
const wait = () => (answers.length < 120 || away() > 0 ? setImmediate(wait) : console.log(answers.length))
wait()`,
      ['timeout', '15', 'unshare', '-Ur'],
    )
    expect({ stdout, stderr, status }).toEqual({ stdout: '120\n', stderr: '', status: 0 })
  })

  test('1,000 cycles leave descriptors and threads as they were', async () => {
    const cycle = async (count: number) => {
      const names = Array.from({ length: count }, path)
      const created = await Promise.all(
        names.map((name) =>
          later<CreatedNetns | Failure>((done) => native.createNetns(name, PLAIN, false, done)),
        ),
      )
      for (const one of created.map(must)) {
        one.socket!.close()
        native.close(one.fd)
      }
      const removed = names.map((name) => later<0 | Failure>((done) => native.removeNetns(name, done)))
      expect(new Set(await Promise.all(removed))).toEqual(new Set([0]))
    }
    await cycle(10)
    const before = { fds: openFds(), threads: threads().length, files: readdirSync(SHARED) }
    await cycle(1000)
    expect({ fds: openFds(), threads: threads().length, files: readdirSync(SHARED) }).toEqual(before)
  })
})
