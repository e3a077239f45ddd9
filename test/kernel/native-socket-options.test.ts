import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  EINVAL,
  ENODEV,
  ENOPROTOOPT,
  must,
  NETLINK_CAP_ACK,
  native,
  PLAIN,
  runScript,
  SOL_NETLINK,
} from './native-addon.js'
import { open } from './native-sockets.js'
import { execFileSync } from './programs.js'

/** What a socket gets of too large a buffer: Linux 6.1 shows net.core.rmem_max in the first namespace alone. */
const LIMIT = `
from socket import *
one = socket()
one.setsockopt(SOL_SOCKET, SO_RCVBUF, 1 << 29)
print(one.getsockopt(SOL_SOCKET, SO_RCVBUF) // 2)
`

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
    const [link] = JSON.parse(execFileSync('ip', ['-j', 'link', 'show', 'nsname0']))
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
    const limit = Number(execFileSync('python3', ['-c', LIMIT]))
    open() // the portid of the next one is not the process id, which ss would replace by a name
    const socket = open(Int32Array.of(limit + 4096, limit + 8192, SOL_NETLINK, NETLINK_CAP_ACK, 1))
    const found = execFileSync('ss', ['-A', 'netlink', '-a', '-m', '-H'])
    const line = found.split('\n').find((text) => text.includes(`rtnl:${socket.portid | 0} `))
    const sizes = /,rb(\d+),.*,tb(\d+),/.exec(line!)!.slice(1).map(Number)
    const initial = readFileSync('/proc/self/uid_map', 'utf8').includes('4294967295')
    // The kernel doubles what is asked for, to allow for its own structures; in a user namespace FORCE is refused.
    const doubled = initial ? [2 * (limit + 8192), 2 * (limit + 4096)] : [2 * limit, 2 * limit]
    expect(sizes).toEqual(doubled)
  })

  test('where a larger buffer is refused, what the system allows is taken', async () => {
    const source = `const socket = must(native.openNetlink(-1, 0, Int32Array.of(1 << 30, 1 << 30)))
console.log(socket.exchange(getLink(1, 1), 32, new Uint8Array(65536)) > 0)`
    expect(await runScript(source, ['setpriv', '--bounding-set=-net_admin'])).toMatchObject({
      status: 0,
      stdout: 'true\n',
      stderr: '',
    })
  })
})
