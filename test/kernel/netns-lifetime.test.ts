import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { getU16, getU32 } from '../../src/codec/bytes.js'
import { RTM_DELLINK } from '../../src/rtnetlink/link/constants.js'
import { readLink } from '../../src/rtnetlink/link/link.js'
import { addon } from '../../src/socket/addon.js'
import { check } from '../../src/socket/failure.js'
import { lines, program } from './program.js'
import { execFileSync } from './programs.js'
import { FACES, ip } from './support.js'

const SOL_NETLINK = 270
const NETLINK_ADD_MEMBERSHIP = 1
const RTNLGRP_LINK = 1
const NLMSG_HDRLEN = 16

/** Names of links deleted in this namespace, as the kernel announces it, from now on. */
class Deletions {
  readonly names: string[] = []
  #tell = () => {}
  readonly #socket = check(
    addon().openNetlink(-1, 0, Int32Array.of(0, 1 << 20, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK)),
  )

  constructor() {
    const buffer = new Uint8Array(1 << 20)
    this.#socket.watch(() => {
      const received = this.#socket.receive(buffer, false)
      for (let at = 0; at < received; at += (getU32(buffer, at) + 3) & ~3) {
        if (getU16(buffer, at + 4) !== RTM_DELLINK) continue
        this.names.push(readLink(buffer, at + NLMSG_HDRLEN, at + getU32(buffer, at)).name)
      }
      this.#tell()
    })
  }

  /** Resolves when a link of that name has been deleted. */
  async of(name: string): Promise<void> {
    while (!this.names.includes(name)) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve
      })
    }
  }

  close(): void {
    this.#socket.close()
  }
}

describe.each(FACES)('a namespace without a name ($face)', ({ nl, face }) => {
  let deletions: Deletions
  let count = 0
  beforeEach(() => {
    deletions = new Deletions()
  })
  afterEach(() => deletions.close())

  /** A namespace, and the end outside of a veth pair into it: that goes when the namespace goes. */
  async function withEnd() {
    const netns = await nl.createNetns()
    const end = `${face.slice(0, 4)}${process.pid % 10000}x${count++}`
    await nl.createVethPair({ name: end }, { name: 'eth0', netns })
    return { netns, end }
  }

  /** The kernel ends namespaces in order: when this one has gone, those left earlier have gone too. */
  async function anotherGoes(): Promise<void> {
    const { netns, end } = await withEnd()
    netns.close()
    await deletions.of(end)
  }

  it('goes with its only handle', async () => {
    const { netns, end } = await withEnd()
    await anotherGoes()
    expect(deletions.names).not.toContain(end)
    netns.close()
    await deletions.of(end)
  })

  it('goes with the last of its handles', async () => {
    const { netns, end } = await withEnd()
    const second = await nl.openNetns(netns)
    const third = await nl.openNetns({ fd: second.fd })
    netns.close()
    second.close()
    await anotherGoes()
    expect(deletions.names).not.toContain(end)
    expect(await third.getLink('eth0')).toMatchObject({ name: 'eth0' })
    third.close()
    await deletions.of(end)
  })

  it('goes when the calls under way have been answered', async () => {
    const { netns, end } = await withEnd()
    const calls = [netns.listLinks(), netns.setSysctl('net.ipv4.ip_forward', 1), netns.getLink('eth0')]
    netns.close()
    expect(await Promise.all(calls)).toMatchObject([
      [{ name: 'lo' }, { name: 'eth0' }],
      undefined,
      { name: 'eth0' },
    ])
    await deletions.of(end)
  })

  it.each(['moveLink', 'createVethPair'])('is not taken from a %s under way', async (call) => {
    const { netns, end } = await withEnd()
    const other = await nl.createNetns()
    // Handles without a socket yet: it is opened during the call.
    const [from, to] = [await nl.openNetns(netns), await nl.openNetns(other)]
    const near = { name: 'near', netns: from }
    const made = {
      moveLink: () => nl.moveLink('eth0', to, { name: 'far', netns: from }),
      createVethPair: () => nl.createVethPair(near, { name: 'far', netns: to }),
    }[call]!()
    for (const handle of [from, to, netns]) handle.close()
    await made
    expect(await other.getLink('far')).toMatchObject({ name: 'far' })
    other.close()
    await deletions.of(end)
  })

  it('is not kept by calls that name it', async () => {
    const { netns, end } = await withEnd()
    for (const where of [netns, { fd: netns.fd }]) {
      await nl.listLinks({ netns: where })
      await nl.getSysctl('net.ipv4.ip_forward', { netns: where })
      await nl.getNsid(where)
    }
    netns.close()
    await deletions.of(end)
  })

  it('is kept by a process in it', async () => {
    const { netns, end } = await withEnd()
    const child = netns.spawnInNetns('cat')
    netns.close()
    child.stdin!.write('there\n')
    await new Promise((resolve) => child.stdout!.once('data', resolve))
    await anotherGoes()
    expect(deletions.names).not.toContain(end)
    child.stdin!.end()
    await deletions.of(end)
  })
})

it('a named one goes when its name and its handles have gone', async () => {
  const deletions = new Deletions()
  const name = `lasting-${process.pid}`
  const { nl } = FACES[1]
  const netns = nl.createNetns(name)
  nl.createVethPair({ name: 'lasting0' }, { name: 'eth0', netns })
  netns.close()
  expect(ip('link show dev eth0', name)).toContain('eth0')
  nl.deleteNetns(name)
  await deletions.of('lasting0')
  deletions.close()
})

describe.each(['nl', 'sync'])('what is collected unclosed (%s)', (face) => {
  const collect = `
    ;(await ${face}.createNetns()).close()
    await ${face}.listLinks()
    const warnings = []
    process.on('warning', ({ name, message }) => warnings.push([name, message]))
    const before = openFds()
    const nothingMore = async () => {
      // Every turn lets finalizers run; that they do is what is tested, and the program's time is limited.
      while (openFds() > before) {
        gc()
        await new Promise((resolve) => setImmediate(resolve))
      }
      await new Promise((resolve) => setImmediate(resolve))
    }`

  it.each([
    ['without a name, with a warning', '', 1],
    ['with a name, in silence', `'collected-${process.pid}-${face}'`, 0],
  ])('is closed: %s', async (_, name, warnings) => {
    const source = `
      ${collect}
      await (async () => { await (await ${face}.createNetns(${name})).listLinks() })()
      await nothingMore()
      print(warnings)`
    const program_ = program(source, { nodeOptions: ['--expose-gc', '--no-warnings'] })
    const text = 'an unnamed namespace was collected without close(): it is closed now'
    expect(await lines(program_)).toEqual([Array(warnings).fill(['NetlinkWarning', text])])
    if (name !== '') execFileSync('ip', ['netns', 'delete', name.slice(1, -1)])
  })

  it('says nothing of what was closed', async () => {
    const source = `
      ${collect}
      await (async () => { (await ${face}.createNetns()).close() })()
      await nothingMore()
      for (let i = 0; i < 10; i++) {
        gc()
        await new Promise((resolve) => setImmediate(resolve))
      }
      print(warnings)`
    expect(await lines(program(source, { nodeOptions: ['--expose-gc', '--no-warnings'] }))).toEqual([[]])
  })
})
