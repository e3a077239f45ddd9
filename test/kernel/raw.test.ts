/** Sockets on tables that the library does not have: docs/examples/netconf.ts, generic netlink, and what goes wrong. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { forwarding, rpFilter, watchNetconf } from '../../docs/examples/netconf.js'
import { attributes, message, nested, s32, string, struct, u8, u16, u32 } from '../../src/codec/index.js'
import * as nl from '../../src/index.js'
import * as sync from '../../src/sync.js'
import { lines, program } from './program.js'
import { FACES, ip, ipJson, sysctl, withNetns, withVeth } from './support.js'

/** linux/genetlink.h: the controller, which knows the other families. */
const NETLINK_GENERIC = 16
const genlmsghdr = struct({ cmd: u8, version: u8, reserved: u16 })
const family = attributes('CTRL_ATTR', { familyId: [1, u16], familyName: [2, string], version: [3, u32] })
const getFamily = message('CTRL_CMD_GETFAMILY', 16, genlmsghdr, family)
const CTRL_CMD_NEWFAMILY = 1
const header = { cmd: 3, version: 1 }

/** linux/netconf.h, without the attributes. */
const getNetconf = message(
  'RTM_GETNETCONF',
  82,
  struct({ family: u8 }),
  attributes('NETCONFA', { ifindex: [1, s32] }),
)

/** linux/if_link.h, what the tests need of it. */
const ifinfomsg = struct({ family: u8, pad: u8, type: u16, index: s32, flags: u32, change: u32 })
const info = attributes('IFLA_INFO', { kind: [1, string] })
const linkAttributes = attributes('IFLA', { ifname: [3, string], linkinfo: [18, nested(info)] })
const newLink = message('RTM_NEWLINK', 16, ifinfomsg, linkAttributes)
const delLink = message('RTM_DELLINK', 17, ifinfomsg, linkAttributes)

describe('docs/examples/netconf.ts', () => {
  it('tells how each interface forwards', () =>
    withVeth(async (netns) => {
      sysctl(netns, 'net.ipv4.conf.eth0.forwarding=1 net.ipv4.conf.eth0.rp_filter=2')
      const printed = ipJson('-4 netconf show', netns)
      const found = await forwarding(netns)
      for (const [name, ifindex] of [
        ['lo', 1],
        ['eth0', 10],
        ['eth1', 11],
        ['all', -1],
        ['default', -2],
      ] as const) {
        const said = printed.find((it) => it['interface'] === name || it[name] !== undefined)
        expect([name, found.get(ifindex)]).toEqual([name, said?.['forwarding']])
      }
      expect(found.get(10)).toBe(true)
      expect(await rpFilter(netns, 10)).toBe(2)
    }))

  it('tells changes', () =>
    withVeth(async (netns) => {
      await using events = await watchNetconf(netns)
      for (const value of [1, 0]) {
        sysctl(netns, `net.ipv4.conf.eth0.forwarding=${value}`)
        expect((await events.next()).value).toMatchObject({
          event: 'message',
          attributes: { ifindex: 10, forwarding: value },
        })
      }
    }))

  it('is what docs/raw.md shows', () => {
    const read = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')
    const [, shown] = /```ts\n([\s\S]*?)```/.exec(read('raw.md'))!
    expect(read('examples/netconf.ts')).toContain(shown)
  })
})

describe.each(FACES)('openNetlinkSocket ($face)', ({ nl: face }) => {
  it('asks another protocol for one thing, and for all', async () => {
    using socket = await face.openNetlinkSocket(NETLINK_GENERIC)
    expect(socket.protocol).toBe(NETLINK_GENERIC)
    const answers = await socket.request(getFamily, { header, attributes: { familyName: 'nlctrl' } })
    expect(answers).toMatchObject([
      { type: 16, header: { cmd: CTRL_CMD_NEWFAMILY }, attributes: { familyId: 16, familyName: 'nlctrl' } },
    ])
    const all = await socket.dump(getFamily, { header, attributes: {} })
    expect(all.map((answer) => answer.attributes.familyName)).toContain('nlctrl')
    expect(all.length).toBeGreaterThan(2)
  })

  it('acts in the namespace given, and changes it', () =>
    withNetns(async (netns) => {
      using socket = await face.openNetlinkSocket(0, { netns })
      const body = { header: {}, attributes: { ifname: 'br0', linkinfo: { kind: 'bridge' } } }
      expect(await socket.request(newLink, body, { flags: 0x600 })).toEqual([])
      expect(ipJson('link show dev br0', netns)).toMatchObject([{ linkinfo: { info_kind: 'bridge' } }])
      const again = (async () => socket.request(newLink, body, { flags: 0x600 }))()
      await expect(again).rejects.toMatchObject({
        name: 'NetlinkError',
        code: 'EEXIST',
        operation: 'RTM_NEWLINK',
      })
    }))

  it('reads answers by another table', async () => {
    using socket = await face.openNetlinkSocket(NETLINK_GENERIC)
    const id = message('CTRL_CMD_NEWFAMILY', 16, genlmsghdr, attributes('CTRL_ATTR', { id: [1, u16] }))
    const [answer] = await socket.request(
      getFamily,
      { header, attributes: { familyName: 'nlctrl' } },
      { reply: id },
    )
    expect(answer?.attributes.id).toBe(16)
    expect(answer?.attributes.unknown).toContainEqual({ type: 2, data: new TextEncoder().encode('nlctrl\0') })
  })

  it('is closed by using and by close(), twice', async () => {
    const socket = await face.openNetlinkSocket(NETLINK_GENERIC)
    socket.close()
    socket.close()
    const closed = async () => socket.request(getFamily, { header, attributes: {} })
    await expect(closed()).rejects.toMatchObject({
      code: 'EBADF',
      message: expect.stringContaining('has been closed'),
    })
  })

  const wrong: [string, () => unknown, string][] = [
    ['a protocol that is none', () => face.openNetlinkSocket(32), 'protocol: 32 is not'],
    ['a protocol in words', () => face.openNetlinkSocket('route' as never), "protocol: 'route' is not"],
    ['an unknown option', () => face.openNetlinkSocket(0, { nets: 'x' } as never), "unknown option 'nets'"],
    [
      'a namespace that is none',
      () => face.openNetlinkSocket(0, { netns: 'a/b' }),
      'is not the name of a namespace',
    ],
  ]
  it.each(wrong)('refuses %s', async (_, open, says) => {
    await expect((async () => open())()).rejects.toThrow(says)
  })

  it('refuses what does not fit, before anything is sent, and says what the kernel refuses', async () => {
    using socket = await face.openNetlinkSocket(NETLINK_GENERIC)
    const ask = async (body: object, options = {}) => socket.request(getFamily, body as never, options)
    await expect(ask({ header: { cmd: 300 }, attributes: {} })).rejects.toThrow(
      'CTRL_CMD_GETFAMILY: cmd: 300 is not',
    )
    await expect(ask({ header, attributes: { name: 'x' } })).rejects.toThrow('no such attribute in CTRL_ATTR')
    await expect(ask({ header, attributes: {} }, { flags: 1.5 })).rejects.toThrow('flags: 1.5')
    await expect(ask({ header, attributes: {} }, { flag: 1 })).rejects.toThrow("unknown option 'flag'")
    await expect(ask({ header, attributes: { familyName: 'nothing' } })).rejects.toMatchObject({
      code: 'ENOENT',
    })
    await expect(ask({ header, attributes: { familyId: 0x7000 } })).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('refuses what message() has not made, and bodies that are none', async () => {
    using socket = await face.openNetlinkSocket(NETLINK_GENERIC)
    const refused = async (says: string, ...args: unknown[]) => {
      for (const call of ['request', 'dump'] as const)
        await expect(
          (async () => (socket[call] as (...args: unknown[]) => unknown)(...args))(),
        ).rejects.toThrow(new TypeError(says))
    }
    const body = { header, attributes: {} }
    await refused('message: undefined is not a message type, as message() makes it')
    await refused('message: {} is not a message type, as message() makes it', {}, body)
    await refused('reply: 16 is not a message type, as message() makes it', getFamily, body, { reply: 16 })
    await refused('body: undefined is not an options object', getFamily)
    await refused("body: unknown option 'cmd' (known: header, attributes)", getFamily, { cmd: 3 })
    await refused('body.header: undefined is not an object', getFamily, { attributes: {} })
    await refused('body.attributes: [] is not an object', getFamily, { header, attributes: [] })
  })

  it('says that the kernel lacks a protocol', async () => {
    await expect((async () => face.openNetlinkSocket(29))()).rejects.toMatchObject({
      code: 'EPROTONOSUPPORT',
    })
  })

  it('is a method of a handle', () =>
    withNetns(async (netns) => {
      ip('link add br0 type bridge', netns)
      using handle = await face.openNetns(netns)
      using socket = await handle.openNetlinkSocket(0)
      const answers = await socket.dump(getNetconf, { header: { family: 2 }, attributes: {} })
      expect(answers.length).toBe(4)
    }))
})

describe('subscribe()', () => {
  it('reads what is multicast by the tables given, and nothing else', () =>
    withNetns(async (netns) => {
      await using socket = await nl.openNetlinkSocket(0, { netns })
      await using events = await socket.subscribe([1], [delLink])
      await using all = await socket.subscribe([1], [newLink, delLink])
      ip('link add br0 type bridge', netns)
      ip('link delete br0', netns)
      expect((await events.next()).value).toMatchObject({ event: 'message', name: 'RTM_DELLINK', type: 17 })
      expect((await all.next()).value).toMatchObject({ name: 'RTM_NEWLINK', attributes: { ifname: 'br0' } })
    }))

  it('stays when the socket is closed, and is refused afterwards', () =>
    withNetns(async (netns) => {
      const socket = await nl.openNetlinkSocket(0, { netns })
      await using events = await socket.subscribe([1], [newLink])
      socket.close()
      ip('link add br0 type bridge', netns)
      expect((await events.next()).value).toMatchObject({ attributes: { ifname: 'br0' } })
      await expect(socket.subscribe([1], [])).rejects.toMatchObject({ code: 'EBADF' })
    }))

  it('is refused on a closed socket of the own namespace', async () => {
    const socket = await nl.openNetlinkSocket(0)
    socket.close()
    await expect(socket.subscribe([1], [])).rejects.toMatchObject({ code: 'EBADF' })
  })

  it('refuses groups that are none', async () => {
    await using socket = await nl.openNetlinkSocket(NETLINK_GENERIC)
    await expect(socket.subscribe([0], [])).rejects.toThrow('groups: 0 is not')
    await expect(socket.subscribe([1], [], { netns: 'red' } as never)).rejects.toThrow(
      "subscribe: unknown option 'netns'",
    )
    await expect(socket.subscribe(1 as never, [])).rejects.toThrow('groups: 1 is not an array')
    await expect(socket.subscribe([1], newLink as never)).rejects.toThrow('messages: { name, number')
    await expect(socket.subscribe([1], [newLink, {}] as never)).rejects.toThrow(
      'messages[1]: {} is not a message type, as message() makes it',
    )
    await expect(socket.subscribe([999_999], [])).rejects.toMatchObject({
      code: 'EINVAL',
      syscall: 'setsockopt',
    })
  })
})

describe('signals', () => {
  it('are for promises', async () => {
    using socket = sync.openNetlinkSocket(NETLINK_GENERIC)
    const options = { signal: new AbortController().signal } as object
    expect(() => socket.request(getFamily, { header, attributes: {} }, options)).toThrow(
      "unknown option 'signal'",
    )
    await using other = await nl.openNetlinkSocket(NETLINK_GENERIC)
    const aborted = other.request(
      getFamily,
      { header, attributes: {} },
      { signal: AbortSignal.abort(new Error('no')) },
    )
    await expect(aborted).rejects.toThrow('no')
  })
})

describe('a socket that is forgotten', () => {
  it.each(['nl', 'sync'])('is closed with a warning when it is collected (%s)', async (face) => {
    const source = `
      const before = openFds()
      await (async () => { await ${face}.openNetlinkSocket(0); print(openFds() - before) })()
      process.on('warning', ({ message }) => { print(message); print(openFds() - before); clearInterval(collect) })
      const collect = setInterval(() => gc(), 5)
    `
    expect(await lines(program(source, { nodeOptions: ['--expose-gc', '--no-warnings'] }))).toEqual([
      1,
      'openNetlinkSocket(0) was collected without close(): it is closed now',
      0,
    ])
  })
})
