import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { NativeSocket } from '../../src/socket/native.js'
import {
  EAGAIN,
  EMSGSIZE,
  ENOBUFS,
  getLink,
  headers,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_KOBJECT_UEVENT,
  NETLINK_ROUTE,
  NLMSG_ERROR,
  noop,
  RTM_NEWLINK,
  RTNLGRP_LINK,
  SOL_NETLINK,
} from './native-addon.js'
import { open, submit } from './native-sockets.js'
import { execFileSync } from './programs.js'

/** The first group: of links, and of uevents. */
const JOINED = Int32Array.of(0, 0, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK)

/** Datagrams of the given lengths, byte n of each being n, from another process to the socket's portid. */
const SEND_DATAGRAMS = (portid: number, lengths: number[]) => [
  'python3',
  '-c',
  `import socket
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, ${NETLINK_ROUTE})
for n in ${JSON.stringify(lengths)}: s.sendto(bytes(range(1, n + 1)), (${portid}, 0))`,
]

function sendDatagrams(portid: number, lengths: number[]): void {
  const [command, ...args] = SEND_DATAGRAMS(portid, lengths)
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

  test('a round trip takes no more datagrams than it was told', () => {
    const socket = open()
    const into = new Uint8Array(1 << 16)
    const requests = Buffer.concat([1, 2, 3].map((seq) => getLink(1, seq)))
    const numbers = (received: number) => headers(into, received).map(({ seq }) => seq)
    expect(numbers(socket.exchange(requests, requests.length, into, 2))).toEqual([1, 2])
    expect(numbers(socket.receive(into, false))).toEqual([3])
    expect(numbers(socket.exchange(requests, requests.length, into, 4))).toEqual([1, 2, 3])
    expect(numbers(socket.exchange(requests, requests.length, into, 0))).toEqual([1, 2, 3])
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
    expect(await submit(socket, new Uint8Array(0), into)).toEqual([0, -EAGAIN, 0])
  })

  test('the error of sending is told apart from that of receiving', async () => {
    const socket = open(Int32Array.of(1, 0)) // the kernel makes the smallest send buffer of it, some 4 KiB
    const long = new Uint8Array(1 << 16)
    expect(await submit(socket, long, new Uint8Array(64))).toEqual([-EMSGSIZE, -EAGAIN, 0])
    expect(socket.exchange(long, long.length, new Uint8Array(64))).toBe(-EMSGSIZE)
  })

  test('nothing is sent behind a sendmsg that failed, and what left before is answered', async () => {
    const socket = open(Int32Array.of(1, 0))
    const into = new Uint8Array(1 << 16)
    const [before, long, behind] = [noop(1), new Uint8Array(1 << 16), noop(3)]
    const ends = Int32Array.of(before.length, before.length + long.length)
    const [error, received, sent] = await submit(socket, Buffer.concat([before, long, behind]), into, ends)
    expect([error, sent]).toEqual([-EMSGSIZE, 1])
    expect(headers(into, received)).toMatchObject([{ type: NLMSG_ERROR, seq: 1 }])
    expect(socket.receive(into, false)).toBe(-EAGAIN)
  })

  test('receive waits for a datagram from the kernel, past those of other processes', async () => {
    const socket = open(JOINED)
    const [python, ...args] = SEND_DATAGRAMS(socket.portid, [20, 20])
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
    sendDatagrams(socket.portid, [20])
    const into = new Uint8Array(1 << 16)
    expect(socket.receive(into, false)).toBe(-EAGAIN)
    sendDatagrams(socket.portid, [20, 30])
    const received = socket.exchange(getLink(1, 5), 32, into)
    expect(headers(into, received)).toMatchObject([{ type: RTM_NEWLINK, seq: 5 }])
  })

  test('a dropped datagram that is too long is no error', () => {
    const socket = open()
    sendDatagrams(socket.portid, [200])
    expect(socket.receive(new Uint8Array(64), false)).toBe(-EAGAIN)
  })

  test('what is received together is each at a multiple of 4 bytes', () => {
    const [single, together] = [0, 1].map(() => open(JOINED, NETLINK_KOBJECT_UEVENT))
    execFileSync('ip', ['link', 'add', 'w0', 'type', 'ifb'])
    execFileSync('ip', ['link', 'delete', 'w0'])
    const one = new Uint8Array(1 << 16)
    const expected: number[] = []
    const lengths: number[] = []
    for (let length = single!.receiveOne(one); length > 0; length = single!.receiveOne(one)) {
      lengths.push(length)
      while (expected.length % 4 !== 0) expected.push(0)
      expected.push(...one.subarray(0, length))
    }
    expect(lengths.filter((length) => length % 4 !== 0)).not.toEqual([])
    const into = new Uint8Array(1 << 16).fill(0xff)
    expect(together!.receive(into, false)).toBe(expected.length)
    expect([...into.subarray(0, expected.length + 1)]).toEqual([...expected, 0xff])
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
    expect(await submit(socket, noop(3), into)).toEqual([0, -EMSGSIZE, 1])
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
