import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  EBADF,
  EBUSY,
  getLink,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  noop,
  RTNLGRP_LINK,
  run,
  runScript,
  SOL_NETLINK,
} from './native-addon.js'
import { open, submit } from './native-sockets.js'
import { openFds } from './open-descriptors.js'
import { seconds } from './patience.js'
import { execFileSync } from './programs.js'

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
    expect(await submit(socket, noop(1), into)).toEqual([-EBADF, -EBADF, 0])
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
    const source = `for (let i = 0; i < 50; i++) must(native.openNetlink(-1, 0, PLAIN))
const opened = openFds()
const collect = () => { gc(); if (openFds() > opened - 50) setImmediate(collect); else console.log(opened >= 50) }
collect()`
    expect(await runScript(source, ['timeout', seconds(15)], '--expose-gc')).toMatchObject({
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
