/** TUN and TAP devices: made as `ip tuntap` makes them, opened, and packets passed through their descriptors. */

import { spawn, spawnSync } from 'node:child_process'
import { closeSync, readdirSync, readSync, writeSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { type CreateTuntapOptions, listLinks, openNetns, type TuntapMode } from '../../src/index.js'
import { noteFeature } from './feature.js'
import { expectAllLikeIp, namesIn } from './link-oracle.js'
import { expectRefused, hasTun, NO_TUN } from './needs.js'
import { FACES, ip, ipJson, type Printed, withNetns } from './support.js'

const has = hasTun()
beforeEach((context) => noteFeature(context, { group: 'kind', name: 'tun', lacks: !has }))

/** What `ip tuntap add` takes for the same. */
const MADE: { ip: string; options: Omit<CreateTuntapOptions, 'name' | 'signal'> }[] = [
  { ip: 'mode tun', options: { mode: 'tun' } },
  { ip: 'mode tun pi', options: { mode: 'tun', packetInfo: true } },
  { ip: 'mode tap', options: { mode: 'tap' } },
  { ip: 'mode tap user 54321 group 54322', options: { mode: 'tap', owner: 54321, group: 54322 } },
  {
    ip: 'mode tap user 54323 multi_queue vnet_hdr',
    options: { mode: 'tap', owner: 54323, multiQueue: true, vnetHdr: true },
  },
]

const OPENED: TuntapMode[] = [
  { mode: 'tun' },
  { mode: 'tun', packetInfo: true },
  { mode: 'tap' },
  { mode: 'tap', vnetHdr: true },
  { mode: 'tap', vnetHdr: true, multiQueue: true },
]

/** What ip prints of a device, without what is its own. */
function printed(name: string, netns: string): Printed {
  const { ifname, ...tuntap } = ipJson('tuntap show', netns).find((one) => one['ifname'] === name)!
  const { ifindex, ifname: __, address, ...link } = ipJson(`link show dev ${name}`, netns)[0]!
  expect([ifname, __, ifindex > 0]).toEqual([name, name, true])
  return { tuntap, link }
}

/** Answers the first ICMP echo request among the packets of a device: `before` is what stands before the IP packet. */
function answerPing(fds: readonly number[], before: number, isTap: boolean): boolean {
  for (const fd of fds) {
    for (;;) {
      const packet = read(fd)
      if (packet === null) break
      const at = before + (isTap ? 14 : 0)
      const isEcho = packet[at] === 0x45 && packet[at + 9] === 1 && packet[at + 20] === 8
      if (!isEcho) continue
      const reply = Buffer.from(packet)
      if (isTap) {
        packet.copy(reply, before, before + 6, before + 12)
        packet.copy(reply, before + 6, before, before + 6)
      }
      packet.copy(reply, at + 12, at + 16, at + 20)
      packet.copy(reply, at + 16, at + 12, at + 16)
      reply[at + 20] = 0
      // The type is 8 less, so that the checksum is 0x0800 more, in one's complement.
      const sum = reply.readUInt16BE(at + 22) + 0x0800
      reply.writeUInt16BE((sum & 0xffff) + (sum >>> 16), at + 22)
      expect(writeSync(fd, reply)).toBe(reply.length)
      return true
    }
  }
  return false
}

/** A packet; null while there is none. */
function read(fd: number): Buffer | null {
  const buffer = Buffer.alloc(2048)
  try {
    return buffer.subarray(0, readSync(fd, buffer))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    return null
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

if (!has) {
  describe.each(FACES)('TUN and TAP devices, $face, where they may not be made', ({ nl }) => {
    it('are refused', () =>
      withNetns(async (netns) => {
        for (const mode of ['tun', 'tap'] as const) {
          await expectRefused(() => nl.createTuntap({ name: 'dev0', mode, netns }), NO_TUN)
          await expectRefused(() => nl.openTuntap('dev0', { mode, netns }), NO_TUN)
        }
        expect(namesIn(netns)).toEqual([])
      }))
  })
} else {
  describe.each(FACES)('TUN and TAP devices, $face', ({ nl }) => {
    it.each(MADE)('$ip', ({ ip: command, options }) =>
      withNetns(async (netns) => {
        ip(`tuntap add dev theirs ${command}`, netns)
        const made = await nl.createTuntap({ name: 'ours', ...options, netns })
        const { mode, packetInfo = false, vnetHdr = false, multiQueue = false } = options
        const { owner = null, group = null } = options
        expect(made).toMatchObject({ name: 'ours', kind: 'tun' })
        expect(made.data).toMatchObject({ type: mode, persist: true, pi: packetInfo, vnetHdr, multiQueue })
        const { owner: user = null, group: users = null } = made.data as { owner?: number; group?: number }
        expect([user, users]).toEqual([owner, group])
        expect(printed('ours', netns)).toEqual(printed('theirs', netns))
        await expectAllLikeIp(async () => listLinks({ include: ['afSpec'], netns }), netns)
        await nl.deleteLink('ours', { netns })
        await nl.deleteLink('theirs', { netns })
        expect(namesIn(netns)).toEqual([])
      }),
    )

    it('get their settings, addresses and routes when they are made', () =>
      withNetns(async (netns) => {
        const bridge = await nl.createBridge({ name: 'br0', netns })
        const port = { mode: 'tap', master: 'br0', mtu: 1400, mac: '02:00:00:00:00:07', up: true } as const
        expect(await nl.createTuntap({ name: 'tap0', ...port, netns })).toMatchObject({
          master: bridge.ifindex,
          mtu: 1400,
          mac: '02:00:00:00:00:07',
          up: true,
        })
        const routed = {
          addresses: ['10.9.0.1/24'],
          routes: [{ to: '10.8.0.0/16', via: '10.9.0.2' }],
          up: true,
        }
        await nl.createTuntap({ name: 'tun0', mode: 'tun', ...routed, netns })
        expect(ipJson('route show 10.8.0.0/16', netns)).toMatchObject([{ gateway: '10.9.0.2', dev: 'tun0' }])
      }))

    it('leave nothing behind where they cannot be made whole', () =>
      withNetns(async (netns) => {
        const name = 'tap0'
        for (const settings of [
          { master: 'absent' },
          { mtu: 1 },
          { addresses: ['10.0.0.1/8', '10.0.0.1/8'] },
        ])
          await expect(async () =>
            nl.createTuntap({ name, mode: 'tap', ...settings, netns }),
          ).rejects.toThrow()
        expect(namesIn(netns)).toEqual([])
      }))

    it.each(OPENED)('opened as %j, pass packets', (options) =>
      withNetns(async (netns) => {
        const { mode, packetInfo = false, vnetHdr = false, multiQueue = false } = options
        await nl.createTuntap({ name: 'dev0', ...options, addresses: ['10.9.0.1/24'], up: true, netns })
        if (mode === 'tap') ip('neighbour add 10.9.0.2 lladdr 02:00:00:00:00:09 dev dev0', netns)
        const fds: number[] = []
        try {
          for (let queue = 0; queue < (multiQueue ? 3 : 1); queue++)
            fds.push(await nl.openTuntap('dev0', { ...options, netns }))
          if (multiQueue)
            expect(await nl.getLink('dev0', { netns })).toMatchObject({ data: { numQueues: 3 } })
          // Until the first answer: what is sent before the carrier is there (a work queue of the kernel sees to it) is dropped.
          const ping = spawn('ip', `netns exec ${netns} ping -c1 -w10 -i0.2 10.9.0.2`.split(' '), {
            stdio: 'ignore',
          })
          const status = new Promise((resolve) => ping.on('close', resolve))
          const before = (packetInfo ? 4 : 0) + (vnetHdr ? 10 : 0)
          while (!answerPing(fds, before, mode === 'tap') && ping.exitCode === null) await turn()
          expect(await status).toBe(0)
        } finally {
          for (const fd of fds) closeSync(fd)
        }
      }),
    )

    it('go with their descriptor where opening made them, and are handed to programs', () =>
      withNetns(async (netns) => {
        const fd = await nl.openTuntap('tap7', { mode: 'tap', netns })
        expect(await nl.getLink('tap7', { netns })).toMatchObject({ data: { persist: false } })
        await nl.setLink('tap7', { up: true, netns })
        const before = (await nl.getLink('tap7', { include: ['stats'], netns })).stats!.rxPackets
        const stdio = ['pipe', 'inherit', 'inherit', fd] as const
        const frame = Buffer.alloc(60, 1)
        expect(spawnSync('sh', ['-c', 'cat >&3'], { input: frame, stdio: [...stdio] }).status).toBe(0)
        expect((await nl.getLink('tap7', { include: ['stats'], netns })).stats!.rxPackets).toBe(before + 1)
        closeSync(fd)
        expect(namesIn(netns)).toEqual([])
      }))

    it('are made in the namespace of the process, or of a handle', async () => {
      await nl.createTuntap({ name: 'own-tap0', mode: 'tap' })
      expect(ipJson('link show dev own-tap0')).toHaveLength(1)
      await nl.deleteLink('own-tap0')
      using unnamed = await nl.createNetns()
      await unnamed.createTuntap({ name: 'tap0', mode: 'tap' })
      closeSync(await unnamed.openTuntap('tap0', { mode: 'tap' }))
      expect((await unnamed.listLinks()).map(({ name }) => name)).toEqual(['lo', 'tap0'])
    })

    it('that cannot be made or opened say why', () =>
      withNetns(async (netns) => {
        await nl.createTuntap({ name: 'tap0', mode: 'tap', netns })
        const where = `tap device 'tap0' in namespace '${netns}'`
        await expect(async () => nl.createTuntap({ name: 'tap0', mode: 'tap', netns })).rejects.toMatchObject(
          {
            code: 'EBUSY',
            message: expect.stringContaining(where),
            advice: 'an interface with this name exists already',
          },
        )
        await expect(async () => nl.openTuntap('tap0', { mode: 'tun', netns })).rejects.toMatchObject({
          code: 'EINVAL',
          advice: expect.stringContaining('another mode'),
        })
        await expect(async () => nl.openTuntap('lo', { mode: 'tap', netns })).rejects.toMatchObject({
          code: 'EINVAL',
        })
        const fd = await nl.openTuntap('tap0', { mode: 'tap', netns })
        await expect(async () => nl.openTuntap('tap0', { mode: 'tap', netns })).rejects.toMatchObject({
          code: 'EBUSY',
          advice: expect.stringContaining('multiQueue'),
        })
        closeSync(fd)
      }))
  })

  describe('TUN and TAP devices, when the call is aborted while it runs', () => {
    const descriptors = () => readdirSync('/proc/self/fd').length

    it('leave neither a descriptor nor a device', () =>
      withNetns(async (netns) => {
        using handle = await openNetns(netns)
        // The thread that does it stays, with a descriptor of its home, and so does the handle's socket.
        closeSync(await handle.openTuntap('tap0', { mode: 'tap' }))
        await handle.listLinks()
        const before = descriptors()
        const calls = [
          (signal: AbortSignal) => handle.openTuntap('tap0', { mode: 'tap', signal }),
          (signal: AbortSignal) => handle.createTuntap({ name: 'tap0', mode: 'tap', up: true, signal }),
        ]
        for (const begin of [...calls, ...calls]) {
          const controller = new AbortController()
          const running = begin(controller.signal)
          controller.abort()
          await expect(running).rejects.toMatchObject({ name: 'AbortError' })
          expect(descriptors()).toBe(before)
          expect(namesIn(netns)).toEqual([])
        }
      }))
  })
}
