import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Done, NativeSocket } from '../../src/socket/native.js'
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  EBADF,
  EINVAL,
  EISDIR,
  ENOENT,
  EPROTONOSUPPORT,
  getLink,
  headers,
  must,
  NETLINK_ROUTE,
  native,
  PLAIN,
  run,
} from './native-addon.js'
import {
  AF_INET,
  create,
  identity,
  inet,
  path,
  SOCK_DGRAM,
  SOCK_STREAM,
  UNBOUND,
  ways,
} from './native-namespaces.js'
import { execFileSync } from './programs.js'

const openNetlink = (fd: number, protocol: number, done?: Done<NativeSocket>) =>
  done ? native.openNetlink(fd, protocol, PLAIN, done) : native.openNetlink(fd, protocol, PLAIN)

describe.each(ways)('in a namespace (%s)', (_, call) => {
  test('a netlink socket', async () => {
    const { fd, socket } = create()
    const opened = must(await call<NativeSocket>((done) => openNetlink(fd, NETLINK_ROUTE, done)))
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
    call((done) => native.openSocket(fd, family, type, 0, address, done))

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
      Buffer.from(must(await call((done) => native.readFile(netns, name, done)))).toString()
    const write = (netns: number, text: string) =>
      call((done) => native.writeFile(netns, file, Buffer.from(text), done))
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
    const read = (netns: number, name: string) => call((done) => native.readFile(netns, name, done))
    expect(await read(fd, '/proc/sys/net/none')).toEqual({ errno: ENOENT, syscall: 'open' })
    expect(await read(fd, '/proc/sys/net')).toEqual({ errno: EISDIR, syscall: 'read' })
    expect(await read(-1, '/proc/sys/net')).toEqual({ errno: EISDIR, syscall: 'read' })
    expect(await call((done) => native.writeFile(fd, '/proc/sys/net', new Uint8Array(1), done))).toEqual({
      errno: EISDIR,
      syscall: 'open',
    })
    // no reader, and nobody waits for one
    const fifo = path('fifo')
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
      expect(await call((done) => openNetlink(fd, 0, done))).toEqual(failure)
      expect(await open(fd, AF_INET, SOCK_STREAM, UNBOUND)).toEqual(failure)
      expect(await call((done) => native.readFile(fd, '/proc/version', done))).toEqual(failure)
    }
  })

  test('protocols and families that do not exist', async () => {
    const { fd } = create()
    for (const netns of [fd, -1]) {
      expect(await call((done) => openNetlink(netns, 31, done))).toEqual({
        errno: EPROTONOSUPPORT,
        syscall: 'socket',
      })
      expect(await open(netns, 999, SOCK_STREAM, UNBOUND)).toEqual({
        errno: EAFNOSUPPORT,
        syscall: 'socket',
      })
    }
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
