/** The fake kernel itself, as users of netlink-ts/testing meet it. */

import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { putU16 } from '../../src/codec/bytes.js'
import { attributes, message, struct, u8, u16 } from '../../src/codec/index.js'
import * as promises from '../../src/index.js'
import { NLM_F_ACK } from '../../src/netlink/constants.js'
import {
  type Answer,
  done,
  dump,
  failure,
  fakeKernel,
  messages,
  PAUSE,
  reply,
  success,
} from '../../src/testing/index.js'
import { FakeSocket } from '../../src/testing/socket.js'
import { FACES, link, thrown } from './support.js'

// No addon, no root, no Linux: nothing here may ask for it.
vi.mock('../../src/socket/addon.js', () => ({
  addon: () => {
    throw new Error('the addon was asked for')
  },
}))

const LINKS = { interfaces: { lo: 1, eth0: 2 } }

describe.each(FACES)('a fake kernel ($face)', ({ nl }) => {
  test('answers an operation that is given it as its namespace', async () => {
    const kernel = fakeKernel(() => link('eth0'))
    expect((await nl.getLink('eth0', { netns: kernel })).name).toBe('eth0')
  })

  test('gives handles, whose methods talk to it', async () => {
    const kernel = fakeKernel(() =>
      dump(messages.RTM_NEWLINK, [{ header: { index: 2 }, attributes: { ifname: 'eth0' } }]),
    )
    using handle = await nl.openNetns(kernel)
    expect((await handle.listLinks()).map(({ ifindex, name }) => [ifindex, name])).toEqual([[2, 'eth0']])
  })

  test('shows routes of labels and of groups, and ports of bridges, by their own tables', async () => {
    const kernel = fakeKernel(() => undefined, LINKS)
    await nl.addMplsRoute({ label: 100, as: [200], via: '192.0.2.1', netns: kernel })
    await nl.addBridgeVlan('eth0', { vid: 7, netns: kernel })
    await nl.deleteBridgeVlan('eth0', { vid: 7, netns: kernel })
    const [route, , deleted] = kernel.requests
    expect(route).toMatchObject({ name: 'RTM_NEWROUTE', body: { attributes: { dst: [100], newdst: [200] } } })
    expect(deleted).toMatchObject({
      name: 'RTM_DELLINK',
      body: { attributes: { afSpec: { vlanInfo: [{ vid: 7 }] } } },
    })
  })

  test('shows what it was asked: names, flags, values', async () => {
    const kernel = fakeKernel(() => success(), LINKS)
    await nl.addAddress('eth0', '192.0.2.1/24', { netns: kernel })
    const [request] = kernel.requests
    expect(request).toMatchObject({ name: 'RTM_NEWADDR', type: 20, protocol: 0, isDump: false, isGet: false })
    expect(request?.flags).toBe(0x605)
    expect(request?.body).toMatchObject({
      header: { family: 2, prefixlen: 24, index: 2 },
      attributes: { local: '192.0.2.1' },
    })
    expect(request?.decode(messages.RTM_NEWADDR).attributes.address).toBe('192.0.2.1')
  })

  test('names every request of the library', async () => {
    const kernel = fakeKernel(() => undefined, LINKS)
    const netns = kernel
    await nl.setBridgePort('eth0', { guard: true, netns })
    await nl.addBridgeVlan('eth0', { vid: 5, netns })
    await nl.setBridgeVlan('eth0', { vid: 5, state: 'blocking', netns })
    await nl.listBridgeVlans({ netns })
    await nl.addMdbEntry({ dev: 'eth0', port: 'lo', group: '239.1.1.1', netns })
    await nl.deleteMdbEntry({ dev: 'eth0', port: 'lo', group: '239.1.1.1', netns })
    await nl.listMdb({ netns })
    await nl.addNexthop({ id: 1, family: 'ipv4', dev: 'eth0', netns })
    await nl.deleteNexthop({ id: 1, netns })
    await nl.listNexthops({ netns })
    expect(kernel.requests.map(({ name }) => name)).toEqual([
      'RTM_SETLINK',
      'RTM_SETLINK',
      'RTM_NEWVLAN',
      'RTM_GETVLAN',
      'RTM_NEWMDB',
      'RTM_DELMDB',
      'RTM_GETMDB',
      'RTM_NEWNEXTHOP',
      'RTM_DELNEXTHOP',
      'RTM_GETNEXTHOP',
    ])
  })

  test('what the handler does not answer has succeeded, is empty, or is not supported', async () => {
    const kernel = fakeKernel(() => undefined, LINKS)
    await nl.addAddress('eth0', '192.0.2.1/24', { netns: kernel })
    expect(await nl.listAddresses({ netns: kernel })).toEqual([])
    const error = await thrown(() => nl.getLink('eth0', { netns: kernel }))
    expect(error).toMatchObject({ code: 'EOPNOTSUPP' })
    expect(error.message).toContain('the fake kernel has no answer to RTM_GETLINK')
  })

  test('that a kernel before Linux 5.18 counts nothing in hardware is told', async () => {
    const kernel = fakeKernel(() => failure('EOPNOTSUPP'), LINKS)
    expect(await thrown(() => nl.setLinkStats('eth0', { l3: true, netns: kernel }))).toMatchObject({
      code: 'EOPNOTSUPP',
      advice: 'before Linux 5.18 the kernel cannot be told what to count in hardware',
    })
  })

  test('what the handler throws fails the call, with its text', async () => {
    const kernel = fakeKernel(() => {
      throw new Error('expected 1 to be 2')
    })
    expect((await thrown(() => nl.listLinks({ netns: kernel }))).message).toContain('expected 1 to be 2')
  })

  test('an answer that cannot be written fails the call, at once or late, and the next is answered', async () => {
    const answers: Answer[] = [link('a name of more than fifteen bytes'), { error: 'EWHAT' }, done()]
    const kernel = fakeKernel(() => answers.shift()!)
    const list = () => nl.listLinks({ netns: kernel })
    expect((await thrown(list)).message).toContain('RTM_NEWLINK: ifname: ')
    expect((await thrown(list)).message).toContain('EWHAT')
    expect(await list()).toEqual([])
    if (nl !== promises) return
    const late = fakeKernel(async () => link('a name of more than fifteen bytes'))
    expect((await thrown(() => nl.listLinks({ netns: late }))).message).toContain('RTM_NEWLINK: ifname: ')
  })

  test('names are those of the interfaces it was given, at that moment', async () => {
    const kernel = fakeKernel(() => undefined, LINKS)
    const add = () => nl.addAddress('eth1', '192.0.2.1/24', { netns: kernel })
    expect(await thrown(add)).toMatchObject({ code: 'ENODEV' })
    kernel.interfaces.set('eth1', 7)
    await add()
    expect(kernel.requests.map(({ body }) => body?.header)).toMatchObject([{ index: 7 }])
  })

  test('a namespace can be named in what is sent to it', async () => {
    const kernel = fakeKernel(() => undefined, LINKS)
    await nl.setNsid(kernel, 5, { netns: kernel })
    expect(kernel.requests.map((request) => request.decode(messages.RTM_NEWNSID).attributes)).toEqual([
      { fd: expect.any(Number), nsid: 5 },
    ])
  })

  test('closed, it refuses', async () => {
    const kernel = fakeKernel(() => undefined)
    await nl.listLinks({ netns: kernel })
    expect(kernel.sockets).toBe(1)
    kernel.close()
    kernel.close()
    expect(kernel.sockets).toBe(0)
    expect(await thrown(() => nl.listLinks({ netns: kernel }))).toMatchObject({ code: 'EBADF' })
  })

  test('the handles of one kernel close without it', async () => {
    const kernel = fakeKernel(() => undefined)
    const handle = await nl.openNetns(kernel)
    await handle.listLinks()
    handle.close()
    expect(await thrown(() => handle.listLinks())).toMatchObject({ code: 'EBADF' })
    expect(await nl.listLinks({ netns: kernel })).toEqual([])
  })

  test('raw sockets of every protocol reach it', async () => {
    const family = message(
      'CTRL_CMD_GETFAMILY',
      16,
      struct({ cmd: u8 }),
      attributes('CTRL_ATTR', { id: [1, u16] }),
    )
    const kernel = fakeKernel((request) => {
      expect(request).toMatchObject({ protocol: 16, name: null, body: null })
      return [reply(family, { header: { cmd: 1 }, attributes: { id: 99 } }), success()]
    })
    using socket = await nl.openNetlinkSocket(16, { netns: kernel })
    expect(await socket.request(family, { header: { cmd: 3 }, attributes: {} })).toMatchObject([
      { type: 16, attributes: { id: 99 } },
    ])
  })
})

describe('what only one face does', () => {
  test('a promise answers late', async () => {
    const kernel = fakeKernel(async () => {
      await turn()
      return link('eth0')
    })
    expect((await promises.getLink('eth0', { netns: kernel })).name).toBe('eth0')
  })

  test('a promise that is rejected fails the call, one of undefined is what the kernel says of itself', async () => {
    const rejecting = fakeKernel(async () => {
      throw new Error('not today')
    })
    await expect(promises.listLinks({ netns: rejecting })).rejects.toThrow('not today')
    const silent = fakeKernel(async () => undefined)
    expect(await promises.listLinks({ netns: silent })).toEqual([])
  })

  test('a blocking call that nobody would answer is refused instead of hanging', () => {
    const kernel = fakeKernel(async () => link('eth0'))
    expect(() => FACES[1].nl.getLink('eth0', { netns: kernel })).toThrow('would wait for ever')
  })

  test('what one turn asks arrives in one send', async () => {
    const kernel = fakeKernel(() => undefined, LINKS)
    await promises.listLinks({ netns: kernel })
    const add = (i: number) => promises.addAddress('eth0', `192.0.2.${i}/24`, { netns: kernel })
    await Promise.all([add(1), add(2), add(3)])
    expect(kernel.requests.map(({ send }) => send)).toEqual([0, 1, 1, 1])
  })

  test('it multicasts to those who have joined', async () => {
    const kernel = fakeKernel(() => undefined)
    await using links = await promises.monitor(['link'], { netns: kernel })
    await using routes = await promises.monitor(['route'], { netns: kernel })
    kernel.multicast(1, [link('eth0'), PAUSE, link('eth1')])
    expect((await links.next()).value).toMatchObject({ type: 'link', action: 'new', link: { name: 'eth0' } })
    expect((await links.next()).value).toMatchObject({ link: { name: 'eth1' } })
    kernel.multicast(7, { error: 'ENOBUFS' })
    expect((await routes.next()).value).toEqual({ type: 'resync', reason: 'ENOBUFS' })
  })
})

test('errors have the form of the kernel: extended, with offsets resolved', async () => {
  const kernel = fakeKernel(({ name }) => {
    if (name === 'RTM_NEWADDR') return failure('EINVAL', { message: 'ipv4: Invalid prefix', offset: 24 })
    return undefined
  }, LINKS)
  const error = await promises
    .addAddress('eth0', '192.0.2.1/24', { netns: kernel })
    .catch((it: unknown) => it)
  expect(error).toBeInstanceOf(promises.NetlinkError)
  expect(error).toMatchObject({ extack: { message: 'ipv4: Invalid prefix', path: 'local' } })
})

test('an error code that Linux does not have is refused', () => {
  expect(() => failure('EWHATEVER')).toThrow(RangeError)
})

test('what is there is received after each sendmsg, and nothing after one that failed, as native/socket.cc does', async () => {
  const errors = [0, 90, 90]
  const socket = new FakeSocket(
    {
      interfaces: new Map(),
      sendError: () => errors.shift()!,
      handle: () => [new Uint8Array(5), new Uint8Array(8), { error: 'ENOBUFS' }, new Uint8Array(12)],
      closed: () => {},
    },
    0,
    1,
  )
  const request = success()({ seq: 1, portid: 1, flags: NLM_F_ACK, bytes: new Uint8Array(16) })
  putU16(request, 4, 16)
  const into = new Uint8Array(64)
  const submit = (bytes: Uint8Array, ends?: Int32Array) =>
    new Promise((resolve) => {
      socket.submit(bytes, bytes.length, into, (...answer) => resolve(answer), ends)
    })
  const two = Buffer.concat([request, request])
  expect(await submit(two, Int32Array.of(request.length))).toEqual([-90, 16, 1])
  expect(await submit(request)).toEqual([-90, -11, 0])
  expect(await submit(new Uint8Array(0))).toEqual([0, -105, 0])
  expect(await submit(new Uint8Array(0))).toEqual([0, 12, 0])
})
