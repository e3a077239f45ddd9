import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { NativeSocket } from '../../src/socket/native.js'
import {
  EAGAIN,
  EBADF,
  EBUSY,
  EINVAL,
  EMSGSIZE,
  ENOBUFS,
  ENODEV,
  ENOPROTOOPT,
  getLink,
  headers,
  must,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  NETLINK_ROUTE,
  NETLINK_USERSOCK,
  NLMSG_ERROR,
  native,
  noop,
  openFds,
  PLAIN,
  RTM_NEWLINK,
  RTNLGRP_LINK,
  run,
  runScript,
  SOL_NETLINK,
} from './native-addon.js'

function open(settings: Int32Array = PLAIN, protocol = NETLINK_ROUTE, peers = false): NativeSocket {
  const socket = must(native.openNetlink(-1, protocol, settings, peers))
  onTestFinished(() => socket.close())
  return socket
}

function submit(
  socket: NativeSocket,
  request: Uint8Array,
  into: Uint8Array,
): Promise<[error: number, received: number]> {
  return new Promise((resolve) => {
    socket.submit(request, request.length, into, (error, received) => resolve([error, received]))
  })
}

/** Datagrams of the given lengths, byte n of each being n, from another process to the socket's portid. */
const SEND_DATAGRAMS = (protocol: number, portid: number, lengths: number[]) => [
  'python3',
  '-c',
  `import socket
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, ${protocol})
for n in ${JSON.stringify(lengths)}: s.sendto(bytes(range(1, n + 1)), (${portid}, 0))`,
]

function sendDatagrams(protocol: number, portid: number, lengths: number[]): void {
  const [command, ...args] = SEND_DATAGRAMS(protocol, portid, lengths)
  execFileSync(command!, args)
}

describe('sending and receiving', () => {
  test('a round trip in one call is answered to the portid that the kernel gave', () => {
    const socket = open()
    const into = new Uint8Array(1 << 16)
    const received = socket.exchange(getLink(1, 41), 32, into)
    expect(headers(into, received)).toMatchObject([{ type: RTM_NEWLINK, seq: 41, portid: socket.portid }])
    const portids = readFileSync('/proc/net/netlink', 'utf8')
      .split('\n')
      .map((line) => Number(line.split(/\s+/)[2]))
    expect(portids).toContain(socket.portid)
  })

  test('only the given length of the request is sent', () => {
    const socket = open()
    const into = new Uint8Array(1 << 16)
    const received = socket.exchange(Buffer.concat([getLink(1, 1), getLink(1, 2)]), 32, into)
    expect(headers(into, received).map(({ seq }) => seq)).toEqual([1])
    expect(socket.receive(into, false)).toBe(-EAGAIN)
  })

  test('submit sends and receives on another thread, in order', async () => {
    const socket = open()
    const seqs: number[] = []
    await Promise.all(
      Array.from({ length: 200 }, async (_, seq) => {
        const into = new Uint8Array(4096)
        const [error, received] = await submit(socket, getLink(1, seq), into)
        expect(error).toBe(0)
        seqs.push(...headers(into, received).map((header) => header.seq))
      }),
    )
    expect(seqs).toEqual(Array.from({ length: 200 }, (_, seq) => seq))
  })

  test('submit without a request only receives', async () => {
    const socket = open()
    const into = new Uint8Array(4096)
    expect(await submit(socket, new Uint8Array(0), into)).toEqual([0, -EAGAIN])
  })

  test('the error of sending is told apart from that of receiving', async () => {
    const socket = open(Int32Array.of(1, 0)) // the kernel makes the smallest send buffer of it, some 4 KiB
    const long = new Uint8Array(1 << 16)
    expect(await submit(socket, long, new Uint8Array(64))).toEqual([-EMSGSIZE, -EAGAIN])
    expect(socket.exchange(long, long.length, new Uint8Array(64))).toBe(-EMSGSIZE)
  })

  test('receive waits for a datagram from the kernel, past those of other processes', async () => {
    const socket = open(Int32Array.of(0, 0, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK))
    const [python, ...args] = SEND_DATAGRAMS(NETLINK_ROUTE, socket.portid, [20, 20])
    const sender = spawn('sh', ['-c', '"$@" && ip link add w0 type ifb', 'sh', python!, ...args], {
      stdio: 'inherit',
    })
    const into = new Uint8Array(1 << 16)
    const received = socket.receive(into, true)
    expect(headers(into, received)[0]).toMatchObject({ type: RTM_NEWLINK })
    expect(await once(sender, 'exit')).toEqual([0, null])
    execFileSync('ip', ['link', 'delete', 'w0'])
  })

  test('datagrams that do not come from the kernel are dropped', () => {
    const socket = open()
    sendDatagrams(NETLINK_ROUTE, socket.portid, [20])
    const into = new Uint8Array(1 << 16)
    expect(socket.receive(into, false)).toBe(-EAGAIN)
    sendDatagrams(NETLINK_ROUTE, socket.portid, [20, 30])
    const received = socket.exchange(getLink(1, 5), 32, into)
    expect(headers(into, received)).toMatchObject([{ type: RTM_NEWLINK, seq: 5 }])
  })

  test('a dropped datagram that is too long is no error', () => {
    const socket = open()
    sendDatagrams(NETLINK_ROUTE, socket.portid, [200])
    expect(socket.receive(new Uint8Array(64), false)).toBe(-EAGAIN)
  })

  test('with peers they are received, each at a multiple of 4 bytes', () => {
    const socket = open(PLAIN, NETLINK_USERSOCK, true)
    sendDatagrams(NETLINK_USERSOCK, socket.portid, [5, 8, 2])
    const into = new Uint8Array(64).fill(0xff)
    expect(socket.receive(into, false)).toBe(18)
    expect([...into.subarray(0, 19)]).toEqual([1, 2, 3, 4, 5, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 0xff])
  })

  test('further datagrams are left alone when less than half of the buffer is free', () => {
    const socket = open()
    const into = new Uint8Array(1 << 16)
    const one = socket.exchange(getLink(1, 1), 32, into)
    const requests = Buffer.concat([1, 2, 3, 4].map((seq) => getLink(1, seq)))
    const small = new Uint8Array(2 * one)
    const counts = [socket.exchange(requests, requests.length, small)]
    for (let more = socket.receive(small, false); more !== -EAGAIN; more = socket.receive(small, false))
      counts.push(more)
    expect(counts).toEqual([2 * one, 2 * one])
    expect(headers(small, 2 * one).map(({ seq }) => seq)).toEqual([3, 4])
  })
})

describe('errors of receiving', () => {
  test('a truncated datagram is EMSGSIZE', () => {
    const socket = open()
    const into = new Uint8Array(64)
    expect(socket.exchange(getLink(1, 1), 32, into)).toBe(-EMSGSIZE)
    expect(socket.receive(into, false)).toBe(-EAGAIN)
  })

  // The first answer has 36 bytes, the second is longer than the buffer.
  const requests = Buffer.concat([noop(1), getLink(1, 2)])
  const into = new Uint8Array(1000)
  const first = (socket: NativeSocket) => {
    expect(headers(into, socket.exchange(requests, requests.length, into))).toMatchObject([
      { type: NLMSG_ERROR, seq: 1, length: 36 },
    ])
  }

  test('an error after the first datagram is remembered for the next receive', () => {
    const socket = open()
    first(socket)
    expect(socket.receive(into, false)).toBe(-EMSGSIZE)
    expect(socket.receive(into, false)).toBe(-EAGAIN)
  })

  test('… for the next submit, which receives nothing before', async () => {
    const socket = open()
    first(socket)
    expect(await submit(socket, noop(3), into)).toEqual([0, -EMSGSIZE])
    expect(headers(into, socket.receive(into, false))).toMatchObject([{ seq: 3 }])
  })

  test('… and for the next exchange', () => {
    const socket = open()
    first(socket)
    expect(socket.exchange(noop(3), 16, into)).toBe(-EMSGSIZE)
    expect(headers(into, socket.receive(into, true))).toMatchObject([{ seq: 3 }])
  })

  test('an overrun is told by ENOBUFS, and a watcher goes on after it', async () => {
    const socket = open(Int32Array.of(0, 1, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK))
    const toggle = 'for i in 1 2 3 4 5 6 7 8; do ip link set lo up; ip link set lo down; done'
    execFileSync('sh', ['-c', toggle])
    const large = new Uint8Array(1 << 16)
    const next = () =>
      new Promise<number>((resolve) => {
        wake = () => resolve(socket.receive(large, false))
      })
    let wake = () => {}
    expect(socket.watch(() => wake())).toBe(0)
    expect(await next()).toBe(-ENOBUFS)
    expect(await next()).toBeGreaterThan(0)
    expect(socket.receive(large, false)).toBe(-EAGAIN)
    const event = next()
    execFileSync('ip', ['link', 'set', 'lo', 'up'])
    expect(headers(large, await event)[0]).toMatchObject({ type: RTM_NEWLINK })
  })
})

describe('names and options', () => {
  test('ifindex and ifname answer for the socket’s own namespace', () => {
    const home = open()
    const { fd, socket } = must(native.createNetns(null, PLAIN, false))
    onTestFinished(() => {
      socket!.close()
      native.close(fd)
    })
    execFileSync('ip', ['link', 'add', 'nsname0', 'type', 'ifb'])
    onTestFinished(() => void execFileSync('ip', ['link', 'delete', 'nsname0']))
    const [link] = JSON.parse(execFileSync('ip', ['-j', 'link', 'show', 'nsname0'], { encoding: 'utf8' }))
    expect(home.ifindex('nsname0')).toBe(link.ifindex)
    expect(home.ifname(link.ifindex)).toBe('nsname0')
    expect(socket!.ifindex('nsname0')).toBe(-ENODEV)
    expect(socket!.ifname(link.ifindex)).toBe(-ENODEV)
    expect(socket!.ifindex('lo')).toBe(1)
  })

  test('a name of 16 bytes or more is EINVAL', () => {
    expect(open().ifindex('abcdefghijklmno')).toBe(-ENODEV)
    expect(open().ifindex('abcdefghijklmnop')).toBe(-EINVAL)
  })

  test('options', () => {
    const socket = open()
    expect(socket.setOption(SOL_NETLINK, NETLINK_CAP_ACK, 1)).toBe(0)
    expect(socket.setOption(SOL_NETLINK, 999, 1)).toBe(-ENOPROTOOPT)
  })

  test('settings are applied, buffer sizes beyond the limits of the system too', () => {
    const limit = Number(readFileSync('/proc/sys/net/core/rmem_max', 'utf8'))
    open() // the portid of the next one is not the process id, which ss would replace by a name
    const socket = open(Int32Array.of(limit + 4096, limit + 8192, SOL_NETLINK, NETLINK_CAP_ACK, 1))
    const found = execFileSync('ss', ['-A', 'netlink', '-a', '-m', '-H'], { encoding: 'utf8' })
    const line = found.split('\n').find((text) => text.includes(`rtnl:${socket.portid | 0} `))
    const sizes = /,rb(\d+),.*,tb(\d+),/.exec(line!)!.slice(1).map(Number)
    const initial = readFileSync('/proc/self/uid_map', 'utf8').includes('4294967295')
    // The kernel doubles what is asked for, to allow for its own structures; in a user namespace FORCE is refused.
    const doubled = initial ? [2 * (limit + 8192), 2 * (limit + 4096)] : [2 * limit, 2 * limit]
    expect(sizes).toEqual(doubled)
  })

  test('where a larger buffer is refused, what the system allows is taken', async () => {
    const source = `const socket = must(native.openNetlink(-1, 0, Int32Array.of(1 << 30, 1 << 30), false))
console.log(socket.exchange(getLink(1, 1), 32, new Uint8Array(65536)) > 0)`
    expect(await runScript(source, ['setpriv', '--bounding-set=-net_admin'])).toMatchObject({
      status: 0,
      stdout: 'true\n',
      stderr: '',
    })
  })
})

describe('closing', () => {
  test('a closed socket answers EBADF', async () => {
    const socket = open()
    const fd = socket.fd
    expect(existsSync(`/proc/self/fd/${fd}`)).toBe(true)
    socket.close()
    socket.close()
    expect(existsSync(`/proc/self/fd/${fd}`)).toBe(false)
    expect(socket.fd).toBe(-1)
    const into = new Uint8Array(64)
    expect(socket.exchange(noop(1), 16, into)).toBe(-EBADF)
    expect(socket.receive(into, true)).toBe(-EBADF)
    expect(await submit(socket, noop(1), into)).toEqual([-EBADF, -EBADF])
    expect(socket.ifindex('lo')).toBe(-EBADF)
    expect(socket.ifname(1)).toBe(-EBADF)
    expect(socket.setOption(SOL_NETLINK, NETLINK_CAP_ACK, 1)).toBe(-EBADF)
    expect(socket.watch(() => {})).toBe(-EBADF)
    socket.unwatch()
  })

  test('what is in flight when a socket is closed is still answered, and then its descriptor closes', async () => {
    const before = openFds()
    const answers = Array.from({ length: 100 }, () => {
      const socket = open()
      const answer = submit(socket, getLink(1, 9), new Uint8Array(4096))
      socket.close()
      return answer
    })
    for (const [error, received] of await Promise.all(answers)) {
      expect(error).toBe(0)
      expect(received).toBeGreaterThan(1000)
    }
    expect(openFds()).toBe(before)
  })

  test('close from within its own callbacks', async () => {
    const before = openFds()
    const socket = open(Int32Array.of(0, 0, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK))
    const called = new Promise<void>((resolve) => {
      socket.watch(() => {
        socket.close()
        resolve()
      })
    })
    expect(socket.watch(() => {})).toBe(-EBUSY)
    execFileSync('ip', ['link', 'set', 'lo', 'up'])
    execFileSync('ip', ['link', 'set', 'lo', 'down'])
    await called
    expect(openFds()).toBe(before)
  })

  test('a socket that is collected unclosed closes its descriptor', async () => {
    const source = `for (let i = 0; i < 50; i++) must(native.openNetlink(-1, 0, PLAIN, false))
const opened = openFds()
const collect = () => { gc(); if (openFds() > opened - 50) setImmediate(collect); else console.log(opened >= 50) }
collect()`
    expect(await runScript(source, ['timeout', '15'], '--expose-gc')).toMatchObject({
      status: 0,
      stdout: 'true\n',
    })
  })

  test('descriptors are not inherited', async () => {
    const socket = open()
    const { stdout } = await run('sh', '-c', `test -e /proc/self/fd/${socket.fd} || echo closed`)
    expect(stdout).toBe('closed\n')
  })
})

describe('arguments of a wrong type', () => {
  const socket = must(native.openNetlink(-1, NETLINK_ROUTE, PLAIN, false))
  const bytes = new Uint8Array(32)
  const methods = socket as unknown as Record<string, (...args: unknown[]) => unknown> // to pass what types forbid
  test.each<[string, ...unknown[]]>([
    ['exchange', 'text', 4, bytes],
    ['exchange', bytes, 33, bytes],
    ['exchange', bytes, -1, bytes],
    ['exchange', bytes, 1.5, bytes],
    ['exchange', bytes, 16, new Int32Array(8)],
    ['receive', bytes, 1],
    ['receive', null, true],
    ['submit', bytes, 16, bytes],
    ['submit', bytes, 16, bytes, {}],
    ['watch'],
    ['ifindex', 1],
    ['ifindex', 'a\0b'],
    ['ifname', '1'],
    ['ifname', 2 ** 31],
    ['setOption', 1, 2],
  ])('%s', (method, ...args) => {
    expect(() => methods[method]!(...args)).toThrow(TypeError)
  })

  test('a socket made by hand, or a method on another object', () => {
    const Class = socket.constructor as new () => NativeSocket
    expect(() => new Class()).toThrow(TypeError)
    expect(() => Class.prototype.close.call({})).toThrow(/Invalid argument|Illegal invocation/)
  })
})
