import { describe, expect, test } from 'vitest'
import type { NativeSocket } from '../../src/socket/native.js'
import { must, NETLINK_ROUTE, native, PLAIN } from './native-addon.js'

// Arguments of a wrong type throw a TypeError.

const BAD_NETNS = /argument 0 must be a descriptor/

describe('functions', () => {
  const calls = native as unknown as Record<string, (...args: unknown[]) => unknown> // to pass what types forbid
  test.each<[string, ...unknown[]]>([
    ['openNetlink', '0', 0, PLAIN],
    ['openNetlink', -1, 0, Int32Array.of(0)],
    ['openNetlink', -1, 0, Int32Array.of(0, 0, 1, 2)],
    ['openNetlink', -1, 0, [0, 0]],
    ['openNetlink', -1, 0],
    ['openNetlink', -1, 0, PLAIN, 'done'],
    ['openSocket', -1, 2, 1, 0],
    ['openTun', -1, 5, 2, -1, -1, false],
    ['openTun', -1, 'tap0', '2', -1, -1, false],
    ['openTun', -1, 'tap0', 2, -1, -1],
    ['openPinned', 5],
    ['openPinned', '/sys/fs/bpf/a', 'done'],
    ['createNetns', undefined, PLAIN, false],
    ['createNetns', 'a\0b', PLAIN, false],
    ['createNetns', null, new Uint8Array(8), false],
    ['createNetns', null, PLAIN, null],
    ['beginNetns', undefined, PLAIN, false],
    ['beginNetns', null, PLAIN],
    ['finishNetns', '1'],
    ['finishNetns', 1, 'done'],
    ['openNetns', 1],
    ['nameNetns', 1, null],
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
      expect(() => native.openNetlink(netns, 0, PLAIN)).toThrow(BAD_NETNS)
      expect(() => native.readFile(netns, '/proc/version')).toThrow(BAD_NETNS)
    }
  })
})

describe('methods', () => {
  const socket = must(native.openNetlink(-1, NETLINK_ROUTE, PLAIN))
  const bytes = new Uint8Array(32)
  const methods = socket as unknown as Record<string, (...args: unknown[]) => unknown> // to pass what types forbid
  test.each<[string, ...unknown[]]>([
    ['exchange', 'text', 4, bytes],
    ['exchange', bytes, 33, bytes],
    ['exchange', bytes, -1, bytes],
    ['exchange', bytes, 1.5, bytes],
    ['exchange', bytes, 16, new Int32Array(8)],
    ['exchange', bytes, 16, bytes, -1],
    ['exchange', bytes, 16, bytes, '1'],
    ['receive', bytes, 1],
    ['receive', null, true],
    ['receiveOne', null],
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
